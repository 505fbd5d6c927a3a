# SPDX-License-Identifier: Apache-2.0
"""Restart of one VM beside another on RISC-V boards: its registers, the interrupt controller's state of its device and the
hypervisor's own words are as at the first instruction of the first life."""

import pytest

import common
import harness
from common import LINUX, RT
from test_restart import (AGAIN, restarts_leave_every_word_as_at_the_first_boot,
                          test_a_vm_that_faults_restarts_with_a_report_of_each,  # noqa: F401
                          test_the_second_cpu_begins_each_life_as_its_first)  # noqa: F401


# WALL-FW-3
@pytest.mark.parametrize("cpu", ["rv64", "rv64,v=true", "rv64,sstc=off,smstateen=on"])
def test_restarts_leave_every_word_as_at_the_first_boot(cpu):
    again = dict(AGAIN, devices="/soc/rtc@101000")  # whose interrupt is in service at the end of each life
    restarts_leave_every_word_as_at_the_first_boot(again, (1, 1, 1, 47), ["-cpu", cpu])


def test_linux_reboots_four_times_while_the_real_time_guest_goes_on():
    vms = [dict(LINUX, memory="128M", **{"on-reset": "restart"}), RT]
    with common.machine("restart-linux", vms) as m:
        m.allow("vm linux: restarted")
        rt = harness.RtWatch(m)
        for n in range(1, 5):
            m.expect("linux", "linux# ")
            assert m.command_output("linux", "nproc").strip() == "2"
            m.send("linux", "reboot -f\n")
            m.expect("hv", r"vm linux: restarted \(%d\)" % n)
            rt.goes_on(300)
        m.expect("linux", "linux# ")
        m.send("linux", "poweroff -f\n")
        common.ended(m, "linux")
        common.quit_rt(m, rt)
