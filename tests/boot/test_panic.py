# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own faults, in an image that makes them on a guest's command (tests/boot/faults): each ends in one line
that names CPU and cause, and in a halt of that CPU alone. What other CPUs do goes on, that of the same VM included; only
the VM whose vCPU is gone can never end, and with it the board never powers off by itself.

Two limits: a CPU that panics while it holds a lock keeps it, so whoever needs that lock hangs (none of these holds one);
and the line goes to a console that is lent to a VM, whose other vCPUs may print into it (here they are silent)."""

import contextlib
import re
import subprocess

import pytest

import harness
from test_el2_map import PAGE

FAULT_CALL = 0xc600fa00  # tests/boot/faults/faults.h
STACK, NULL, PHYSICAL, TEXT, FETCH, CHECK = range(6)
CPU = 2

PROBE = {"name": "probe", "vcpus": 2, "cpus": "<0 %d>" % CPU, "memory": "2M", "image": "guests/probe.bin",
         "devices": "/pl011@9000000"}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}
LINE = re.compile(r"^\[hv\] panic: cpu (\d+): own fault: (.*): syndrome 0x([0-9a-f]+) pc 0x([0-9a-f]+) "
                  r"address 0x([0-9a-f]+)$")

# The words, exception class, write?, type of the fault status, and the function that must hold the PC ("": none).
DATA, FETCHED = 0x25, 0x21
TRANSLATION, PERMISSION = 1, 3
CAUSES = {
    STACK: ("stack overflow", DATA, True, TRANSLATION, "fault_stack"),
    NULL: ("read of an address that is not mapped", DATA, False, TRANSLATION, "fault_null"),
    PHYSICAL: ("read of an address that is not mapped", DATA, False, TRANSLATION, "fault_physical"),
    TEXT: ("write to what is read-only", DATA, True, PERMISSION, "fault_text"),
    FETCH: ("execution of what is not code", FETCHED, False, PERMISSION, ""),
}


@pytest.fixture(scope="module")
def symbols():
    """{name: (address, size)} of the image with the faults"""
    text = subprocess.run(["aarch64-linux-gnu-nm", "-S", harness.hv_elf(build="faults")], check=True,
                          capture_output=True, text=True).stdout
    plain = re.findall(r"^([0-9a-f]+) (?:([0-9a-f]+) )?\w (\S+)$", text, re.M)
    return {name: (int(address, 16), int(size or "0", 16)) for address, size, name in plain}


@contextlib.contextmanager
def asked(name, build, kind):
    """vCPU 1 of the probe, on CPU 2, asks for the fault; vCPU 0 waits for a key."""
    system = harness.RUNS / (name + ".dts")
    system.parent.mkdir(parents=True, exist_ok=True)
    system.write_text(harness.system_text([dict(PROBE, bootargs="test=hvc cpus=2 f=0x%x" % (FAULT_CALL + kind)),
                                           dict(RT, cpus="<1>")]))
    image = harness.hvplan(system, system.with_suffix(".img"), elf=harness.hv_elf(build=build))
    with harness.Machine(image, ["probe", "rt"], name=name) as m:
        yield m


def panic_line(m):
    """The one line; then the rest of the machine is seen to run on."""
    rt = harness.RtWatch(m)
    m.allow(r"\[hv\] panic: cpu %d: " % CPU)
    m.expect("probe", r"\[hv\] panic: [^\n]*\n")
    rt.goes_on(500)
    m.send("probe", "g")  # the other vCPU of the VM that asked
    m.expect("probe", r"probe: hvc: CPU_ON = 0\r?\nprobe: hvc: answered = 0\r?\n")
    rt.goes_on(500)
    m.send("rt", "q")     # and an end of another VM, with its log line
    m.expect("probe", r"\[hv\] vm rt: powered off")
    lines = [line for line in m.consoles["probe"].lines() if "panic" in line]
    assert len(lines) == 1, m.report("not one line of panic")
    return lines[0]


@pytest.mark.parametrize("kind", CAUSES, ids=["stack", "null", "physical", "text", "fetch"])
def test_fault_of_the_hypervisor_ends_in_one_line_that_names_cpu_and_cause(kind, symbols):
    words, ec, write, fault, function = CAUSES[kind]
    with asked("panic-%s" % kind, "faults", kind) as m:
        line = panic_line(m)
        match = LINE.match(line)
        assert match, m.report(line)
        cpu, text = int(match.group(1)), match.group(2)
        esr, pc, far = (int(match.group(n), 16) for n in (3, 4, 5))
        assert (cpu, text) == (CPU, words), line
        assert esr >> 26 == ec and (esr >> 2 & 0xf) == fault, line
        assert ec == FETCHED or bool(esr & 1 << 6) == write, line
        if function:
            start, size = symbols[function]
            assert start <= pc < start + size, line
        where = {STACK: symbols["hv_window"][0] + 2 * CPU * PAGE, NULL: 0, PHYSICAL: 0x40200000,
                 TEXT: symbols["hv_trap"][0], FETCH: symbols["cell"][0]}[kind]
        assert far - where in range(PAGE) if kind == STACK else far == where, line
        assert kind != FETCH or pc == where, line


def test_failed_check_ends_in_one_line_that_names_cpu_condition_and_place():
    source = (harness.ROOT / "tests/boot/faults/faults.c").read_text().split("\n")
    number = 1 + next(n for n, text in enumerate(source) if "CHECK(cell" in text)
    with asked("panic-check", "faults", CHECK) as m:
        assert panic_line(m) == ("[hv] panic: cpu %d: CHECK failed: cell == 0U (tests/boot/faults/faults.c:%d)"
                                 % (CPU, number))


def test_image_that_is_shipped_has_no_such_command():
    """The control: the same guest on the image without the faults is told that there is no such call, and all ends well."""
    with asked("panic-none", harness.BUILD, STACK) as m:
        m.expect("probe", r"probe: hvc: came back")
        m.send("probe", "g")
        m.expect("probe", r"probe: hvc: answered = 1\r?\n")
        m.send("rt", "q")
        m.expect("probe", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0
    names = subprocess.run(["aarch64-linux-gnu-nm", harness.hv_elf()], check=True, capture_output=True, text=True).stdout
    assert "fault_" not in names.replace("own_fault_", "").replace("on_fault", "") and "__wrap" not in names
