# SPDX-License-Identifier: Apache-2.0
"""The real-time guest alone, and what the boot log says."""

import re

import pytest

import common
import gdbstub
import harness

FW_JUMP = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin"  # of the package opensbi
STEPS = 60  # from reset
ENTRY = 0x80200000  # of the hypervisor


@pytest.mark.parametrize("smp", [1, 2, 4])
def test_real_time_guest_runs_alone(smp):
    with common.machine("rt-smp%d" % smp, [common.RT], extra=["-smp", str(smp)]) as m:
        harness.RtWatch(m).wait_for(1000)
        common.quit_rt(m)


@pytest.mark.parametrize("hart", range(4))
def test_any_hart_may_be_the_one_that_boots(hart):
    """The firmware lets chance decide: the first that comes. Here that one alone runs until it enters the hypervisor, which
    takes a firmware to which QEMU has not named one."""
    vms = [dict(common.RT, name="rt%d" % n, cpus="<%d>" % n) for n in range(4)]
    with gdbstub.sockets() as (sockets, stop):
        with common.machine("rt-hart%d" % hart, vms, extra=[*sockets, "-S", "-bios", FW_JUMP]) as m:
            stub, _ = stop()
            for thread in [stub.threads[hart], *stub.threads]:  # past the draw: the others wait for who came first
                for _ in range(STEPS):
                    stub.step(thread)
            stub.breakpoint(ENTRY, True)
            assert stub.ask("vCont;c:" + stub.threads[hart]).startswith("T05thread:" + stub.threads[hart])
            stub.breakpoint(ENTRY, False)
            stub.resume()
            for vm in vms:
                harness.RtWatch(m, vm["name"]).wait_for(20)
            assert re.search(r"Boot HART ID\s*: %d" % hart, m.consoles["uart"].text()), m.report("another hart booted")


def test_boot_log_says_what_is_in_force_before_the_first_guest_runs():
    with common.machine("rt-log", [common.RT]) as m:
        m.expect("rt", "rt: armed")
        before = m.consoles["uart"].text().split("[rt] ")[0]
        before = before[before.index("[hv] "):]
        for what in ("Bulkhead", harness.BOARD, "rt", "16 MiB", "shared", "4 CPUs", "firmware version 0x2000000"):
            assert what in before, "the boot log does not name %s:\n%s" % (what, before)
        assert all(line.startswith("[hv] ") for line in before.strip().split("\n")), before
        common.quit_rt(m)


def test_a_vm_may_have_the_uart_itself():
    """Its own registers and interrupt; the hypervisor's reports go there too."""
    with common.machine("rt-uart", [dict(common.RT, devices="/soc/serial@10000000")]) as m:
        m.expect("hv", r"console: lent to vm rt; only reports from here on")
        m.expect("uart", r"rt: armed 1\d\d\d ")
        m.send("uart", "q")
        common.ended(m, "rt")
        common.ended(m)
