# SPDX-License-Identifier: Apache-2.0
"""1 to 32 CPUs and 1 to 32 VMs: each VM has its vCPUs and no more, IPIs go between all of them, each ends by itself, and then
the board."""

import re

import pytest

import harness

ROUNDS = {"armv8": 20, "riscv": 3}[harness.ARCH]  # each of RISC-V has fences at all harts besides, by the firmware
FIRMWARE, IPIS = {"armv8": ("PSCI", "SGIs"), "riscv": ("HSM", "IPIs")}[harness.ARCH]  # as the guest calls them


OF_GICV3 = harness.on(harness.GIC == 3 and harness.VIRT)
MOST_CPUS = 8 if harness.GIC == 2 else 32  # of a GICv2, which has so many CPU interfaces, and of the hypervisor


def probe_vm(n, vcpus):
    return {"name": "vm%d" % n, "vcpus": vcpus, "memory": harness.SMALL, "image": "guests/probe.bin",
            "bootargs": "test=smp cpus=%d rounds=%d" % (vcpus, ROUNDS)}


def assert_good(m, vm, vcpus):
    # Without white space: the shared console may break the lines of the VM that has the input.
    text = re.sub(r"\s+", "", m.consoles[vm].text())
    assert re.findall(r"probe:smp:(\w+)=(\d+)(?=probe:)", text) == [
        ("CPUsinthetree", str(vcpus)), (FIRMWARE + "agrees", "1"), ("allstarted", "1"), ("allbutoneoffagain", "1"),
        (IPIS + "taken", str(ROUNDS * vcpus * vcpus)), ("good", "1")], m.report(vm)


def run(name, image, vcpus, extra):
    vms = ["vm%d" % n for n in range(len(vcpus))]
    with harness.Machine(image, ["uart"], extra=extra, name=name, shared=vms) as m:
        # The order in which they end is nobody's; a VM that found something wrong says "reset", which fails the run.
        m.expect("hv", "all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert sorted(re.findall(r"vm (\w+): powered off", m.consoles["hv"].text())) == sorted(vms)
        for vm, count in zip(vms, vcpus):
            assert_good(m, vm, count)


SYSTEMS = [(1, [1]), (2, [1, 1]), (3, [3]), (4, [1, 1, 1, 1]), (5, [2, 3]), (6, [1, 4, 1]), (7, [1, 1]), (8, [2, 3, 1, 2]),
           (8, [8]), (20, [8, 8, 4]), (32, [1] * 32)]


@pytest.mark.parametrize("smp, vcpus", [
    s for s in SYSTEMS if harness.VIRT and s[0] <= MOST_CPUS or s[0] == harness.CPUS or s[0] < harness.CPUS == 4
], ids=lambda v: str(v) if isinstance(v, int) else "+".join(map(str, v)) if len(v) < 9 else "%d of %d" % (len(v), v[0]))
def test_each_vm_has_its_cpus_and_ends_by_itself(smp, vcpus):
    name = "smp%d-%s" % (smp, "".join(map(str, vcpus))) if smp < 32 else "smp32"
    extra = harness.smp(smp)
    run(name, harness.pack(name, [probe_vm(n, v) for n, v in enumerate(vcpus)], extra=extra), vcpus, extra)


def test_vms_without_a_console_run_as_well():
    """They can only say how they end."""
    silent = [dict(probe_vm(n, harness.CPUS // 2), console="none") for n in range(2)]
    image = harness.pack("smp-silent", silent)
    with harness.Machine(image, ["hv"], name="smp-silent") as m:
        m.expect("hv", "all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert sorted(re.findall(r"\[hv\] vm (\w+): powered off", m.consoles["hv"].text())) == ["vm0", "vm1"]


# On virt-gicv2 each tick takes its VM's lock twice, and QEMU's eight CPU threads hand it on by the time slices of a host with
# fewer cores: six CPUs that tick at once come up in minutes (README.md, limits).
LINUX_CPUS = 6 if harness.GIC == 3 else 4


@harness.on(harness.VIRT)
def test_linux_on_many_cpus_beside_two_others_on_a_board_of_eight():
    extra = ["-smp", "8"]
    linux = {"name": "linux", "vcpus": LINUX_CPUS, "memory": "256M", "image": "debian/Image",
             "initrd": "guests/initramfs.cpio", "bootargs": "console=ttyAMA0 quiet", "devices": "/pl011@9000000"}
    rt = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}
    image = harness.pack("linux6", [linux, rt, probe_vm(2, 1)], extra=extra)
    with harness.Machine(image, ["linux", "rt"], extra=extra, name="linux6") as m:
        ticks = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == str(LINUX_CPUS)
        for cpu in range(LINUX_CPUS):
            assert m.command_output("linux", "taskset -c %d sh -c 'seq 500 | wc -l'" % cpu).strip() == "500"
        ticks.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        ticks.goes_on(500)
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


# A GICv2 has eight CPU interfaces at most, so there is no such board.
@OF_GICV3
def test_board_with_more_cpus_than_the_limit_is_refused_in_one_line():
    with pytest.raises(harness.BootError) as refused:
        harness.pack("smp33", [probe_vm(0, 1)], extra=["-smp", "33"])
    lines = [line for line in str(refused.value).split("\n") if "error" in line]
    assert len(lines) == 1 and "more than 32 CPUs" in lines[0], refused.value


@OF_GICV3
def test_plan_of_eight_cpus_runs_on_a_board_of_nine():
    image = harness.pack("smp8of9", [probe_vm(0, 8)], extra=["-smp", "8"])
    run("smp8of9", image, [8], ["-smp", "9"])
