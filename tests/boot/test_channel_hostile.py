# SPDX-License-Identifier: Apache-2.0
"""The driver of channels beside a peer that writes over all that it may write, near to what could be and far from it, and rings
(guests/peer/hostile.c), while programs read, write and poll, and the network is up. Linux takes no harm, and the peer's next life finds
it as ever."""

import re

import pytest

import harness
from test_channel_linux import carrier, end
from test_channel_load import CHANNEL, ENDS, HV, begin, comes_to_rest, goes_on, pack, runs

# What uses the driver meanwhile, by calls that wait; each begins again when it is told of an error.
USERS = ("while true; do dd if=/dev/bulkhead/q of=/dev/null bs=1976 2>/dev/null; done",
         "while true; do dd if=/dev/zero of=/dev/bulkhead/q bs=700 2>/dev/null; done",
         "while true; do busybox ping -c 1 -W 1 10.0.0.2 >/dev/null 2>&1; done")
STATISTICS = {"rx_packets": 2000, "rx_errors": 50, "tx_packets": 20}  # of the interface, which there are at least


def available(m):
    """KiB of memory that programs can have."""
    m.command_output("linux", "echo 3 >/proc/sys/vm/drop_caches")
    return int(re.search(r"MemAvailable: +(\d+) kB", m.command_output("linux", "cat /proc/meminfo")).group(1))


def suffers(m):
    text = m.command_output("linux", "exchange q suffer 50")
    counts = re.fullmatch(r"exchange: suffered: messages (\d+) room (\d+) anew (\d+) length (\d+) protocol (\d+)\n", text)
    assert counts and min(map(int, counts.groups())) >= 50, text
    for name, count in STATISTICS.items():
        m.command_output("linux", "until [ $(cat /sys/class/net/bhk0/statistics/%s) -ge %d ]; do sleep 1; done" % (name, count))


def users_end(m):
    """They can be killed, wherever they wait: this waits until there are none."""
    m.command_output("linux", "kill -9 $(jobs -p); wait; busybox killall -9 dd ping; while busybox pidof dd ping; do sleep 1; done")


@pytest.mark.parametrize("seed", [1, 2])
def test_linux_takes_no_harm_from_a_hostile_peer_of_a_channel(seed):
    channels = {"q": CHANNEL, "n": {"doorbells": None, "endpoints": ENDS}}
    image = pack("channel-hostile", channels, "hostile=1 seed=%d" % seed)
    with harness.Machine(image, name="channel-hostile-%d" % seed, **harness.consoles("linux", "peer")) as m:
        m.allow(r"vm peer: restarted \(1\)")
        m.expect("peer", r"peer: hostile, seed %d\s" % seed)
        begin(m, "linux", "net=n")
        before = available(m)
        assert m.command_output("linux", "busybox ip addr add 10.0.0.1/24 dev bhk0 && busybox ip link set bhk0 up") == ""
        for user in USERS:
            m.command_output("linux", "(%s) & true" % user)
        suffers(m)
        users_end(m)
        assert before - available(m) < 8192
        # The peer begins properly, and so do both again.
        m.send("peer", "r")
        m.expect(HV, r"vm peer: restarted \(1\)")
        m.expect("peer", r"peer: life 2\s")
        m.command_output("linux", "exchange q drain; exchange q clear")
        m.send("peer", "g")
        runs(m)
        goes_on(m)
        carrier(m, "linux", 1)
        m.command_output("linux", "busybox ip neigh flush dev bhk0")
        assert "3 packets received" in m.command_output("linux", "busybox ping -c 3 -W 30 10.0.0.2")
        comes_to_rest(m)
        end(m, "linux")
        m.expect(HV, r"vm linux: powered off")
