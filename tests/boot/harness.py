# SPDX-License-Identifier: Apache-2.0
"""Packs a system, runs it in QEMU, and talks to its consoles.

Every wait is for a line of output, never for a time; time-outs are many times what a loaded machine was seen to need.
A line that says that the hypervisor or a VM stopped fails the run at once unless it was announced with allow().

Environment: OUT, BOARD, BUILD as in the Makefile; BOOT_TIMEOUT, in seconds; QEMU_ARGS, added to every run (for a
debugger: QEMU_ARGS="-gdb tcp::1234 -S"); BOARD_CPU as in qemu-board.sh.
"""

import collections
import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = Path(os.environ.get("OUT", "build"))
if not OUT.is_absolute():
    OUT = ROOT / OUT
BOARD = os.environ.get("BOARD", "virt-gicv3")
ARCH = "riscv" if BOARD in ("virt-plic", "virt-aia") else "armv8"
HV_REGION = 2 << 20  # all that the hypervisor has: HV_REGION_SIZE
SMALL = "2M" if ARCH == "armv8" else "4M"  # memory of a VM that needs next to none: a RISC-V image has a large page for itself
GIC = {"virt-gicv2": 2, "virt-gicv3": 3, "zcu102": 2, "versal": 3}.get(BOARD)  # version of an Armv8 board's, and of what guests see
# The board's UARTs by their paths, interrupts and addresses; the name by which Linux knows what it is given of them.
UARTS, UART_IRQS, UART_AT, TTY = {
    "zcu102": (("/axi/serial@ff000000", "/axi/serial@ff010000"), (53, 54), (0xff000000, 0xff010000), "ttyPS0"),
    "versal": (("/uart@ff000000", "/uart@ff010000"), (50, 51), (0xff000000, 0xff010000), "ttyAMA0"),
}.get(BOARD, (("/pl011@9000000", "/pl011@9040000"), (33, 40), (0x9000000, 0x9040000), "ttyAMA0"))
CLOCK = {"zcu102": "/axi/rtc@ffa60000", "versal": "/rtc@f12a0000"}.get(BOARD, "/pl031@9010000")  # Armv8: one more device
GICD = {"zcu102": 0xf9010000, "versal": 0xf9000000}.get(BOARD, 0x8000000)  # Armv8: its distributor
# Where the hypervisor is loaded.
LOAD = {"zcu102": 0x200000, "versal": 0x200000}.get(BOARD, 0x40200000 if ARCH == "armv8" else 0x80200000)
# CPUs of a board, and the kinds of CPU that it can have.
CPUS = 2 if BOARD == "versal" else 4
CPU_KINDS = {"zcu102": ["cortex-a53"], "versal": ["cortex-a72"]}.get(BOARD, ["cortex-a53", "cortex-a72", "max"])
VIRT = BOARD.startswith("virt-")  # one of QEMU's own machines, not a model of somebody's board
CROSS = {"armv8": "aarch64-linux-gnu-", "riscv": "riscv64-linux-gnu-"}[ARCH]
VA_OFFSET = {"armv8": 1 << 36, "riscv": 0xFFFFFFC000000000}[ARCH]  # HV_VA_OFFSET: of the hypervisor's virtual addresses
IMAGES = OUT if ARCH == "armv8" else OUT / ARCH  # where guests of the board's ISA lie, as plans name them
RUNS = OUT / "boot" / BOARD  # what runs of this board leave: systems, images, logs. Boards may run side by side
BUILD = os.environ.get("BUILD", "release")

# A boot takes 2 to 3 s on an idle machine, 13 s were seen on a loaded one.
TIMEOUT = float(os.environ.get("BOOT_TIMEOUT", "150"))

RUNS.mkdir(parents=True, exist_ok=True)

