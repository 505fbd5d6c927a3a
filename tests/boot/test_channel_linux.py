# SPDX-License-Identifier: Apache-2.0
"""The driver of channels in Debian's stock kernel: two Linux VMs, each with the module that was built out of tree."""

import contextlib
import re

import harness

ARMV8 = harness.ARCH == "armv8"
HV = harness.hv_console("a")
CHANNEL = {"memory": "4K", "doorbells": None, "endpoints": {"a": {"output": "64K"}, "b": {"output": "64K", "ro": None}}}
COMMON, OUT_A, OUT_B = 0x1000, 0x2000, 0x12000  # file offsets
# The warnings that are none of the driver's: each module from out of tree gets the one, each CPU that QEMU's host lets wait the others.
OTHERS = re.compile("loading out-of-tree module taints kernel|hrtimer: interrupt took|sched: DL replenish lagged too much")


def linux(name, n, **more):
    return {"name": name, "vcpus": 1, "memory": "128M" if ARMV8 else "192M", "image": "debian/Image",
            "initrd": "guests/initramfs-channel.cpio", "bootargs": ("console=%s quiet" % harness.TTY) if ARMV8 else "quiet",
            **harness.uart(n), **more}


def begin(m, vm, parameters=""):
    m.expect(vm, "Enter 'help'")
    if vm in m.shared:
        m.give_focus(vm)
    m.expect(vm, "linux# ")
    assert m.command_output(vm, "mount -t tmpfs tmpfs /tmp; dmesg -c >/dev/null; insmod /lib/bulkhead.ko %s 2>&1" % parameters) == ""


def end(m, vm):
    """The module goes away, nothing was found fault with, the VM ends."""
    assert m.command_output(vm, "rmmod bulkhead 2>&1; ls /dev/bulkhead 2>&1").count("No such file") == 1
    log = m.command_output(vm, "dmesg -r")
    assert "channel " in log and not [w for w in re.findall(r"^<[0-4]>.*", log, re.M) if not OTHERS.search(w)], log
    m.send(vm, "poweroff -f\n")


@contextlib.contextmanager
def pair(name, channels, parameters="", **more):
    """Both Linuxes at their prompts, the module loaded. `more` is of b's."""
    image = harness.pack(name, [linux("a", 0), linux("b", 1, **more)], root={"channels": channels})
    with harness.Machine(image, name=name, **harness.consoles("a", "b")) as m:
        for vm in ("a", "b"):
            begin(m, vm, parameters)
        yield m
        end(m, "a")
        assert m.wait_exit() == 0


def says(m, vm, command):
    """What bhk answered, without its name, and without what the shell says of its jobs."""
    lines = m.command_output(vm, command).split("\n")
    return "\n".join(line.replace("bhk: ", "") for line in lines if not line.startswith("[")).strip()


def mapped(name, write):
    """What `bhk map` says of a section: that it can be written, or why not."""
    ways = ["read: ok, then write: EACCES, then fetch: EACCES", "write: %s" % ("ok" if write else "EACCES"),
            "fetch: EACCES", "write private: %s" % ("EINVAL" if write else "EACCES")]
    return ["%s %s" % (name, way) for way in ways]


