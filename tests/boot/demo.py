# SPDX-License-Identifier: Apache-2.0
"""make demo: Linux on two CPUs beside the real-time guest on one, under Bulkhead, in QEMU.

On a terminal: Linux's console is the terminal. Without one (or with --scripted): a session of at most 90 s that logs
both consoles with a prefix, powers Linux off, and sees that the real-time guest runs on. Exit 0 if all went as it must.
"""

import os
import re
import sys
import termios
import time
import tty

import harness

LIMIT = 90.0
KEYS = """Keys: Ctrl-A then  x  ends the demo        r  shows or hides the real-time guest's lines
                  q  powers the real-time guest off   h  this help   Ctrl-A  sends Ctrl-A"""


def pack():
    image = harness.OUT / "demo" / "demo.img"
    image.parent.mkdir(parents=True, exist_ok=True)
    return harness.hvplan(harness.ROOT / "guests/systems/demo.dts", image)


class Prefixer:
    """Prints whole lines with the console's name in front."""

    def __init__(self):
        self.rest = {}

    def __call__(self, console, data):
        text = self.rest.get(console.name, "") + data.decode("utf-8", "replace").replace("\r", "")
        *lines, self.rest[console.name] = text.split("\n")
        for line in lines:
            # The shell's editor asks the terminal for its width; no terminal is there to answer.
            print("[%s] %s" % (console.name, re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", line)), flush=True)

    def flush(self):
        for name, text in self.rest.items():
            if text:
                print("[%s] %s" % (name, text), flush=True)


def expect_true(machine, what, value):
    if not value:
        raise machine.report("the demo expected: " + what)
    print("demo: ok: " + what, flush=True)


def scripted(image):
    began = time.monotonic()
    show = Prefixer()
    with harness.Machine(image, ["linux", "rt"], name="demo", deadline=LIMIT) as m:
        for c in m.consoles.values():
            c.listeners.append(show)
        rt = harness.RtWatch(m)
        m.expect("linux", r"Bulkhead Linux guest")
        m.expect("linux", r"linux# ")
        uname = m.command_output("linux", "uname -a")
        expect_true(m, "Linux says who it is", re.search(r"^Linux .* aarch64", uname, re.M))
        expect_true(m, "Linux has 2 CPUs", m.command_output("linux", "nproc").strip() == "2")
        interrupts = m.command_output("linux", "cat /proc/interrupts")
        timer = re.search(r"(\d+)\s+(\d+)\s+GICv3\s+\d+\s+Level\s+arch_timer", interrupts)
        expect_true(m, "both CPUs of Linux take timer interrupts",
                    timer and int(timer.group(1)) > 0 and int(timer.group(2)) > 0)
        rt.wait_for(3000)
        expect_true(m, "the real-time guest reached 3000 ticks beside Linux; armed - delivered is 0 or 1", True)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        at_off = rt.goes_on(1000)
        expect_true(m, "after Linux is off the real-time guest ran on: %d ticks then, %d now" % (at_off, rt.delivered),
                    rt.delivered >= at_off + 1000)
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] vm rt: powered off")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        code = m.wait_exit()
        show.flush()
        expect_true(m, "the board powered itself off", code == 0)
    print("demo: passed in %.0f s" % (time.monotonic() - began))


class Terminal:
    """Linux's console on the terminal, the real-time guest's in a log, and beside it on request."""

    def __init__(self, machine, log):
        self.machine = machine
        self.log = log
        self.show_rt = False
        self.escape = False
        self.rt_rest = ""
        self.ended = False

    def linux(self, _console, data):
        os.write(1, data)

    def rt(self, _console, data):
        self.log.write(data)
        self.log.flush()
        *lines, self.rt_rest = (self.rt_rest + data.decode("utf-8", "replace").replace("\r", "")).split("\n")
        if self.show_rt:
            for line in lines:
                os.write(1, ("\r\n[rt] %s\r\n" % line).encode())

    def key(self, k):
        if self.escape:
            self.escape = False
            if k == "x":
                self.ended = True
            elif k == "r":
                self.show_rt = not self.show_rt
            elif k == "q":
                self.machine.send("rt", "q")
            elif k == "\x01":
                self.machine.send("linux", k)
            else:
                os.write(1, ("\r\n" + KEYS.replace("\n", "\r\n") + "\r\n").encode())
        elif k == "\x01":
            self.escape = True
        else:
            self.machine.send("linux", k)


def interactive(image):
    log_path = harness.OUT / "demo" / "rt.log"
    print("Linux's console follows; the real-time guest's lines go to %s." % os.path.relpath(log_path))
    print(KEYS)
    before = termios.tcgetattr(0)
    with open(log_path, "wb") as log, harness.Machine(image, ["linux", "rt"], name="demo") as m:
        t = Terminal(m, log)
        m.consoles["linux"].listeners.append(t.linux)
        m.consoles["rt"].listeners.append(t.rt)
        try:
            tty.setraw(0)
            while not t.ended and any(c.open for c in m.consoles.values()):
                if m.pump(0.5, also=0):
                    for k in os.read(0, 1024).decode("utf-8", "replace"):
                        t.key(k)
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
            print()
        if t.ended:
            return 0
        return m.process.wait()


def main():
    try:
        image = pack()
        if "--scripted" not in sys.argv and sys.stdin.isatty() and sys.stdout.isatty():
            return interactive(image)
        scripted(image)
        return 0
    except harness.BootError as e:
        print("demo: FAILED: %s" % e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
