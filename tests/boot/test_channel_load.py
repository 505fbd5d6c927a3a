# SPDX-License-Identifier: Apache-2.0
"""Debian's Linux, with the driver of channels, and a bare-metal peer (guests/peer) exchange messages as fast as they can, while either
restarts: no message that was acknowledged is lost, and none is torn."""

import re

import harness
from test_channel_linux import begin, end, linux

HV = harness.hv_console("linux")
ENDS = {"linux": {"output": "64K"}, "peer": {"output": "64K"}}
CHANNEL = {"memory": "4K", "doorbells": None, "endpoints": ENDS}
MORE = 200  # messages that go each way before the next thing happens: a queue holds 32


def pack(name, channels, peers_args="hostile=0", **more):
    """Linux has two CPUs, where there are as many: then the one that restarts it stops the other wherever that is."""
    peer = {"name": "peer", "vcpus": 1, "memory": harness.SMALL, "image": "guests/peer.bin", "bootargs": peers_args, **harness.uart(1),
            "on-reset": "restart"}
    vm = linux("linux", 0, **{"on-reset": "restart"}, **more)
    vm.update(vcpus=2 if harness.CPUS > 2 else 1, bootargs=vm["bootargs"] + " panic=-1")
    return harness.pack(name, [vm, peer], root={"channels": channels})


def runs(m):
    m.command_output("linux", "exchange q run >/tmp/run 2>&1 & true")
    m.command_output("linux", "until exchange q wait 1; do true; done")  # its life has begun, and the peer is there


def goes_on(m):
    assert m.command_output("linux", "exchange q wait %d; cat /tmp/run" % MORE) == ""


def linux_comes_back(m, lives):
    m.expect(HV, r"vm linux: restarted \(%d\)" % lives)
    begin(m, "linux")
    runs(m)


def peer_comes_back(m, lives):
    m.expect("peer", r"peer: life %d\s" % (lives + 1))


def peer_ends(m, lives):
    m.send("peer", "r")
    m.expect(HV, r"vm peer: restarted \(%d\)" % lives)
    peer_comes_back(m, lives)


def ledgers(m):
    """{"own" or "peer's": ({"life", "wrong", "again", "from"}, {life: {"tried", "acknowledged", "taken"}})}"""
    text = m.command_output("linux", "exchange q show")
    sides = {}
    for whose, life, rest in re.findall(r"^exchange: (own|peer's) (of \d+|life \d+) (.*)$", text, re.M):
        numbers = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", rest)}
        if life.startswith("life"):
            sides[whose] = ({**numbers, "life": int(life.split()[1])}, {})
        else:
            sides[whose][1][int(life.split()[1])] = numbers
    return sides


def nothing_was_lost(sender, receiver):
    """By what each has noted: of each life of the sender all that it was told to be acknowledged has been taken, in order and whole; of
    the last one that is all."""
    (head, sent), (summary, got) = sender, receiver
    assert summary["wrong"] == 0 and summary["again"] < summary["life"], summary
    nothing = {"tried": 0, "acknowledged": 0, "taken": 0}
    for life in range(1, head["life"] + 1):
        tried, acknowledged, taken = sent[life]["tried"], sent[life]["acknowledged"], got.get(life, nothing)["taken"]
        assert acknowledged <= taken <= tried, (life, sent[life], got.get(life))
        assert acknowledged >= MORE, (life, sent[life])  # each life was under load
    last = sent[head["life"]]
    assert last["acknowledged"] == got[head["life"]]["taken"], (last, got[head["life"]])


def comes_to_rest(m):
    """Both stop sending, and nothing was lost. What Linux's program says last, and the ledgers."""
    m.send("peer", "i")
    m.expect("peer", r"peer: idle, all \d+ are acknowledged")
    said = m.command_output("linux", "kill $!; wait; cat /tmp/run")
    assert "are acknowledged" in said
    sides = ledgers(m)
    nothing_was_lost(sides["own"], sides["peer's"])
    nothing_was_lost(sides["peer's"], sides["own"])
    return said, sides


def test_no_acknowledged_message_is_lost_or_torn_while_linux_and_its_peer_restart_under_load():
    with harness.Machine(pack("channel-load", {"q": CHANNEL}), name="channel-load", **harness.consoles("linux", "peer")) as m:
        m.allow(r"vm (linux|peer): restarted \(\d+\)")
        m.allow(r"Kernel panic - not syncing: sysrq triggered crash")
        m.expect("peer", r"peer: life 1\s")
        begin(m, "linux")
        runs(m)
        for lives, how in enumerate(("reboot -f", "echo c >/proc/sysrq-trigger", "reboot -f"), 1):
            goes_on(m)
            m.send("linux", how + "\n")
            linux_comes_back(m, lives)
            goes_on(m)
            peer_ends(m, lives)
        goes_on(m)
        # Both at a time. The peer is asked first: it ends behind a message that it has taken, and once Linux is down none comes. What the
        # hypervisor says of it is not waited for: the UART is Linux's, whose echo of the command may stand in the middle of that line.
        m.send("peer", "r")
        m.send("linux", "reboot -f\n")
        peer_comes_back(m, 4)
        linux_comes_back(m, 4)
        goes_on(m)
        # The program ends wherever it is; then the driver goes as well.
        m.command_output("linux", "kill -9 $!; wait")
        runs(m)
        goes_on(m)
        m.command_output("linux", "kill -9 $!; wait; rmmod bulkhead; insmod /lib/bulkhead.ko")
        runs(m)
        goes_on(m)
        peer_ends(m, 5)
        goes_on(m)
        # All that is on its way arrives.
        said, sides = comes_to_rest(m)
        assert re.fullmatch(r"exchange: life 7: all \d+ are acknowledged; the peer began anew \d+ times\n",
                            re.sub(r"(?m)^\[.*\n", "", said))
        assert (sides["own"][0]["life"], sides["peer's"][0]["life"]) == (7, 6)
        end(m, "linux")
