# SPDX-License-Identifier: Apache-2.0
"""Direct doorbells: VMs that trust each other ring by a store to the other's interrupt file."""

import re

import pytest

import harness
from test_doorbells import probe, rings_in_each_life

ENDS = {"one": {"output": "4K"}, "two": {"output": "4K", "rate": 100000, "burst": 64}}
CHANNEL = {"memory": "4K", "doorbells": "direct", "endpoints": ENDS}


if harness.BOARD == "virt-aia":
    # WALL-IRQ-8
    def test_each_direct_ring_is_answered_without_an_exit_in_each_life():
        """In each life 200 rounds, in which VM one never leaves its guest."""
        lives, _ = rings_in_each_life("direct", CHANNEL, r".*; DIRECT DOORBELLS: one, two can raise any interrupt of its peers")
        for life in lives:
            assert "exits in them = 0\n" in life.replace("\r", ""), life
            assert "rung = some, busy = none" in life, life  # nobody counts them

    # WALL-IRQ-8
    def test_who_opted_in_is_interrupted_at_will_and_nobody_else():
        """VM one stores all there is to VM two's file. VM two may not ring, and has no file; VM three is in no channel, on the next CPU."""
        ends = {"one": {"output": "4K"}, "two": {"rate": 0}}
        vms = [probe("one", "bellabuse", cpus="<1>"), probe("two", "bellabuse,idwatch", cpus="<2>"), probe("three", "idwatch", cpus="<3>")]
        image = harness.pack("direct-abuse", vms, root={"channels": {"c": {"doorbells": "direct", "endpoints": ends}}})
        with harness.Machine(image, ["uart"], name="direct-abuse", shared=["one", "two", "three"]) as m:
            m.expect("two", r"watching \d+")
            m.expect("three", r"watching \d+")
            m.expect("one", "bellabuse: ready")
            m.send("one", "x")
            m.expect("one", "bellabuse: stored")
            for vm in ("two", "three"):
                m.send(vm, "x")
                m.expect(vm, r"idwatch: interrupts = \w+")
            m.kill()
            text = {vm: m.consoles[vm].text() for vm in ("one", "two", "three")}
        assert "files = 1, of mine = 1" in text["one"] and "files = 0, of mine = 1" in text["two"], text
        for vm in ("one", "two"):
            found = re.findall(r"bellabuse: (own file there|page \w+ the file|fetch from the file) = (\w+)", text[vm])
            assert [w for _, w in found] == ["fault"] * 4, text[vm]
        assert "the file itself = fault" in text["two"], text["two"]
        assert re.search(r"idwatch: interrupts = [1-9]", text["two"]), text["two"]
        assert re.search(r"idwatch: interrupts = 0\b", text["three"]), text["three"]

else:
    def test_a_board_without_interrupt_files_is_refused_by_name():
        with pytest.raises(harness.BootError) as e:
            harness.pack("direct-plic", [probe("one", "spin"), probe("two", "spin")], root={"channels": {"c": CHANNEL}})
        assert 'doorbells are "direct", and the board\'s interrupt controller, a PLIC, has no interrupt files' in str(e.value)
