# SPDX-License-Identifier: Apache-2.0
"""The RISC-V guests on plain QEMU under OpenSBI, without a hypervisor: what they show under Bulkhead they must show
here first: on the board's interrupt controller, with and without Sstc."""

import re

import pytest

import harness

OPTIONS = ["-smp", "2", "-m", "256M", "-nic", "none", "-display", "none", "-monitor", "none", "-no-reboot"]
# The machine is the board's but for its hypervisor; CPUs are all that guests may meet.
MACHINE = {"virt-plic": "virt", "virt-aia": "virt,aia=aplic-imsic"}[harness.BOARD]
CPUS = {"rv64": "rv64", "max": "max", "no-sstc": "rv64,sstc=off"}

# Facts that hold on all of them, by test.
FACTS = {
    "cpuon": ["CPU_ON = 0", "came alive = 1", "CPU_ON again = -6", "went off = 1"],
    "ipi": ["to self = 200", "from strange targets = 0", "answered by the other = 200"],
    "timer": ["virtual = 50", "firmware = 50", "too early = 0", "of the past = 1"],
    "uart": ["transmitter empty = 50", "characters = 3", "interrupts = 1"],
    "suspend": ["retentive = 0", "as long as the timer = 1", "interrupts = 1"],
    "legacy": ["IPIs = 1", "timer interrupts = 1"],
    "rfence": ["error = 0", "new page seen = 30", "new code run = 30"],
    "smp": ["CPUs in the tree = 2", "IPIs taken = 80", "good = 1"],
    "memory": ["bad = 0"],
    "dbcn": ["write = 0 value 30", "write nothing = 0 value 0", "write of two pages = 0 some 1"],
    "walls": ["read 4 = fault cause 0x5 tval 0x10", "write 1 = fault cause 0x7 tval 0x10",
              "fetch = fault cause 0x1 tval 0x10"],
    "calls": ["function 0 = -2 value 0x0"],
    "sysregs": ["mstatus read = fault cause 0x2 tval 0x30002573", "time write = fault cause 0x2 tval 0xc0151073"],
}


@pytest.fixture(params=sorted(CPUS))
def cpu(request):
    return request.param


def machine(cpu, image, console, extra=()):
    return harness.Machine(image, [console], options=["-M", MACHINE, "-cpu", CPUS[cpu], *OPTIONS, *extra],
                           name="native-%s-%s" % (cpu, console))


def test_real_time_guest_runs_without_a_hypervisor(cpu):
    with machine(cpu, harness.guest("rt.bin"), "rt") as m:
        name = "the firmware's timer" if cpu == "no-sstc" else "the supervisor timer"
        m.expect("rt", "1000 Hz by %s, interrupt 5" % name)
        harness.RtWatch(m).wait_for(1000)
        m.send("rt", "xq")
        m.expect("rt", "powering off")
        assert m.wait_exit() == 0


def test_probe_guest_finds_what_it_must_without_a_hypervisor(cpu):
    facts = dict(FACTS)
    if harness.BOARD == "virt-aia":
        facts["msi"] = FACTS["ipi"]
    # OpenSBI does not survive a bad buffer, so that the address of the walls is another test's.
    tests = [t for t in facts if t != "dbcn"]
    run(cpu, "cpus=2 keys=3 a0=0x10 test=" + ",".join(tests), {t: facts[t] for t in tests})
    run(cpu, "cpus=2 test=dbcn", {"dbcn": facts["dbcn"]})


def run(cpu, words, facts):
    with machine(cpu, harness.guest("probe.bin"), "probe", ["-append", words]) as m:
        if "uart" in facts:
            m.expect("probe", "uart: type 3 characters")
            m.send("probe", "abc")
        m.expect("probe", "probe: all done")
        text = m.consoles["probe"].text()
        for test, lines in facts.items():
            for line in lines:
                assert re.search(r"^probe: %s: %s$" % (test, re.escape(line)), text, re.M), m.report(test + ": " + line)
        assert m.wait_exit() == 0


def test_linux_boots_without_a_hypervisor(cpu):
    extra = ["-initrd", str(harness.guest("initramfs.cpio")), "-append", "console=ttyS0 quiet"]
    with machine(cpu, harness.IMAGES / "debian/Image", "linux", extra) as m:
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        m.send("linux", "poweroff -f\n")
        assert m.wait_exit() == 0
