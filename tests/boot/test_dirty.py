# SPDX-License-Identifier: Apache-2.0
"""A machine whose memory holds something: what a loader left where the hypervisor has its .bss, its .noinit and its stacks, and behind the
plan its page tables. The image has zeros there, so a boot without this shows nothing of what is not cleared."""

import pytest

import harness
from test_restart import AGAIN, RT

DIRT = 0xA5
COLOURS = {"loaded": {}, "moved": harness.in_colours("4-7")}


def dirty(image):
    """All of the region that is neither code, read-only data nor the plan."""
    sym = harness.symbols(harness.hv_elf())
    data = bytearray(image.read_bytes())
    begin, end = (sym[s] - sym["hv_text_start"] for s in ("hv_data_end", "hv_end"))
    plan_end = end + (64 << 10)
    assert not any(data[begin:end]) and data[end:end + 8] == b"BHKPLAN1" and not any(data[plan_end:harness.HV_REGION])
    data[begin:end] = [DIRT] * (end - begin)
    data[plan_end:harness.HV_REGION] = [DIRT] * (harness.HV_REGION - plan_end)
    image.write_bytes(data)
    return image


@pytest.mark.parametrize("where", COLOURS)
def test_what_memory_holds_at_boot_makes_no_difference(where):
    name = "dirty-" + where
    image = dirty(harness.pack(name, [AGAIN, RT], root=COLOURS[where]))
    with harness.Machine(image, **harness.consoles("again", "rt"), name=name) as m:
        rt = harness.RtWatch(m)
        for lives in (1, 2):
            m.expect("again", "again: alive")
            m.send("again", "r")
            m.expect(harness.hv_console("again"), r"vm again: restarted \(%d\)" % lives)
        m.expect("again", "again: alive")
        rt.wait_for(200)
        m.send("again", "q")
        m.send("rt", "q")
        m.expect(harness.hv_console("again"), r"all VMs ended; powering off")
        assert m.wait_exit() == 0
