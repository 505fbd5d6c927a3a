# SPDX-License-Identifier: Apache-2.0
"""One UART for several VMs of RISC-V: an emulated 16550 in each, and the firmware's console calls."""

import pytest

import common
import harness
from test_console import (LINUX, assert_every_line_has_a_name,  # noqa: F401
                          test_a_flood_from_one_vm_keeps_neither_the_other_nor_its_lines_back,
                          test_any_cpu_may_serve_the_console, test_linux_and_the_real_time_guest_share_one_uart,
                          test_linux_restarts_on_the_shared_console_and_still_hears)


@pytest.mark.parametrize("earlycon, name", [("sbi", "sbi0"), ("uart8250,mmio,0x10000000", "uart8250")], ids=["sbi", "uart"])
def test_linux_says_everything_from_its_first_line_on(earlycon, name):
    vm = dict(LINUX, bootargs="console=ttyS0 earlycon=" + earlycon)
    with common.machine("earlycon-" + name, [vm]) as m:
        m.expect("linux", r"Linux version ")
        m.expect("linux", r"earlycon: %s at " % name)
        m.expect("linux", r"10000000.serial: ttyS0 at MMIO 0x10000000 \(irq = \d+, base_baud = \d+\) is a 16550A")
        m.expect("linux", "linux# ")
        m.send("linux", "poweroff -f\n")
        common.ended(m)
        assert_every_line_has_a_name(m)
