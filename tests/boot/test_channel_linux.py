# SPDX-License-Identifier: Apache-2.0
"""The driver of channels in Debian's stock kernel: two Linux VMs, each with the module that was built out of tree."""

import contextlib
import re

import harness

CHANNEL = {"memory": "4K", "doorbells": None, "endpoints": {"a": {"output": "64K"}, "b": {"output": "64K", "ro": None}}}
COMMON, OUT_A, OUT_B = 0x1000, 0x2000, 0x12000  # file offsets
QUIET = "loading out-of-tree module taints kernel"  # the one warning that every such module gets


def linux(name, n, **more):
    return {"name": name, "vcpus": 1, "memory": "128M", "image": "debian/Image", "initrd": "guests/initramfs-channel.cpio",
            "bootargs": "console=%s quiet" % harness.TTY, **harness.uart(n), **more}


def begin(m, vm, parameters=""):
    m.expect(vm, "linux# ")
    assert m.command_output(vm, "dmesg -c >/dev/null; insmod /lib/bulkhead.ko %s 2>&1" % parameters) == ""


def end(m, vm):
    """The module goes away, nothing was found fault with, the VM ends."""
    assert m.command_output(vm, "rmmod bulkhead 2>&1; ls /dev/bulkhead 2>&1").count("No such file") == 1
    log = m.command_output(vm, "dmesg -r")
    assert "channel " in log and not [w for w in re.findall(r"^<[0-4]>.*", log, re.M) if QUIET not in w], log
    m.send(vm, "poweroff -f\n")


@contextlib.contextmanager
def pair(name, channels, parameters="", **more):
    """Both Linuxes at their prompts, the module loaded. `more` is of b's."""
    image = harness.pack(name, [linux("a", 0), linux("b", 1, **more)], root={"channels": channels})
    with harness.Machine(image, ["a", "b"], name=name) as m:
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
    ways = ["read: ok, then write: %s, then fetch: EACCES" % ("ok" if write else "EACCES"), "write: %s" % ("ok" if write else "EACCES"),
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
    # One use at a time: what programs map they write as they like. After that a begins anew, and b is told.
    assert says(m, "a", "exec 3<>/dev/bulkhead/q; echo one use >&3; bhk poke q 0x1100 1; exec 3>&-") == "poke: EBUSY"
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