def test_a_program_maps_the_channel_with_the_rights_of_the_plan_and_no_others():
    with pair("channel-map", {"c": CHANNEL, "d": CHANNEL}) as m:
        assert m.command_output("a", "ls /dev/bulkhead").split() == ["c", "d"]
        for vm, common in (("a", True), ("b", False)):
            rest = ["all read: ok, then write: EACCES, then fetch: EACCES", "all write: EACCES", "behind read: ENXIO", "beyond read: ENXIO"]
            assert says(m, vm, "bhk map c").split("\n") == \
                mapped("info", False) + mapped("common", common) + mapped("a", vm == "a") + mapped("b", vm == "b") + rest
        # What one writes the other reads, at the same place of the file, and in that channel alone.
        assert says(m, "a", "bhk poke c 0x%x 0x1234567890 && bhk poke c 0x%x 7" % (OUT_A + 0xfff8, COMMON)) == ""
        assert says(m, "b", "bhk peek c 0x%x; bhk peek c 0x%x" % (OUT_A + 0xfff8, COMMON)) == "0x1234567890\n0x7"
        assert says(m, "b", "bhk peek d 0x%x; bhk peek d 0x%x" % (OUT_A + 0xfff8, COMMON)) == "0x0\n0x0"
        assert says(m, "b", "bhk poke c 0x%x 1; bhk poke c 0x%x 1" % (OUT_A, COMMON)) == "poke: EACCES\npoke: EACCES"
        # Whoever has a file open keeps the module.
        m.command_output("a", "exec 3<>/dev/bulkhead/c")
        assert "temporarily unavailable" in m.command_output("a", "rmmod bulkhead 2>&1; exec 3>&-")
        end(m, "b")


def messages_are_sent_and_taken(m):
    """Of channel q, in both directions; each command on one VM, what waits for the other in the background."""
    assert says(m, "a", "bhk poll q") == "poll 0:"  # nobody has answered a's session yet
    m.command_output("b", "(bhk recv q; bhk recv q) > /tmp/got & true")
    assert says(m, "a", "bhk send q hello; bhk send q world; bhk poll q") == "poll 1: out"
    assert says(m, "b", "wait; cat /tmp/got") == "got hello\ngot world"
    assert says(m, "b", "bhk send q back; bhk poll q") == "poll 1: out"
    assert says(m, "a", "bhk poll q; bhk recv q; bhk poll q") == "poll 1: in out\ngot back\npoll 1: out"
    # Longer than a message can be, on either side; a message that does not fit stays.
    assert "Message too long" in m.command_output("a", "dd if=/dev/zero of=/dev/bulkhead/q bs=1977 count=1 2>&1")
    assert says(m, "a", "bhk send q longer") == ""
    assert "Message too long" in m.command_output("b", "dd if=/dev/bulkhead/q of=/dev/null bs=5 count=1 2>&1")
    assert says(m, "b", "bhk recv q") == "got longer"
    # A message that is held is not acknowledged, and the next one to read has it again, in whatever program.
    assert says(m, "a", "bhk send q held; bhk send q next; bhk sent q") == "2 unacknowledged"
    assert says(m, "b", "bhk hold q; bhk poll q") == "got held\npoll 1: in out"
    assert says(m, "a", "bhk sent q") == "2 unacknowledged"
    assert says(m, "b", "bhk take q; bhk recv q") == "got held\ngot next"
    assert says(m, "a", "bhk sent q") == "0 unacknowledged"
    # One use at a time: what programs map they write as they like. After that a begins anew, and b is told.
    m.command_output("a", "exec 3<>/dev/bulkhead/q; echo one use >&3")
    assert says(m, "a", "bhk poke q 0x1100 1; bhk peek q 0x1ff8; exec 3>&-") == "poke: EBUSY\n0x0"
    assert says(m, "b", "bhk recv q") == "got one use"
    m.command_output("b", "(bhk recv q; bhk recv q) > /tmp/got & true")
    assert says(m, "a", "bhk poke q 0x1100 1 && bhk send q anew") == ""
    assert says(m, "b", "wait; cat /tmp/got; rm /tmp/got") == "recv: ECONNRESET\ngot anew"


def the_same(m, sender, receiver):
    sent, got = (m.command_output(vm, "busybox sha256sum < %s; rm %s" % (f, f)) for vm, f in ((sender, "/tmp/out"), (receiver, "/tmp/in")))
    assert sent == got and re.match("[0-9a-f]{64} ", sent)


