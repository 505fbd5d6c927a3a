# SPDX-License-Identifier: Apache-2.0
"""A machine whose memory holds something: what a loader left where the hypervisor has its .bss, its .noinit and its stacks, and behind the
plan its page tables; and where it moves to. The image has zeros there, so a boot without this shows nothing of what is not cleared."""

import re

import pytest

import harness
from shown import show
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


def dirty_home(name):
    """QEMU's options that fill the memory of the hypervisor's four colours of 16, and what is between."""
    home = re.search(r"hypervisor: moved to colours \S+ of 16, from (0x\w+) on", show(harness.RUNS / (name + ".dts"))).group(1)
    dirt = harness.RUNS / (name + ".dirt")
    dirt.write_bytes(bytes([DIRT]) * (harness.HV_REGION * 4))
    return ["-device", "loader,file=%s,addr=%s,force-raw=on" % (dirt, home)]


@pytest.mark.parametrize("where", COLOURS)
def test_what_memory_holds_at_boot_makes_no_difference(where):
    name = "dirty-" + where
    image = dirty(harness.pack(name, [AGAIN, RT], root=COLOURS[where]))
    extra = dirty_home(name) if where == "moved" else []
    with harness.Machine(image, **harness.consoles("again", "rt"), extra=extra, name=name) as m:
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
