# SPDX-License-Identifier: Apache-2.0
"""1 to 32 harts, and VMs of them; Linux' harts that go and come back."""

import pytest

import common
import harness
from common import LINUX, RT
from test_smp import probe_vm, run, test_each_vm_has_its_cpus_and_ends_by_itself, test_vms_without_a_console_run_as_well  # noqa: F401


def test_harts_of_linux_go_off_and_come_back():
    with common.machine("linux-hotplug", [LINUX, RT]) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        for _ in range(4):
            assert m.command_output("linux", "echo 0 > /sys/devices/system/cpu/cpu1/online; nproc").strip()[-1:] == "1"
            assert m.command_output("linux", "echo 1 > /sys/devices/system/cpu/cpu1/online; nproc").strip()[-1:] == "2"
        m.send("linux", "poweroff -f\n")
        common.ended(m, "linux")
        common.quit_rt(m, rt)


def test_linux_on_many_harts_beside_two_others_on_a_board_of_eight():
    vms = [dict(LINUX, vcpus=6), RT, probe_vm(2, 1)]
    with common.machine("linux6", vms, extra=["-smp", "8"]) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "6"
        for cpu in range(6):
            assert m.command_output("linux", "taskset -c %d sh -c 'seq 500 | wc -l'" % cpu).strip() == "500"
        m.send("linux", "poweroff -f\n")
        common.ended(m, "linux")
        common.quit_rt(m, rt)


def test_board_with_more_harts_than_the_limit_is_refused_in_one_line():
    with pytest.raises(harness.BootError) as refused:
        harness.pack("smp33", [probe_vm(0, 1)], extra=["-smp", "33"])
    lines = [line for line in str(refused.value).split("\n") if "error" in line]
    assert len(lines) == 1 and "more than 32 CPUs" in lines[0], refused.value


def test_plan_of_eight_harts_runs_on_a_board_of_nine():
    """Which harts those are is the plan's; the firmware must have chosen one of them to boot."""
    vm = common.probe_vm("cpuon", 8)
    image = harness.pack("smp8of9", [vm], extra=["-smp", "8"])
    with common.machine("smp8of9", [vm], extra=["-smp", "9"], packed=image) as m:
        m.allow(r"\[hv\] stopped: the boot CPU \(id 0x8\) is not in the plan")
        m.expect("hv", "all VMs ended; powering off|stopped: the boot CPU")