SURPRISES = [
    rb"\[hv\] panic[^\n]*",
    rb"\[hv\] stopped[^\n]*",
    rb"\[hv\] vm [^\n]*: (stopped|reset|could not)[^\n]*",
    rb"\[hv\] (?!vm \S+: vcpu \d exits: )[^\n]*(fault|damaged)[^\n]*",  # the counts stand behind a report, which is enough
    rb"guest: unexpected\b[^\n]*",
    rb"rt: (unexpected|no usable) [^\n]*",
    rb"Kernel panic[^\n]*",
    rb"(BUG:|Oops:|Internal error:|Unable to handle kernel)[^\n]*",
]


class BootError(AssertionError):
    """A run went otherwise than it should; the text holds the consoles."""


def board_options(board=BOARD):
    text = subprocess.run([ROOT / "tests/boot/qemu-board.sh", board], check=True, capture_output=True, text=True)
    return text.stdout.split()


def board_ram(board=BOARD):
    """Its size, as QEMU's -m has it."""
    options = board_options(board)
    return options[options.index("-m") + 1]


def board_program(board=BOARD):
    text = subprocess.run([ROOT / "tests/boot/qemu-board.sh", board, "program"], check=True, capture_output=True,
                          text=True)
    return text.stdout.strip()


def board_dtb(board=BOARD, extra=()):
    """The board's device tree as QEMU gives it; with extra options, that of the changed machine."""
    name = "-".join([board, *(re.sub(r"[^A-Za-z0-9]+", "", e) for e in extra)])
    path = OUT / "boot" / (name + ".dtb")
    path.parent.mkdir(parents=True, exist_ok=True)
    env = dict(os.environ, QEMU_EXTRA=" ".join(extra))
    subprocess.run([ROOT / "tests/boot/qemu-board.sh", board, "dtb", path], check=True, env=env)
    return path


def hv_elf(board=BOARD, build=BUILD):
    return OUT / ARCH / board / build / "bulkhead.elf"


def uart(n):
    """Of a VM: that it has the board's n-th UART to itself, on boards with one for two VMs."""
    return {"devices": UARTS[n]} if ARCH == "armv8" else {}


def cpu(kind):
    """Options for a machine with CPUs of a kind of CPU_KINDS."""
    return ["-cpu", kind] if len(CPU_KINDS) > 1 else []


def smp(count):
    return ["-smp", str(count)] if count != CPUS else []


def consoles(first, second):
    """What a Machine is told of VMs with uart(0) and uart(1), if any."""
    return {"consoles": [first, second]} if ARCH == "armv8" else {"consoles": ["uart"], "shared": [first, second]}


def on(boards):
    """A decorator: only there is it a test at all."""
    return lambda test: test if boards else None


def hv_console(first):
    """Where the hypervisor's lines then stand, on the first VM's UART behind its name."""
    return first if ARCH == "armv8" else "hv"


def symbols(elf):
    text = subprocess.run([CROSS + "nm", str(elf)], check=True, capture_output=True, text=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) \w (\S+)$", text, re.M)}


def guest(name):
    return IMAGES / "guests" / name


def hvplan(system, out, board=BOARD, extra=(), elf=None):
    """Packs `system` (a path of a .dts) into `out` with build/hvplan."""
    command = [OUT / "hvplan", "build", "--board", board_dtb(board, extra), "--hv", elf or hv_elf(board),
               "--images", IMAGES, "-o", out, system]
    for needed in (OUT / "hvplan", elf or hv_elf(board)):
        if not Path(needed).exists():
            raise BootError("%s is not there: run make first" % needed)
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise BootError("hvplan refused %s (exit %d):\n%s%s" % (system, done.returncode, done.stdout, done.stderr))
    return Path(out)


class Console:
    def __init__(self, name, sock):
        self.name = name
        self.sock = sock
        self.data = b""     # everything received
        self.position = 0   # behind the last match of expect()
        self.checked = 0    # searched for surprises up to here
        self.open = True
        self.listeners = []

    def text(self):
        return self.data.decode("utf-8", "replace").replace("\r", "")

    def lines(self):
        return self.text().split("\n")


