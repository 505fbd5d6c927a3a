# SPDX-License-Identifier: Apache-2.0
"""Debian's riscv64 Linux and a bare-metal peer with direct doorbells: the peer rings Linux by stores to its interrupt files, wherever Linux
has the interrupt, and goes on while Linux restarts; Linux rings by calls."""

import re

import harness
from test_channel_linux import end
from test_channel_load import begin, comes_to_rest, goes_on, linux_comes_back, pack, peer_ends, runs

# By calls the peer could ring once in a second.
ENDS = {"linux": {"output": "64K"}, "peer": {"output": "64K", "rate": 1, "burst": 1}}
CHANNEL = {"memory": "4K", "doorbells": "direct", "endpoints": ENDS}
DIRECT = 48 + 8 * 32 + 9 * 24  # hv/include/hv/channel_info.h: struct channel_info.direct, of 16 bytes each


def target(m):
    """Where Linux, endpoint 0, has its doorbell, as its peer reads it: which vCPU's file, which identity."""
    word = int(re.search(r"0x(\w+)", m.command_output("linux", "bhk peek q %d" % (DIRECT + 8))).group(1), 16)
    assert word & 0xffffffff == 2  # files: it has two vCPUs
    return word >> 48, word >> 32 & 0xffff


def doorbell(m):
    """Its number, and how often it has come."""
    found = re.search(r"(?m)^ *(\d+):((?: +\d+)+) .*\.channel$", m.command_output("linux", "cat /proc/interrupts"))
    return int(found.group(1)), sum(map(int, found.group(2).split()))


def uptime(m):
    return float(m.command_output("linux", "cat /proc/uptime").split()[0])


def is_rung_more_often_than_by_calls(m):
    """Whatever the machine's load: a call more than one in each second, and one besides, is refused."""
    start, before = uptime(m), doorbell(m)[1]
    for _ in range(20):
        goes_on(m)
        if doorbell(m)[1] - before > uptime(m) - start + 2:
            return
    raise AssertionError("the peer rings as by calls")


if harness.BOARD == "virt-aia":
    # WALL-IRQ-8
    def test_linux_is_rung_directly_wherever_its_doorbell_is_and_restarts_under_that():
        with harness.Machine(pack("direct-linux", {"q": CHANNEL}), name="direct-linux", **harness.consoles("linux", "peer")) as m:
            m.allow(r"vm (linux|peer): restarted \(\d+\)")
            m.expect("hv", r"DIRECT DOORBELLS: linux, peer can raise any interrupt of its peers")
            m.expect("peer", r"peer: life 1\s")
            begin(m, "linux")
            runs(m)
            for cpu in (1, 0):
                assert m.command_output("linux", "echo %d >/proc/irq/%d/smp_affinity" % (1 << cpu, doorbell(m)[0])) == ""
                is_rung_more_often_than_by_calls(m)
                file, identity = target(m)
                assert file == cpu and identity != 0
            m.send("linux", "reboot -f\n")
            linux_comes_back(m, 1)
            is_rung_more_often_than_by_calls(m)
            peer_ends(m, 1)
            goes_on(m)
            comes_to_rest(m)
            end(m, "linux")
            m.expect("hv", "vm linux: powered off")
