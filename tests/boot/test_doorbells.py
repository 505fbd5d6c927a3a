# SPDX-License-Identifier: Apache-2.0
"""Doorbells of channels between two bare-metal guests, and what the discovery page tells them of each other."""

import re

import harness

CHANNEL = {"memory": "4K", "doorbells": None, "endpoints": {"one": {"output": "4K"}, "two": {"output": "4K", "rate": 100000, "burst": 64}}}


def probe(name, tests, **more):
    return {"name": name, "vcpus": 1, "memory": harness.SMALL, "image": "guests/probe.bin", "bootargs": "test=" + tests, **more}


def rings_in_each_life(name, channel, said):
    """VM one restarts for ever: in each life it rings its peer 200 times, waits each time to be rung back, and then floods it. The log
    says of the channel what is `said`. What VM one says in its first two lives, and which of its peers' states VM two tells."""
    one = probe("one", "bellcall,reset", **{"on-reset": "restart"})
    image = harness.pack(name, [one, probe("two", "bellserve")], root={"channels": {"c": channel}})
    with harness.Machine(image, ["uart"], name=name, shared=["one", "two"]) as m:
        m.allow(r"vm one: restarted \(\d+\)")
        m.expect("hv", r"channel c: one at IPA 0x\w+, two at IPA 0x\w+; " + said)
        m.expect("two", "peer = running 3")
        m.expect("one", r"rung = \w+, busy = \w+(?s:.*)rung = \w+, busy = \w+\s")
        m.expect("two", r"peer = stopped \d")  # of the many lives some end while VM two looks
        m.kill()
        text = {vm: m.consoles[vm].text() for vm in ("one", "two")}
    lives = text["one"].split("probe: bellcall: begin")[1:3]
    for n, life in enumerate(lives, 1):
        assert re.findall(r"peer = (\w+ \d+)", life) == ["running 1", f"running {n}"], life
        assert re.findall(r"(no such \w+|itself) = (-?\w+)", life) == [("no such channel", "-3"), ("no such endpoint", "-3"), ("itself", "-3")], life
        assert "rounds = 200" in life, life
    told = re.findall(r"peer = (\w+ \d+)", text["two"])
    assert [t for t in told if t.startswith("running")][:3] == ["running 1", "running 2", "running 3"], told
    return lives, told


# WALL-IRQ-7
def test_each_ring_is_answered_and_a_peer_hears_of_each_life():
    lives, told = rings_in_each_life("doorbells", CHANNEL, r"common memory 4 KiB, output of one 4 KiB, output of two 4 KiB; "
                                     r"doorbells one (irq|source) \d+, rings 10000/s, two (irq|source) \d+, rings 100000/s")
    for life in lives:
        assert re.search(r"write to the page = fault", life), life
        assert "rung = some, busy = some" in life, life
    assert any(t.startswith("stopped") for t in told), told