class Shared:
    """Takes a shared console apart: what stands behind "[name] " goes to a console of that name. A line that the
    hypervisor had to break is two lines here."""

    def __init__(self, consoles):
        self.consoles = consoles
        self.start = b""   # of a line whose name is not complete yet
        self.to = None     # whose line it is
        self.parts = {}    # what each console has got of one piece of input
        self.returned = False

    def __call__(self, _console, data):
        # Pieces without the characters that mean something are taken whole: a flood is read faster than it comes.
        for c in re.findall(rb"[^\r\n\[\]]+|[\r\n\[\]]", data):
            if c == b"\n":
                self._put(b"\n")
                self.to, self.start, self.returned = None, b"", False
            elif c == b"\r":
                self.returned = True
            else:
                if self.returned and c == b"[":  # the name again, in the same line of the terminal
                    self.to, self.start = None, b""
                self.returned = False
                self._put(c)
        for console, parts in self.parts.items():
            console.data += b"".join(parts)
        self.parts = {}

    def _put(self, text):
        if not self.to:
            self.start += text
            name, end, text = self.start.partition(b"] ")
            self.to = self.consoles.get(name[1:].decode("utf-8", "replace")) if end else None
        if self.to:
            self.parts.setdefault(self.to, []).append(text)


class Machine:
    """One run of QEMU. Use it as a context manager: it ends with the block. Without a kernel (None) the extra options
    say what is booted.

    `shared`: the first console is shared by the hypervisor ("hv") and these VMs, in the order of their numbers from 1 (None:
    a number that another VM has); each can be talked to as if it had a console of its own."""

    def __init__(self, kernel, consoles, options=None, extra=(), name="run", deadline=None, shared=()):
        self.name = name
        self.allowed = []
        self.mark = 100
        self.consoles = {}
        self.deadline = time.monotonic() + deadline if deadline else None
        self.arrived = collections.deque()
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_write, False)
        command = [board_program(), *(board_options() if options is None else options), *extra,
                   *([] if kernel is None else ["-kernel", str(kernel)]), *os.environ.get("QEMU_ARGS", "").split()]
        theirs = []
        for n, console in enumerate(consoles):
            ours, other = socket.socketpair()
            theirs.append(other)
            command += ["-chardev", "socket,id=c%d,fd=%d" % (n, other.fileno()), "-serial", "chardev:c%d" % n]
            self.consoles[console] = Console(console, ours)
        self.command = command
        self.errors = open(self._log_path("qemu"), "w+b")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors,
                                        pass_fds=[s.fileno() for s in theirs])
        for s in theirs:
            s.close()
        self.shared = list(shared)
        self.focus = next((n for n in self.shared if n), None)
        self.physical = list(self.consoles.values())
        if shared:
            parts = {n: Console(n, None) for n in ["hv", *self.shared] if n}
            self.physical[0].listeners.append(Shared(parts))
            self.consoles.update(parts)
        self.readers = [threading.Thread(target=self._read, args=(c,)) for c in self.physical]
        for r in self.readers:
            r.start()

    def _read(self, console):
        """A thread per console: QEMU, with all its CPUs, waits for whoever does not read (after 280 bytes already)."""
        data = b"."
        while data:
            try:
                data = console.sock.recv(65536)
            except OSError:
                data = b""
            self.arrived.append((console, data))
            with contextlib.suppress(BlockingIOError):  # full: then it wakes as it is, and nobody may be reading any more
                os.write(self.wake_write, b".")

    def _log_path(self, console):
        directory = RUNS / "log"
        directory.mkdir(parents=True, exist_ok=True)
        return directory / ("%s.%s.log" % (self.name, console))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.kill()
        for r in self.readers:
            r.join()
        for c in self.consoles.values():
            if c.sock:
                c.sock.close()
            rest = b"".join(data for owner, data in self.arrived if owner is c)
            self._log_path(c.name).write_bytes(c.data + rest)
        os.close(self.wake_read)
        os.close(self.wake_write)
        self.errors.close()
        return False

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def allow(self, regex):
        """Announces a line that otherwise fails the run."""
        self.allowed.append(re.compile(regex.encode()))

    def report(self, what):
        parts = ["%s: %s" % (self.name, what), "command: " + " ".join(self.command)]
        self.errors.flush()
        parts.append("---- QEMU itself\n" + self._log_path("qemu").read_text(errors="replace").strip())
        for c in self.consoles.values():
            parts.append("---- console %s\n%s" % (c.name, "\n".join(c.lines()[-150:])))
        return BootError("\n".join(parts))

    def _check(self, console):
        # Whole lines only: the text of a surprise is what the report shows.
        end = console.data.rfind(b"\n") + 1
        for line in console.data[console.checked:end].split(b"\n"):
            for s in SURPRISES:
                m = re.search(s, line)
                if m and not any(a.search(line) for a in self.allowed):
                    console.checked = end
                    raise self.report("surprise on console %s: %s" % (console.name, m.group().decode(errors="replace")))
        console.checked = max(console.checked, end)

    def pump(self, timeout=1.0, also=None):
        """Takes what has come; waits for it up to `timeout`. True if the file `also` became readable."""
        ready, _, _ = select.select([self.wake_read] + ([] if also is None else [also]), [], [], timeout)
        if self.wake_read in ready:
            os.read(self.wake_read, 4096)
        while self.arrived:
            console, data = self.arrived.popleft()
            console.open = data != b""
            console.data += data
            if not console.open and self.shared and console is self.physical[0]:
                for c in self.consoles.values():
                    c.open = c.open and c.sock is not None
            for f in console.listeners:
                f(console, data)
            self._check(console)
        return also in ready

    def limit(self, timeout):
        end = time.monotonic() + timeout
        return min(end, self.deadline) if self.deadline else end

    def expect(self, console, regex, timeout=TIMEOUT):
        """Waits for `regex` behind the last match on the console; returns the match (of text)."""
        c = self.consoles[console]
        pattern = re.compile(regex.encode(), re.MULTILINE)
        end = self.limit(timeout)
        while True:
            m = pattern.search(c.data, c.position)
            if m:
                c.position = m.end()
                return re.search(regex, m.group().decode("utf-8", "replace"), re.MULTILINE) or m
            if not c.open:
                code = self.process.wait()
                raise self.report("QEMU ended (exit %s) while waiting for %r on %s" % (code, regex, console))
            if time.monotonic() > end:
                raise self.report("time-out waiting for %r on %s" % (regex, console))
            self.pump()

    def send(self, console, text):
        c = self.consoles[console]
        if c.sock is None:
            self.give_focus(console)
            c = self.physical[0]
        c.sock.sendall(text.encode())

    def give_focus(self, vm, timeout=TIMEOUT):
        """What is typed on the shared console goes to this VM from now on."""
        if self.focus == vm:
            return
        hv = self.consoles["hv"]
        mark = len(hv.data)
        self.physical[0].sock.sendall(b"\x1d%d" % (self.shared.index(vm) + 1))
        end = self.limit(timeout)
        while b"input goes to %s\n" % vm.encode() not in hv.data[mark:]:
            if time.monotonic() > end or not hv.open:
                raise self.report("the focus did not go to " + vm)
            self.pump()
        self.focus = vm

    def command_output(self, console, command, timeout=TIMEOUT):
        """Types a command at the shell's prompt; returns what it printed. The prompt is there again afterwards."""
        self.mark += 1
        # The typed line itself is echoed first, and on a shared console perhaps in pieces.
        self.send(console, "echo start-$((%d+1)); %s; echo mark-$((%d+1))\n" % (self.mark - 1, command, self.mark - 1))
        c = self.consoles[console]
        self.expect(console, r"^%s\r?\n" % broken("start-%d" % self.mark), timeout)
        start = c.position
        mark = self.expect(console, r"%s\r?\n" % broken("mark-%d" % self.mark), timeout).group()
        text = c.data[start:c.position - len(mark)].decode("utf-8", "replace").replace("\r", "")
        self.expect(console, "# ", timeout)
        return text

    def wait_exit(self, timeout=TIMEOUT):
        """Reads until QEMU ends by itself; its exit code."""
        end = self.limit(timeout)
        while any(c.open for c in self.consoles.values()):
            if time.monotonic() > end:
                raise self.report("time-out waiting for the end of the run")
            self.pump()
        return self.process.wait()


