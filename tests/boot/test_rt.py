# SPDX-License-Identifier: Apache-2.0
"""The real-time guest alone, and what the boot log says."""

import pytest

import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}


@pytest.mark.parametrize("smp", [n for n in (1, 2, 4) if harness.BOARD != "versal" or n == harness.CPUS])
def test_real_time_guest_runs_alone(smp):
    extra = harness.smp(smp)
    image = harness.pack("rt-smp%d" % smp, [RT], extra=extra)
    with harness.Machine(image, ["hv", "rt"], extra=extra, name="rt-smp%d" % smp) as m:
        harness.RtWatch(m).wait_for(1000)
        m.send("rt", "q")
        m.expect("hv", r"\[hv\] vm rt: powered off")
        m.expect("hv", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


def test_boot_log_says_what_is_in_force_before_the_first_guest_runs():
    """The guest's console is the hypervisor's too, so that the order is seen."""
    image = harness.pack("rt-log", [dict(RT, **harness.uart(0))])
    with harness.Machine(image, ["both", "none"], name="rt-log") as m:
        m.expect("both", "rt: armed")
        before = m.consoles["both"].text().split("rt: real-time")[0]
        for what in ("Bulkhead", harness.BOARD, "rt", "16 MiB", harness.UARTS[0], str(harness.UART_IRQS[0])):
            assert what in before, "the boot log does not name %s:\n%s" % (what, before)
        assert all(line.startswith("[hv] ") for line in before.strip().split("\n")), before
        m.send("both", "q")
        m.expect("both", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert m.consoles["none"].text() == ""
