# SPDX-License-Identifier: Apache-2.0
"""Debian's U-Boot for RISC-V as an unmodified guest at supervisor level."""

import common
import harness
from test_uboot_guest import (RT, UBOOT, Prompt, test_three_vms_share_one_uart_linux_the_real_time_guest_and_uboot,  # noqa: F401
                              use)


def test_uboot_that_reads_what_is_not_its_own_says_so_and_restarts_alone():
    """Nobody is at 0x30000000; 0x84000000, behind its own 64 MiB, would be the board's RAM."""
    vms = [dict(UBOOT, **{"on-reset": "restart"}), RT]
    with common.machine("uboot-abort", vms) as m:
        m.allow("vm uboot: restarted")
        rt = harness.RtWatch(m)
        for n, address in enumerate((0x30000000, 0x84000000)):
            Prompt(m)
            m.send("uboot", "md 0x%x 1\n" % address)
            m.expect("uboot", r"Unhandled exception: Load access fault")
            m.expect("hv", r"vm uboot: restarted \(%d\)" % (n + 1))
            rt.goes_on(300)
        uboot = Prompt(m)
        use(uboot, 64 << 20)
        m.send("uboot", "poweroff\n")
        common.ended(m, "uboot")
        common.quit_rt(m, rt)
