# SPDX-License-Identifier: Apache-2.0
"""Linux watches the real-time guest over a channel, by guests/linux/rtstat.c, and tells it what to do; the guest takes what it can do."""

import re

import harness

ARMV8 = harness.ARCH == "armv8"
LINUX = {"name": "linux", "vcpus": 1, "memory": "128M" if ARMV8 else "192M", "image": "debian/Image",
         "initrd": "guests/initramfs-channel.cpio", "bootargs": ("console=%s quiet" % harness.TTY) if ARMV8 else "quiet", **harness.uart(0)}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
CHANNEL = {"doorbells": None, "endpoints": {"rt": {"output": "4K"}, "linux": {"output": "4K", "rate": 0}}}
LINE = re.compile(r"rtstat: life (\d+) period (\d+) us ticks (\d+) passed-over (\d+) late (\d+)/(\d+)/(\d+) worst (\d+) us "
                  r"commands (\d+) refused (\d+)\n")
NAMES = ("life", "period", "ticks", "passed", "least", "mean", "most", "worst", "commands", "refused")


def told(m, command):
    """What rtstat says, a dict of each line."""
    text = m.command_output("linux", command)
    lines = [dict(zip(NAMES, map(int, line.groups()))) for line in LINE.finditer(text)]
    assert lines and len(lines) == text.count("rtstat: life"), text
    return lines


def test_linux_sees_the_real_time_guests_statistics_and_tells_it_what_to_do():
    image = harness.pack("rtstat", [LINUX, RT], root={"channels": {"telemetry": CHANNEL}})
    with harness.Machine(image, name="rtstat", **harness.consoles("linux", "rt")) as m:
        rt = harness.RtWatch(m)
        m.expect("rt", r"rt: statistics and commands by channel telemetry")
        m.expect("linux", "Enter 'help'")
        m.expect("linux", "linux# ")
        assert "insmod /lib/bulkhead.ko" in m.command_output("linux", "rtstat")
        assert m.command_output("linux", "insmod /lib/bulkhead.ko 2>&1") == ""

        # Each line is a report: later than the one before, of ticks that the guest says on its own console as well.
        lines = told(m, "rtstat -n 3")
        assert len(lines) == 3 and {(x["life"], x["period"], x["commands"], x["refused"]) for x in lines} == {(1, 1000, 0, 0)}
        assert lines[0]["ticks"] + 500 <= lines[1]["ticks"] and lines[1]["ticks"] + 500 <= lines[2]["ticks"]
        assert all(x["least"] <= x["mean"] <= x["most"] <= x["worst"] for x in lines)
        rt.wait_for(lines[2]["ticks"])
        m.expect("rt", r"rt: armed \d+ delivered %d passed-over %d late %d/%d/%d us" %
                 tuple(lines[2][n] for n in ("ticks", "passed", "least", "mean", "most")))

        # A command is done when rtstat says so.
        (answer,) = told(m, "rtstat period 2000")
        assert (answer["period"], answer["commands"], answer["refused"]) == (2000, 1, 0)
        first, second = told(m, "rtstat -n 3")[1:]
        assert first["period"] == second["period"] == 2000 and first["ticks"] + 250 <= second["ticks"]
        # A report may have come before rtstat looked: its own worst is then all there is. Of two the first may have been worse: again.
        for resets in range(1, 11):
            (answer,) = told(m, "rtstat reset")
            if answer["worst"] in (0, answer["most"]):
                break
        assert answer["worst"] in (0, answer["most"])
        assert (answer["commands"], answer["refused"]) == (1 + resets, 0)

        # What the guest cannot do it counts, and runs on.
        bad = ["period 249", "period 100001", "period 4294967546", "raw 3 0 24", "raw 1 1 24", "raw 1 0 0", "raw 1 0 23"]
        for wrong in bad:
            assert m.command_output("linux", "rtstat %s; echo code $?" % wrong) == "rtstat: refused\ncode 1\n", wrong
        line = told(m, "rtstat -n 1")[0]
        assert (line["period"], line["commands"], line["refused"]) == (2000, 1 + resets, len(bad))
        assert "usage" in m.command_output("linux", "rtstat period -1 2>&1")

        # More commands than the queue has slots; none is lost.
        m.command_output("linux", "for i in $(seq 20); do rtstat period 1000 >/dev/null || echo lost; done")
        line = told(m, "rtstat -n 1")[0]
        assert (line["period"], line["commands"], line["refused"]) == (1000, 22, len(bad))
        rt.goes_on()

        # The guest has ended.
        m.send("rt", "q")
        m.expect(harness.hv_console("linux"), r"vm rt: powered off")
        assert "rtstat: rt has ended" in m.command_output("linux", "rtstat -n 100")
        assert "rtstat: rt has ended" in m.command_output("linux", "rtstat reset")
        m.send("linux", "poweroff -f\n")
        assert m.wait_exit() == 0
