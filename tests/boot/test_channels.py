# SPDX-License-Identifier: Apache-2.0
"""Memory that VMs have in common, tried from inside: each endpoint writes its output, and reads the others'."""

import re

import harness

CHANNEL = {"memory": "4K", "endpoints": {"one": {"output": "8K"}, "two": {"output": "64K", "ro": None}}}
WORD = 0x600d000000000000


def probe(name, tests, **more):
    return {"name": name, "vcpus": 1, "memory": harness.SMALL, "image": "guests/probe.bin", "bootargs": "test=" + tests, **more}


def refused(kind):
    """What stage 2 forbids is answered as an access to nothing."""
    if harness.ARCH == "riscv":
        return "fault cause 0x%x " % {"write": 7, "fetch": 1}[kind]
    return "fault ec 0x%x fsc 0x10 " % {"write": 0x25, "fetch": 0x21}[kind]


def expect(rows, what):
    """The rows of one life: (key, answer), in which an answer that ends in a space is how it begins."""
    assert [k for k, _ in rows] == [k for k, _ in what], rows
    for (key, answer), (_, wanted) in zip(rows, what):
        assert answer.startswith(wanted) if wanted.endswith(" ") else answer == wanted, (key, answer, wanted)


def life(own, other, ipa, common, before):
    """What a life of one endpoint finds."""
    place = {"common": (ipa + 0x1000, 0x1000), "from-one": (ipa + 0x2000, 0x2000), "from-two": (ipa + 0x4000, 0x10000)}

    def piece(name):
        return name, "0x%x + 0x%x" % place[name]

    mine = [piece("from-" + own), ("before", before), ("write", "0x0"), ("fetch", refused("fetch")), ("last", "0x0")]
    shared = [piece("common"), ("write", common), ("word", "0x%x" % WORD), ("fetch", refused("fetch")), ("last", "0x%x" % WORD)]
    word = "0x%x" % (WORD | ord(other[0]))
    theirs = [piece("from-" + other), ("word", word), ("write", refused("write")), ("read", word), ("fetch", refused("fetch")),
              ("last", "0x0")]
    return mine + shared + theirs


# WALL-MEM-8
def test_each_endpoint_has_the_rights_of_the_plan_and_a_restart_leaves_the_memory_as_it_is():
    """VM one restarts for ever, and finds what its life before wrote; two is read-only in the common memory."""
    one = probe("one", "channel,reset", **{"on-reset": "restart"})
    image = harness.pack("channels", [one, probe("two", "channel,spin")], root={"channels": {"c": CHANNEL}})
    with harness.Machine(image, ["uart"], name="channels", shared=["one", "two"]) as m:
        m.allow(r"vm one: restarted \(\d+\)")
        told = m.expect("hv", r"channel c: one at IPA 0x(\w+), two ro at IPA 0x(\w+); common memory 4 KiB, output of one 8 KiB, output of two 64 KiB")
        m.expect("two", "probe: channel: end")
        m.expect("hv", r"vm one: restarted \(2\)")
        m.kill()
        text = {vm: re.findall(r"probe: channel: (\S+) = (.*)", m.consoles[vm].text()) for vm in ("one", "two")}
    ipa = [int(told.group(n), 16) for n in (1, 2)]
    first = life("one", "two", ipa[0], "0x0", "0x0")
    expect(text["one"][:len(first)], first)
    expect(text["one"][len(first):2 * len(first)], life("one", "two", ipa[0], "0x0", "0x%x" % (WORD | ord("o"))))
    expect(text["two"][:len(first)], life("two", "one", ipa[1], refused("write"), "0x0"))
