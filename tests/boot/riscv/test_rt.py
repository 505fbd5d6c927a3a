# SPDX-License-Identifier: Apache-2.0
"""The real-time guest alone, and what the boot log says."""

import re

import pytest

import common
import harness


@pytest.mark.parametrize("smp", [1, 2, 4])
def test_real_time_guest_runs_alone(smp):
    with common.machine("rt-smp%d" % smp, [common.RT], extra=["-smp", str(smp)]) as m:
        harness.RtWatch(m).wait_for(1000)
        common.quit_rt(m)


def test_any_hart_may_be_the_one_that_boots():
    """The firmware lets chance decide. Two on each hart, so that whichever does not boot is started as well."""
    vms = [dict(common.RT, name="rt%d" % n, cpus="<%d>" % n) for n in range(4)]
    image = harness.pack("rt-any", vms)
    harts = set()
    for n in range(12):
        with common.machine("rt-any", vms, packed=image) as m:
            for vm in vms:
                harness.RtWatch(m, vm["name"]).wait_for(20)
            harts.add(re.search(r"Boot HART ID\s*: (\d)", m.consoles["uart"].text()).group(1))
        if n >= 3 and len(harts) > 1:
            break
    assert len(harts) > 1, harts


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