def a_file_arrives(m, sender, receiver, count):
    """`count` messages of the longest kind, which are many times what the queue holds."""
    m.command_output(receiver, "dd if=/dev/bulkhead/q of=/tmp/in bs=1976 count=%d 2>/dev/null & true" % count)
    m.command_output(sender, "dd if=/dev/urandom of=/tmp/out bs=1976 count=%d 2>/dev/null" % count)
    m.command_output(sender, "dd if=/tmp/out of=/dev/bulkhead/q bs=1976 2>/dev/null")
    m.command_output(receiver, "wait")
    assert m.command_output(receiver, "wc -c < /tmp/in").strip() == str(1976 * count)
    the_same(m, sender, receiver)


def test_messages_over_a_channel_without_doorbells():
    with pair("channel-polled", {"q": {"endpoints": {"a": {"output": "64K"}, "b": {"output": "8K"}}}}) as m:
        messages_are_sent_and_taken(m)
        a_file_arrives(m, "a", "b", 500)
        a_file_arrives(m, "b", "a", 500)
        end(m, "b")


def test_messages_over_a_channel_with_doorbells():
    with pair("channel-messages", {"q": {"doorbells": None, "endpoints": {"a": {"output": "64K"}, "b": {"output": "8K"}}}}) as m:
        messages_are_sent_and_taken(m)
        a_file_arrives(m, "a", "b", 2000)
        a_file_arrives(m, "b", "a", 2000)
        end(m, "b")


def rings(m, vm, channel, seen=-1):
    """How many this VM's doorbell has had, as soon as it is not `seen`."""
    return int(re.fullmatch(r"(\d+) rings, poll says no more", says(m, vm, "bhk wait %s %d" % (channel, seen))).group(1))


def test_doorbells_ring_with_the_rights_and_rates_of_the_plan_and_when_the_peer_ends():
    slow = {"memory": "4K", "doorbells": None, "endpoints": {"a": {"rate": 1, "burst": 1}, "b": {"rate": 0}}}
    with pair("channel-rings", {"c": CHANNEL, "slow": slow}) as m:
        for sender, receiver, end_of in (("a", "b", 1), ("b", "a", 0)):
            before = rings(m, receiver, "c")
            assert says(m, sender, "bhk ring c %d" % end_of) == ""
            assert rings(m, receiver, "c", before) == before + 1
            m.command_output(receiver, "bhk wait c %d > /tmp/rung & true" % (before + 1))
            assert says(m, sender, "bhk ring c %d" % end_of) == ""
            assert says(m, receiver, "wait; cat /tmp/rung") == "%d rings, poll says no more" % (before + 2)
            assert says(m, sender, "bhk ring c %d; bhk ring c 2; bhk ring c 4294967295" % (1 - end_of)) == "\n".join(3 * ["ring: ENXIO"])
        assert says(m, "b", "bhk ring slow 0") == "ring: EPERM"
        assert says(m, "a", "while bhk ring slow 1; do true; done") == "ring: EAGAIN"
        assert says(m, "a", "until bhk ring slow 1 > /dev/null; do true; done") == ""
        assert "end 1: b state 1 life 1 flags 3 rate 10000" in says(m, "a", "bhk info c")
        before = rings(m, "a", "c")
        end(m, "b")
        m.expect(HV, r"vm b: powered off")
        assert rings(m, "a", "c", before) == before + 1
        assert "end 1: b state 2 life 1 flags 3 rate 10000" in says(m, "a", "bhk info c; bhk ring c 1")
        assert says(m, "a", "bhk ring c 1") == "ring: ENOTCONN"


