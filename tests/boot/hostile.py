# SPDX-License-Identifier: Apache-2.0
"""Runs attacks of the hostile guest beside the real-time guest, and judges each.

The guest only tells what it met, and attacks.py knows what that must have been. After each attack the machine is stopped
and looked at from outside: memory of the victim, of the hypervisor and of nobody, the hypervisor's registers on every CPU, the
physical interrupt controller, and how often the victim's CPU left its guest. The victim must go on after each attack, and take
no exit but its own ticks (hostile_armv8.py and hostile_riscv.py have what is each ISA's). What is wrong is said in words, first
what kind it is; no words: SAFE.

The guest knows nobody's addresses: it gets them as boot arguments, made here from the plan."""

import contextlib
import random
import re
import subprocess
import time

import gdbstub
import harness
from shown import show
from attacks import ATTACKS

if harness.ARCH == "riscv":
    import hostile_riscv as board
else:
    import hostile_armv8 as board

CANARY = 4096
SEED = 20240611
VICTIM_CPU, ATTACKER, RT = board.VICTIM_CPU, board.ATTACKER, board.RT


def evaluate(elf, *expressions):
    """What the debugger says of the image's variables; nothing runs."""
    command = ["gdb-multiarch", "-nx", "-batch", *(w for e in expressions for w in ("-ex", "output/d " + e,
               "-ex", "echo \\n")), str(elf)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [int(line) for line in text.split()]


def pointed(memory, symbols, name):
    """Where in physical memory a pointer of the hypervisor's points to."""
    return int.from_bytes(memory(physical(symbols[name]), 8), "little") - harness.VA_OFFSET & (1 << 64) - 1


def physical(va):
    return va - harness.VA_OFFSET & (1 << 64) - 1


ENDED = re.compile(rb"\[hv\] vm hostile: (powered off|reset requested)[^\n]*")


class Layout:
    """Where what lies, in physical memory: by `hvplan show`, and the symbols of the images."""

    def __init__(self, system, elf):
        text = show(system, elf)
        self.ranges = {}
        for low, high, what in re.findall(r"^  (0x[0-9a-f]+)-(0x[0-9a-f]+)  (\S.*)$", text, re.M):
            self.ranges.setdefault(re.sub(r"[,(].*", "", what).strip(), []).append((int(low, 16), int(high, 16) + 1))
        self.hv = self.ranges["hypervisor"][0]
        self.plan = self.ranges["plan"][0]
        self.pool = self.ranges["stage-2 page tables"][0]
        self.victim = self.ranges["rt: RAM"]
        self.elf = elf
        self.symbols = harness.symbols(elf)
        self.base = self.symbols["hv_text_start"]
        self.text_end = self.symbols["hv_text_end"] - self.base
        self.text_size = self.symbols["hv_rodata_end"] - self.base
        self.exits, self.exit_bytes = evaluate(elf, "(long)&((struct vm *)0)[1].vcpus[0].exits[0]",
                                               "sizeof(vms[1].vcpus[0].exits)")
        assert self.exits > 0  # from `vms` on, which points to them
        rt = harness.guest("rt.elf")
        at, armed, delivered, unexpected = evaluate(rt, "(long)&rt", "(long)&rt.armed", "(long)&rt.delivered",
                                                    "(long)&rt.unexpected")
        assert at < armed < delivered < unexpected
        self.armed = self.victim[0][0] + armed
        self.delivered = self.victim[0][0] + delivered
        self.unexpected = self.victim[0][0] + unexpected
        # Behind the images in the victim's first piece, and at the end of its last.
        self.canaries = [self.victim[0][0] + 0x100000, self.victim[-1][1] - CANARY] + board.NOBODY

    def pa(self, symbol):
        return self.symbols[symbol] - harness.VA_OFFSET

    def code(self):
        """Some return instructions of the hypervisor's."""
        image = self.elf.with_suffix(".bin").read_bytes()[:self.text_end]
        size = len(board.RETURN)
        found = [at for at in range(0x1000, len(image), size) if image[at:at + size] == board.RETURN]
        return [self.hv[0] + at for at in (found[0], found[len(found) // 2])]


class Outside:
    """The machine from outside, while it stands still: look() gives everything that no attack may change."""

    def __init__(self, layout, stub, qmp, scratch):
        self.layout, self.stub, self.qmp, self.scratch = layout, stub, qmp, scratch
        draw = random.Random(SEED)
        # A return instruction first, for whoever comes to execute it; then words that are nowhere else.
        self.secret = {at: (8 // len(board.RETURN)) * board.RETURN + draw.randbytes(CANARY - 8) for at in layout.canaries}
        for at, data in self.secret.items():
            stub.write(at, data)
        self.devices = board.devices(qmp, scratch)

    def memory(self, start, size):
        return self.qmp.memory(start, size, self.scratch)

    def number(self, address):
        return int.from_bytes(self.memory(address, 8), "little")

    def progress(self):
        """(armed, delivered, exits by kind) of the victim"""
        lay = self.layout
        data = self.memory(pointed(self.memory, lay.symbols, "vms") + lay.exits, lay.exit_bytes)
        exits = [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]
        return self.number(lay.armed), self.number(lay.delivered), exits

    def look(self):
        lay = self.layout
        seen = {}
        for at, data in self.secret.items():
            name = "nobody's memory" if at in board.NOBODY else "victim's memory"
            seen[name, at] = self.memory(at, CANARY) == data
        seen["victim's memory", "image"] = self.memory(lay.victim[0][0], 0x4000)
        seen["hypervisor's memory", "image"] = self.memory(lay.hv[0], lay.text_size)
        seen["hypervisor's memory", "plan"] = self.memory(lay.plan[0], lay.plan[1] - lay.plan[0])
        seen["hypervisor's memory", "tables"] = self.memory(lay.pool[0], lay.pool[1] - lay.pool[0])
        board.look(seen, self)
        return seen


def differences(before, after):
    """Kinds first, each once with what of it."""
    found = {}
    for key, value in before.items():
        if after[key] != value:
            detail = " ".join(hex(k) if isinstance(k, int) else k for k in key[1:])
            if isinstance(value, int) and not isinstance(value, bool):
                detail += " %#x, now %#x" % (value, after[key])
            found.setdefault(key[0], []).append(detail)
    return ["%s: %s" % (kind, "; ".join(details[:4])) for kind, details in found.items()]


def facts(text, attack):
    """[(what, answer)] that the guest told of its attack"""
    prefix = "hostile: %s: " % attack
    rows = [line[len(prefix):].split(" = ", 1) for line in text.split("\n") if line.startswith(prefix) and " = " in line]
    return [tuple(r) for r in rows]


class Run:
    """One boot. bounded: the victim's ticks after which an attack that has not come to its end counts as one that never
    will; None, where that is no answer, waits as long as any wait."""

    def __init__(self, name, attacks, elf=None, extra=(), bounded=None):
        self.name, self.extra, self.bounded = name, list(extra), bounded
        self.shared = any(ATTACKS[a].shared for a in attacks)  # the console; all of them or none
        self.attacks = [a for a in ATTACKS if a in attacks]  # in the guest's order
        self.elf = elf or harness.hv_elf()
        system = harness.RUNS / (name + ".dts")
        system.parent.mkdir(parents=True, exist_ok=True)
        system.write_text(harness.system_text(board.vms("attack=none", self.shared)))
        self.layout = Layout(system, self.elf)
        lists = " ".join("%s=%s" % (k, ":".join("%x" % a for a in v)) for k, v in board.lists(self.layout).items())
        arguments = "attack=%s step=1 seed=%d %s" % (",".join(self.attacks), SEED, lists)
        system.write_text(harness.system_text(board.vms(arguments, self.shared)))
        # Another device tree may be longer, but lies in the same block; nothing else has moved.
        self.layout = Layout(system, self.elf)
        self.image = harness.hvplan(system, system.with_suffix(".img"), extra=extra, elf=self.elf)
        self.verdicts = {}

    def wait(self, m, outside, console, regex):
        """expect(), but with a bound in the victim's ticks if there is one."""
        if self.bounded is None:
            return m.expect(console, regex)
        c = m.consoles[console]
        pattern = re.compile(regex.encode(), re.MULTILINE)
        for _ in range(4):  # a machine that goes off at once is not asked anything meanwhile
            m.pump(0.1)
        start = last = None
        moved = time.monotonic()
        while True:
            found = pattern.search(c.data, c.position)
            if found:
                c.position = found.end()
                return found
            if not c.open:
                raise Breach("board: it ended")
            if ENDED.search(c.data, c.position):
                raise Breach("ended: " + ENDED.search(c.data, c.position).group().decode().strip())
            now = outside.number(self.layout.delivered)
            start = now if start is None else start
            if now != last:
                last, moved = now, time.monotonic()
            if now - start > self.bounded:
                raise Breach("no end: the victim made %d ticks meanwhile" % (now - start))
            if time.monotonic() - moved > 20:
                raise Breach("victim stalled: at %d ticks" % now)
            m.pump(0.05)

    def moves(self, m, outside, ticks=5):
        """The victim goes on: `ticks` more."""
        since = outside.number(self.layout.delivered)
        end = time.monotonic() + (harness.TIMEOUT if self.bounded is None else 20)
        while outside.number(self.layout.delivered) < since + ticks:
            m.pump(0.01)
            if time.monotonic() > end:
                raise Breach("victim stalled: at %d ticks" % since)

    def judge(self, m, outside, before, start, attack):
        """The machine stands still."""
        wrong = ["facts: " + w for w in ATTACKS[attack].check(facts(m.consoles["hostile"].text(), attack))][:6]
        if before is not None:
            wrong += differences(before, outside.look())
        armed, delivered, exits = outside.progress()
        if armed - delivered not in (0, 1):
            wrong.append("victim: armed %d, delivered %d" % (armed, delivered))
        unexpected = outside.number(self.layout.unexpected)
        if unexpected:
            wrong.append("rt: unexpected interrupt: %d of them" % unexpected)
        # An interrupt that is withdrawn in the moment it is taken is an exit without a tick; that is rare.
        ticks = delivered - start[1]
        more = board.exits([a - b for a, b in zip(exits, start[2])], ticks, self)
        if abs(more) > 2 + ticks // 200:
            wrong.append("victim's exits: %d more than its %d ticks" % (more, ticks))
        return wrong

    def one(self, m, outside, before, attack):
        """Verdict on one attack; the machine stands still before and after. A Breach is raised if that is no more so."""
        start = outside.progress()
        outside.stub.resume()
        m.send("hostile", "g")
        last = ATTACKS[attack].last
        if last is not None:
            m.allow(r"\[hv\] vm hostile: (stopped: fault|ended after its fault|reset requested)")
        try:
            self.wait(m, outside, "hostile", last or r"hostile: %s: end\r?\n" % attack)
            self.moves(m, outside)
        except harness.BootError as e:
            raise Breach("said: " + str(e).split("\n")[0]) from e
        outside.stub.halt()
        return self.judge(m, outside, before if last is None else None, start, attack)

    def machine(self, sockets):
        extra = [*self.extra, *board.options(self.image.parent), *sockets]
        if self.shared:
            return harness.Machine(self.image, ["uart"], extra=extra, name=self.name, shared=["hostile", "rt"])
        return harness.Machine(self.image, board.CONSOLES, extra=extra, name=self.name)

    def run(self, go_on=True):
        """{attack: what is wrong}; of those that came to be tried. Without go_on the first damage that is seen from outside
        and may last ends the run, and how the VMs come to their end is not looked at."""
        with gdbstub.sockets() as (sockets, stop), self.machine(sockets) as m:
            m.expect("hostile", "hostile: ready")
            stub, qmp = stop()
            outside = Outside(self.layout, stub, qmp, self.image.with_suffix(".memory"))
            stub.resume()
            self.moves(m, outside)
            stub.halt()
            before = outside.look()
            assert board.bait(before), "the victim's interrupt is not active"
            for attack in self.attacks:
                try:
                    self.verdicts[attack] = self.one(m, outside, before, attack)
                except Breach as e:
                    self.verdicts[attack] = [str(e)]
                    return self.verdicts
                except (OSError, ValueError, AssertionError):
                    # One of QEMU's sockets closed: if it is because the machine went off, that is what happened.
                    try:
                        m.process.wait(30)
                    except subprocess.TimeoutExpired:
                        if "SHUTDOWN" not in qmp.events:  # it may also stop answering on its way out
                            raise m.report("QEMU runs, but does not answer") from None
                    self.verdicts[attack] = ["board: it ended"]
                    return self.verdicts
                if not go_on and any(not w.startswith(("facts: ", "victim's exits: ")) for w in self.verdicts[attack]):
                    return self.verdicts
            if go_on:
                stub.resume()
                self.last(m, outside)
        return self.verdicts

    def last(self, m, outside):
        """The attacker is gone, and all is as if it had never been."""
        last = ATTACKS[self.attacks[-1]].last
        reports = "hv" if self.shared else "hostile"  # where the hypervisor's go
        if last is None:
            m.expect("hostile", "hostile: all done")
            m.send("hostile", "g")
            m.expect(reports, r"vm hostile: powered off")
        if "rt" not in m.consoles:
            self.moves(m, outside, 500)
            return  # the victim hears nobody, and QEMU has to be ended
        harness.RtWatch(m).goes_on(500)
        if last and "now" in last:
            return  # it goes on for ever, likewise
        m.send("rt", "q")
        m.expect(reports, r"all VMs ended; powering off")
        assert m.wait_exit() == 0


class Breach(Exception):
    """What is wrong is such that this boot cannot go on."""