def broken(text):
    """A pattern for text that a shared console may have broken into lines anywhere."""
    return r"\s*".join(re.escape(c) for c in text if c != " ")


class RtWatch:
    """Follows the real-time guest's lines; every one must keep its promise."""

    LINE = re.compile(rb"rt: armed (\d+) delivered (\d+) ")

    def __init__(self, machine, console="rt"):
        self.machine = machine
        self.console = machine.consoles[console]
        self.seen = 0
        self.delivered = 0

    def latest(self):
        """Checks what has come in; the number of interrupts delivered by the last line."""
        for m in self.LINE.finditer(self.console.data, self.seen):
            self.seen = m.end()
            armed, delivered = int(m.group(1)), int(m.group(2))
            if armed - delivered not in (0, 1):
                raise self.machine.report("rt: armed %d, delivered %d" % (armed, delivered))
            if delivered < self.delivered:
                raise self.machine.report("rt: the count went back from %d to %d" % (self.delivered, delivered))
            self.delivered = delivered
        return self.delivered

    def wait_for(self, count, timeout=TIMEOUT):
        end = self.machine.limit(timeout)
        while self.latest() < count:
            if not self.console.open:
                raise self.machine.report("QEMU ended while rt was to reach %d" % count)
            if time.monotonic() > end:
                raise self.machine.report("time-out: rt reached %d, not %d" % (self.delivered, count))
            self.machine.pump()

    def goes_on(self, more=1000, timeout=TIMEOUT):
        """`more` must follow. Counts from the next report on: the last one may be almost a whole report old. The count
        from which it was."""
        self.machine.pump(0)
        self.wait_for(self.latest() + 1, timeout)
        since = self.delivered
        self.wait_for(since + more, timeout)
        return since