def test_a_message_over_the_rate_is_sent_at_once_and_its_ring_comes_when_the_rate_allows():
    slow = {"doorbells": None, "endpoints": {"a": {"output": "8K", "rate": 2, "burst": 1}, "b": {"output": "8K"}}}
    with pair("channel-rate", {"q": slow}) as m:
        m.command_output("b", "(bhk recv q; bhk recv q; bhk recv q) > /tmp/got & true")
        assert says(m, "a", "bhk send q 1; bhk send q 2; bhk send q 3") == ""
        assert says(m, "b", "wait; cat /tmp/got") == "got 1\ngot 2\ngot 3"
        # Whoever rings by himself is told.
        assert says(m, "a", "while bhk ring q 1; do true; done") == "ring: EAGAIN"
        # A driver that goes has rung what it owed.
        m.command_output("b", "bhk recv q > /tmp/got & true")
        assert says(m, "a", "while bhk ring q 1 > /dev/null; do true; done; bhk send q last; rmmod bulkhead") == ""
        assert says(m, "b", "wait; cat /tmp/got") == "got last"
        assert m.command_output("a", "insmod /lib/bulkhead.ko") == ""
        end(m, "b")


def address(m, vm):
    n = "ab".index(vm) + 1
    assert m.command_output(vm, "busybox ip addr add 10.0.0.%d/24 dev bhk0 && busybox ip link set bhk0 up" % n) == ""


def carrier(m, vm, state):
    m.command_output(vm, "until grep -q %d /sys/class/net/bhk0/carrier; do sleep 1; done" % state)


def pings(m, vm, peer):
    assert "3 packets transmitted, 3 packets received" in m.command_output(vm, "busybox ping -c 3 -W 30 10.0.0.%d" % peer)


def copies(m, sender, receiver):
    """16 MiB over TCP. The receiver's standard input does not end: nc would end its side then."""
    m.command_output(receiver, "busybox mkfifo /tmp/open; busybox nc -l -p 5000 <>/tmp/open >/tmp/in & "
                     "until busybox netstat -ltn | grep -q :5000; do true; done")
    m.command_output(sender, "dd if=/dev/urandom of=/tmp/out bs=64k count=256 2>/dev/null; busybox nc 10.0.0.%d 5000 < /tmp/out"
                     % ("ab".index(receiver) + 1))
    assert m.command_output(receiver, "wait; rm /tmp/open; wc -c < /tmp/in").split()[-1] == str(16 << 20)
    the_same(m, sender, receiver)


def test_a_network_over_a_channel_pings_copies_16_mib_and_outlives_a_restart_of_the_peer():
    ends = {"a": {"output": "64K"}, "b": {"output": "64K"}}
    with pair("channel-net", {"n": {"doorbells": None, "endpoints": ends}}, "net=n", **{"on-reset": "restart"}) as m:
        assert says(m, "a", "bhk poke n 0x1100 1; bhk send n x") == "poke: EBUSY\nsend: EBUSY"
        address(m, "a")
        assert m.command_output("a", "cat /sys/class/net/bhk0/carrier").strip() == "0"
        address(m, "b")
        for vm, peer in (("a", 2), ("b", 1)):
            carrier(m, vm, 1)
            pings(m, vm, peer)
        copies(m, "a", "b")
        copies(m, "b", "a")
        # An interface that is down, or whose driver goes, has no carrier on the other side; what comes back has one.
        for sender, receiver, peer in (("a", "b", 1), ("b", "a", 2)):
            m.command_output(sender, "busybox ip link set bhk0 down")
            carrier(m, receiver, 0)
            m.command_output(sender, "busybox ip link set bhk0 up")
            carrier(m, receiver, 1)
            pings(m, receiver, peer)
        m.command_output("b", "rmmod bulkhead")
        carrier(m, "a", 0)
        m.command_output("b", "insmod /lib/bulkhead.ko net=n")
        address(m, "b")
        carrier(m, "a", 1)
        pings(m, "a", 2)
        m.allow(r"vm b: restarted \(1\)")
        m.send("b", "reboot -f\n")
        m.expect(HV, r"vm b: restarted \(1\)")
        begin(m, "b", "net=n")
        assert m.command_output("a", "cat /sys/class/net/bhk0/carrier").strip() == "0"
        address(m, "b")
        for vm, peer in (("a", 2), ("b", 1)):
            carrier(m, vm, 1)
            pings(m, vm, peer)
        end(m, "b")
        carrier(m, "a", 0)
