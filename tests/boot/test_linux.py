# SPDX-License-Identifier: Apache-2.0
"""Debian's unmodified Linux under Bulkhead, beside the real-time guest."""

import re

import pytest

import harness

LINUX = {"name": "linux", "vcpus": min(2, harness.CPUS - 1), "memory": "256M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": "console=%s quiet" % harness.TTY, **harness.uart(0)}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}


def run_pair(name, vcpus, extra):
    """Boots both, uses Linux's CPUs, powers Linux off, sees the other run on, ends."""
    image = harness.pack(name, [dict(LINUX, vcpus=vcpus), RT], extra=extra)
    with harness.Machine(image, ["linux", "rt"], extra=extra, name=name) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == str(vcpus)
        # Every CPU runs something of its own and is interrupted by the others meanwhile.
        for cpu in range(vcpus):
            assert m.command_output("linux", "taskset -c %d sh -c 'seq 3000 | wc -l'" % cpu).strip() == "3000"
        interrupts = m.command_output("linux", "cat /proc/interrupts")
        counts = re.search(r"((?:\s+\d+)+)\s+(?:GICv3|GIC-0)\s+\d+\s+Level\s+arch_timer", interrupts)
        assert counts and len(counts.group(1).split()) >= vcpus, interrupts
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        rt.goes_on(1000)
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


@pytest.mark.parametrize("cpu", harness.CPU_KINDS)
def test_linux_boots_on_two_cpus_beside_the_real_time_guest(cpu):
    """On one, where the board has two."""
    run_pair("linux-" + cpu, LINUX["vcpus"], harness.cpu(cpu))


@pytest.mark.parametrize("smp", range(2, harness.CPUS + 1))
def test_linux_gets_all_cpus_but_one_of_boards_with_fewer(smp):
    run_pair("linux-smp%d" % smp, smp - 1, harness.smp(smp))


def test_linux_runs_alone_on_all_cpus():
    image = harness.pack("linux-alone", [dict(LINUX, vcpus=harness.CPUS)])
    with harness.Machine(image, ["linux", "rt"], name="linux-alone") as m:
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == str(harness.CPUS)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


def test_reboot_of_linux_ends_that_vm_with_a_message_and_the_other_runs_on():
    image = harness.pack("linux-reboot", [LINUX, RT])
    with harness.Machine(image, ["linux", "rt"], name="linux-reboot") as m:
        rt = harness.RtWatch(m)
        m.allow(r"vm linux: reset requested; ended")
        m.expect("linux", "linux# ")
        m.send("linux", "reboot -f\n")
        m.expect("linux", r"\[hv\] vm linux: reset requested; ended")
        rt.goes_on(1000)
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


@harness.on(LINUX["vcpus"] == 2)
def test_cpus_of_linux_go_off_and_come_back():
    image = harness.pack("linux-hotplug", [LINUX, RT])
    with harness.Machine(image, ["linux", "rt"], name="linux-hotplug") as m:
        m.expect("linux", "linux# ")
        for _ in range(5):
            assert m.command_output("linux", "echo 0 > /sys/devices/system/cpu/cpu1/online; nproc").strip()[-1:] == "1"
            assert m.command_output("linux", "echo 1 > /sys/devices/system/cpu/cpu1/online; nproc").strip()[-1:] == "2"
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        m.send("rt", "q")
        assert m.wait_exit() == 0


@harness.on(harness.VIRT)
def test_each_vm_may_have_a_uart_of_its_own():
    image = harness.RUNS / "two-uarts.img"
    harness.hvplan(harness.ROOT / "guests/systems/two-uarts.dts", image)
    with harness.Machine(image, ["linux", "rt"], name="two-uarts") as m:
        rt = harness.RtWatch(m)
        m.expect("linux", r"\[hv\] console: lent to vm linux; only reports from here on")
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0
