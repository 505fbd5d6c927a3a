# SPDX-License-Identifier: Apache-2.0
"""QEMU's two debug sockets, as far as the tests need them: registers of each CPU by the gdb remote protocol (GDB manual,
appendix E), and physical memory by QMP. While a Stub is connected the whole machine stands still."""

import contextlib
import json
import re
import socket
import tempfile
import time
from pathlib import Path

import harness


def connected(path):
    """A socket connected to QEMU's, which may still be starting: first there is no file, then nobody who listens."""
    end = time.monotonic() + harness.TIMEOUT
    while True:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(harness.TIMEOUT)
        try:
            sock.connect(str(path))
            return sock
        except (FileNotFoundError, ConnectionRefusedError):
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class Stub:
    """The gdb stub: reads system registers of stopped CPUs."""

    def __init__(self, path):
        self.sock = connected(path)
        self.data = b""
        self.ask("qSupported:xmlRegisters=arm")
        self.numbers = self._numbers()
        self.threads = self._threads()

    def close(self):
        self.sock.close()

    def _byte(self):
        if not self.data:
            self.data = self.sock.recv(65536)
            assert self.data, "QEMU closed its gdb socket"
        b, self.data = self.data[:1], self.data[1:]
        return b

    def ask(self, text):
        """One packet there, one back; each side acknowledges by '+'."""
        self.send(text)
        return self.receive()

    def send(self, text):
        packet = text.encode()
        self.sock.sendall(b"$%s#%02x" % (packet, sum(packet) % 256))

    def receive(self):
        while self._byte() != b"$":
            pass
        answer = b""
        b = self._byte()
        while b != b"#":
            answer += b
            b = self._byte()
        assert int(self._byte() + self._byte(), 16) == sum(answer) % 256
        self.sock.sendall(b"+")
        # '}' is followed by a byte XORed with 0x20.
        return re.sub(r"\}(.)", lambda m: chr(ord(m.group(1)) ^ 0x20), answer.decode("latin-1"), flags=re.DOTALL)

    def _file(self, name):
        text = ""
        while True:
            part = self.ask("qXfer:features:read:%s:%x,7c0" % (name, len(text)))
            assert part[:1] in ("m", "l"), (name, part)
            text += part[1:]
            if part[0] == "l":
                return text

    def _numbers(self):
        """{name: number} of all registers: explicit, or one more than the register before."""
        numbers, following = {}, 0
        for name in re.findall(r'href="([^"]+)"', self._file("target.xml")):
            for reg in re.findall(r"<reg [^>]*>", self._file(name)):
                number = re.search(r'regnum="(\d+)"', reg)
                following = int(number.group(1)) if number else following
                numbers[re.search(r'name="([^"]+)"', reg).group(1)] = following
                following += 1
        return numbers

    def _threads(self):
        found, answer = [], self.ask("qfThreadInfo")
        while answer.startswith("m"):
            found += answer[1:].split(",")
            answer = self.ask("qsThreadInfo")
        assert answer == "l" and found, answer
        return found

    def resume(self):
        """All CPUs run on; nothing may be asked until halt()."""
        self.send("vCont;c")

    def halt(self):
        """All CPUs stand still again."""
        self.sock.sendall(b"\x03")
        self.receive()

    def word(self, address):
        """A 32-bit register or word of physical memory, by one access of that size."""
        assert self.ask("Qqemu.PhyMemMode:1") == "OK"
        return int.from_bytes(bytes.fromhex(self.ask("m%x,4" % address)), "little")

    def write(self, address, data):
        """Physical memory."""
        assert self.ask("Qqemu.PhyMemMode:1") == "OK"
        for at in range(0, len(data), 1024):
            part = data[at:at + 1024]
            assert self.ask("M%x,%x:%s" % (address + at, len(part), part.hex())) == "OK"

    def go(self):
        """All CPUs run on until one meets a breakpoint; the thread of that CPU."""
        answer = self.ask("vCont;c")
        stop = re.match(r"T05thread:([^;]+);", answer)
        assert stop, answer
        return stop.group(1)

    def breakpoint(self, address, on):
        """At a virtual address, on all CPUs. Who stands at it would meet it again at once: it has to go first."""
        assert self.ask("%s1,%x,4" % ("Z" if on else "z", address)) == "OK"

    def step(self, thread):
        """One instruction of one CPU; the others stand still."""
        assert self.ask("vCont;s:" + thread).startswith("T05thread:" + thread)

    def read(self, thread, name):
        """A 64-bit register of the CPU that the stub shows as this thread."""
        assert self.ask("Hg" + thread) == "OK"
        answer = self.ask("p%x" % self.numbers[name])
        assert re.fullmatch(r"[0-9a-f]{16}", answer), (name, answer)
        return int.from_bytes(bytes.fromhex(answer), "little")

    def set(self, thread, name, value):
        """A 64-bit register of that CPU."""
        assert self.ask("Hg" + thread) == "OK"
        assert self.ask("P%x=%s" % (self.numbers[name], value.to_bytes(8, "little").hex())) == "OK"
        assert self.read(thread, name) == value, name


class Qmp:
    def __init__(self, path):
        self.sock = connected(path)
        self.stream = self.sock.makefile("rw")
        self.events = []
        self.stream.readline()  # greeting
        self.execute("qmp_capabilities")

    def close(self):
        with contextlib.suppress(OSError):  # it writes, and nobody may be there any more
            self.stream.close()
        self.sock.close()

    def execute(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        answer = {}
        while "return" not in answer:  # events come between
            answer = json.loads(self.stream.readline())
            self.events.append(answer.get("event"))
            assert "error" not in answer, answer
        return answer["return"]

    def memory(self, address, size, path):
        """Physical memory, whatever the CPUs have mapped."""
        self.execute("pmemsave", val=address, size=size, filename=str(path))
        return Path(path).read_bytes()


@contextlib.contextmanager
def sockets():
    """(QEMU options, function that stops the machine and gives (Stub, Qmp)). Sockets' paths have a short limit, so they
    do not lie under OUT."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        options = ["-gdb", "unix:%s/gdb,server=on,wait=off" % folder, "-qmp", "unix:%s/qmp,server=on,wait=off" % folder]

        def stop():
            return (stack.enter_context(contextlib.closing(Stub(folder + "/gdb"))),
                    stack.enter_context(contextlib.closing(Qmp(folder + "/qmp"))))

        yield options, stop