def in_colours(colours):
    """Nodes of a system.dts for pack(): the hypervisor moves to these of a cache's 16 colours, of a page each."""
    return {"cache": {"size": "<0x100000>", "ways": 16, "line": 64}, "hypervisor": {"colours": colours}}


def node_text(name, properties, indent):
    """A node of a system.dts: a dict of its properties, and of dicts for nodes below it."""
    out = [indent + name + " {"]
    for key, value in properties.items():
        if isinstance(value, dict):
            out += node_text(key, value, indent + "  ")
        elif value is None:
            out.append("%s  %s;" % (indent, key))
        elif isinstance(value, int):
            out.append("%s  %s = <%d>;" % (indent, key, value))
        elif isinstance(value, str) and value.startswith("<"):
            out.append("%s  %s = %s;" % (indent, key, value))
        else:
            texts = ", ".join('"%s"' % v for v in ([value] if isinstance(value, str) else value))
            out.append("%s  %s = %s;" % (indent, key, texts))
    return [*out, indent + "};"]


def system_text(vms, root=None):
    """A system.dts of VMs, each a dict of name, vcpus, memory, image and optionally device, initrd, bootargs, ...; root: nodes
    besides /vms, a dict of dicts."""
    out = ["/dts-v1/;", "", "/ {", '  compatible = "bulkhead,system-v1";', ""]
    for name, properties in (root or {}).items():
        out += node_text(name, properties, "  ")
    out.append("  vms {")
    for vm in vms:
        out += node_text(vm["name"], {k: v for k, v in vm.items() if k != "name"}, "    ")
    return "\n".join([*out, "  };", "};", ""])


def pack(name, vms, extra=(), root=None):
    """Writes the system and packs it; returns the image's path."""
    path = RUNS / (name + ".dts")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(system_text(vms, root))
    return hvplan(path, RUNS / (name + ".img"), extra=extra)


if __name__ == "__main__":
    sys.exit("harness.py: a library of the boot tests; see demo.py and test_*.py")
