# SPDX-License-Identifier: Apache-2.0
"""make demo: Linux on two CPUs beside the real-time guest on one, under Bulkhead, in QEMU, on one shared UART.

On a terminal: that UART is the terminal. Without one (or with --scripted): a session of at most 90 s that shows what is on
the UART, powers Linux off, and sees that the real-time guest runs on. Exit 0 if all went as it must.
"""

import os
import re
import sys
import termios
import time
import tty

import harness

LIMIT = 90.0
# On a board of two CPUs each VM has one.
LINUX_CPUS, SYSTEM = (2, "demo.dts") if harness.CPUS > 2 else (1, "demo-two-cpus.dts")
KEYS = """Keys: Ctrl-A then   x  ends the demo     h  this help   Ctrl-A  sends Ctrl-A
      Ctrl-] then   1  input to Linux    2  to the real-time guest, which q powers off   ?  help (the hypervisor's)
Try in Linux: insmod /lib/bulkhead.ko, then rtstat (the real-time guest's statistics, live), rtstat period 2000, rtstat reset"""


def pack():
    image = harness.OUT / "demo" / "demo.img"
    image.parent.mkdir(parents=True, exist_ok=True)
    return harness.hvplan(harness.ROOT / "guests/systems" / SYSTEM, image)


def telemetry(m):
    """Linux watches the real-time guest over their channel, and tells it another period."""
    if harness.ARCH == "riscv" and not harness.guest("bulkhead.ko").exists():
        print("demo: left out: the driver of channels, for want of headers of this kernel (make said so)")
        return
    expect_true(m, "Linux loads the driver of channels", m.command_output("linux", "insmod /lib/bulkhead.ko 2>&1") == "")
    before = [int(t) for t in re.findall(r"^rtstat: life 1 period 1000 us ticks (\d+) ", m.command_output("linux", "rtstat -n 3"), re.M)]
    expect_true(m, "the real-time guest shows its statistics to Linux, each later than the one before",
                len(before) == 3 and before == sorted(set(before)))
    answer = m.command_output("linux", "rtstat period 2000")
    expect_true(m, "it takes the command of another period", re.match(r"rtstat: life 1 period 2000 us .* commands 1 refused 0\n", answer))
    expect_true(m, "it refuses one that it could not keep", m.command_output("linux", "rtstat period 1") == "rtstat: refused\n")
    after = re.findall(r"^rtstat: life 1 period 2000 us .* commands 1 refused 1$", m.command_output("linux", "rtstat -n 2"), re.M)
    expect_true(m, "it reports by the new one", len(after) == 2)


class Lines:
    """Prints what comes in whole lines. The hypervisor has put the name of who wrote it in front of each."""

    def __init__(self):
        self.rest = ""

    def __call__(self, _console, data):
        *lines, self.rest = (self.rest + data.decode("utf-8", "replace").replace("\r", "")).split("\n")
        for line in lines:
            self.show(line)

    def show(self, line):
        # The shell's editor asks the terminal for its width; no terminal is there to answer.
        print(re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", line), flush=True)

    def flush(self):
        if self.rest:
            self.show(self.rest)


def expect_true(machine, what, value):
    if not value:
        raise machine.report("the demo expected: " + what)
    print("demo: ok: " + what, flush=True)


def scripted(image):
    began = time.monotonic()
    show = Lines()
    with harness.Machine(image, ["uart"], name="demo", deadline=LIMIT, shared=["linux", "rt"]) as m:
        m.consoles["uart"].listeners.append(show)
        rt = harness.RtWatch(m)
        m.expect("linux", r"Bulkhead Linux guest")
        m.expect("linux", r"linux# ")
        uname = m.command_output("linux", "uname -a")
        machine, timer_line = {"armv8": ("aarch64", r"GIC\S*\s+\d+\s+Level\s+arch_timer"),
                               "riscv": ("riscv64", r"RISC-V INTC\s+5\s+Edge\s+riscv-timer")}[harness.ARCH]
        expect_true(m, "Linux says who it is", re.search(r"^Linux .* " + machine, uname, re.M))
        count = "%d CPU%s" % (LINUX_CPUS, "s"[:LINUX_CPUS - 1])
        expect_true(m, "Linux has " + count, m.command_output("linux", "nproc").strip() == str(LINUX_CPUS))
        interrupts = m.command_output("linux", "cat /proc/interrupts")
        timer = re.search(r"(\d+)\s+" * LINUX_CPUS + timer_line, interrupts)
        expect_true(m, "both CPUs of Linux take timer interrupts" if LINUX_CPUS == 2 else "Linux takes timer interrupts",
                    timer and all(int(n) > 0 for n in timer.groups()))
        telemetry(m)
        rt.wait_for(3000)
        expect_true(m, "the real-time guest reached 3000 ticks beside Linux; armed - delivered is 0 or 1", True)
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        at_off = rt.goes_on(1000)
        expect_true(m, "after Linux is off the real-time guest ran on: %d ticks then, %d now" % (at_off, rt.delivered),
                    rt.delivered >= at_off + 1000)
        m.send("rt", "q")
        m.expect("hv", r"vm rt: powered off")
        m.expect("hv", r"all VMs ended; powering off")
        code = m.wait_exit()
        show.flush()
        expect_true(m, "the board powered itself off", code == 0)
    print("demo: passed in %.0f s" % (time.monotonic() - began))


class Terminal:
    """The UART on the terminal, but for the keys of the demo itself."""

    def __init__(self, machine):
        self.machine = machine
        self.escape = False
        self.ended = False

    def key(self, k):
        if self.escape:
            self.escape = False
            if k == "x":
                self.ended = True
            elif k == "\x01":
                self.machine.send("uart", k)
            else:
                os.write(1, ("\r\n" + KEYS.replace("\n", "\r\n") + "\r\n").encode())
        elif k == "\x01":
            self.escape = True
        else:
            self.machine.send("uart", k)


def interactive(image):
    print(KEYS)
    before = termios.tcgetattr(0)
    with harness.Machine(image, ["uart"], name="demo") as m:
        t = Terminal(m)
        m.consoles["uart"].listeners.append(lambda _console, data: os.write(1, data))
        try:
            tty.setraw(0)
            while not t.ended and m.consoles["uart"].open:
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
