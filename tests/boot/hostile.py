# SPDX-License-Identifier: Apache-2.0
"""Runs attacks of the hostile guest beside the real-time guest, and judges each.

The guest only tells what it met, and attacks.py knows what that must have been. After each attack the machine is stopped
and looked at from outside: memory of the victim, of the hypervisor and of nobody, EL2's registers on every CPU, the physical
interrupt controller, and how often the victim's CPU left its guest. The victim must go on after each attack, and take
no exit but its own ticks. What is wrong is said in words, first what kind it is; no words: SAFE.

The guest knows nobody's addresses: it gets them as boot arguments, made here from the plan."""

import contextlib
import random
import re
import subprocess
import time

import devstate
import gdbstub
import harness
from attacks import ATTACKS, OWN_SPI

MIB = 1 << 20
VA_OFFSET = 1 << 38
RET = (0xd65f03c0).to_bytes(4, "little")
GICD, GICR, FRAME = 0x8000000, 0x80a0000, 0x10000
VICTIM_CPU, IDLE_CPU = 2, 3
VICTIM_SPI = 40
ATTACKER = {"name": "hostile", "vcpus": 2, "cpus": "<0 1>", "memory": "2M", "image": "guests/hostile.bin",
            "devices": "/pl011@9000000"}
RT = {"name": "rt", "vcpus": 1, "cpus": "<%d>" % VICTIM_CPU, "memory": "16M", "image": "guests/rt.bin",
      "devices": "/pl011@9040000", "bootargs": "active=%d" % VICTIM_SPI}  # which whoever can ends
NOBODY = [0x7ff00000, 0x60000000]  # RAM that the plan gives to nobody
# What the attacker has no part in. GICv3: the ITS, its doorbell, and the redistributors of the victim's and of nobody's CPU.
# GICv2: behind the distributor and the CPU interface, the MSI frame, the virtual interface control (IHI 0048B 5.3) with its
# list registers, and the virtual CPU interface where the board has it.
NOT_OWN_GIC = {
    3: [0x8080000, 0x8090040, GICR + 2 * VICTIM_CPU * FRAME, GICR + (2 * VICTIM_CPU + 1) * FRAME + 0x180,
        GICR + (2 * IDLE_CPU + 1) * FRAME + 0x100],
    2: [0x8001000, 0x8012000, 0x8020000, 0x8020040, 0x8030000, 0x8030100, 0x8040000, 0x8041000],
}
CANARY = 4096
SEED = 20240611

# Registers of EL2 that stay what they are while guests run; the others belong to the exit at hand.
CONSTANT = ["ACTLR_EL2", "AMAIR_EL2", "CNTHCTL_EL2", "CNTHP_CTL_EL2", "CNTVOFF_EL2", "CPTR_EL2", "HACR_EL2", "HCR_EL2",
            "HSTR_EL2", "MAIR_EL2", "MDCR_EL2", "SCTLR_EL2", "TCR_EL2", "TPIDR_EL2", "TTBR0_EL2", "VBAR_EL2",
            "VMPIDR_EL2", "VPIDR_EL2", "VTCR_EL2", "VTTBR_EL2"]
# The CPU's own OS lock: unlocked, whatever the guest's is (MDCR_EL2.TDOSA).
UNLOCKED = ["OSLSR_EL1", "OSDLR_EL1"]


def symbols(elf):
    text = subprocess.run(["aarch64-linux-gnu-nm", str(elf)], check=True, capture_output=True, text=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) \w (\S+)$", text, re.M)}


def evaluate(elf, *expressions):
    """What the debugger says of the image's variables; nothing runs."""
    command = ["gdb-multiarch", "-nx", "-batch", *(w for e in expressions for w in ("-ex", "output/d " + e,
               "-ex", "echo \\n")), str(elf)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [int(line) for line in text.split()]


ENDED = re.compile(rb"\[hv\] vm hostile: (powered off|reset requested)[^\n]*")


class Layout:
    """Where what lies, in physical memory: by `hvplan show`, and the symbols of the images."""

    def __init__(self, system, elf):
        text = subprocess.run([str(harness.OUT / "hvplan"), "show", "--board", str(harness.board_dtb()), "--hv", str(elf),
                               "--images", str(harness.OUT), str(system)], check=True, capture_output=True,
                              text=True).stdout
        self.ranges = {}
        for low, high, what in re.findall(r"^  (0x[0-9a-f]+)-(0x[0-9a-f]+)  (\S.*)$", text, re.M):
            self.ranges.setdefault(re.sub(r"[,(].*", "", what).strip(), []).append((int(low, 16), int(high, 16) + 1))
        self.hv = self.ranges["hypervisor"][0]
        self.plan = self.ranges["plan"][0]
        self.pool = self.ranges["stage-2 page tables"][0]
        self.victim = self.ranges["rt: RAM"]
        self.elf = elf
        self.symbols = symbols(elf)
        self.base = self.symbols["hv_text_start"]
        self.text_size = self.symbols["hv_rodata_end"] - self.base
        vms, exits, self.exit_bytes = evaluate(elf, "(long)&vms[1]", "(long)&vms[1].vcpus[0].exits[0]",
                                               "sizeof(vms[1].vcpus[0].exits)")
        assert vms < exits
        self.exits = exits - VA_OFFSET
        rt = harness.guest("rt.elf")
        at, armed, delivered = evaluate(rt, "(long)&rt", "(long)&rt.armed", "(long)&rt.delivered")
        assert at < armed < delivered
        self.armed = self.victim[0][0] + armed
        self.delivered = self.victim[0][0] + delivered
        # Behind the images in the victim's first piece, and at the end of its last.
        self.canaries = [self.victim[0][0] + 0x100000, self.victim[-1][1] - CANARY] + NOBODY

    def pa(self, symbol):
        return self.symbols[symbol] - VA_OFFSET

    def code(self):
        """Some return instructions of the hypervisor's."""
        image = self.elf.with_suffix(".bin").read_bytes()[:self.symbols["hv_text_end"] - self.base]
        found = [at for at in range(0x1000, len(image), 4) if image[at:at + 4] == RET]
        return [self.hv[0] + at for at in (found[0], found[len(found) // 2])]

    def lists(self):
        """The addresses for the guest's boot arguments. As the board lies: every IPA that might be taken for a PA."""
        text = self.symbols["hv_text_end"] - self.base
        return {
            "victim": self.canaries[:2],
            "hole": NOBODY,
            "hv": [self.pa("mmu_early_build") & ~15, self.hv[0] + text, self.pa("log_ring") & ~15, self.plan[0] + 0x80,
                   self.pool[0], self.pool[1] - 16],
            "code": self.code(),
            "device": [0x9040000, 0x9010000, 0x9020000, 0x9030000, 0xa000000, 0x0],
            "own": [0x9000000],
            "gic": NOT_OWN_GIC[harness.GIC],
            "beyond": [(1 << 32) + GICD + 4, (1 << 33) + self.hv[0], 1 << 36, 1 << 39, (1 << 40) + self.victim[0][0],
                       1 << 47],
            "hvva": [self.symbols["hv_trap"], self.symbols["vectors"]],
        }


class Outside:
    """The machine from outside, while it stands still: look() gives everything that no attack may change."""

    def __init__(self, layout, stub, qmp, scratch):
        self.layout, self.stub, self.qmp, self.scratch = layout, stub, qmp, scratch
        draw = random.Random(SEED)
        # A return instruction first, for whoever comes to execute it; then words that are nowhere else.
        self.secret = {at: 2 * RET + draw.randbytes(CANARY - 8) for at in layout.canaries}
        for at, data in self.secret.items():
            stub.write(at, data)
        # The controller's registers: by the debugger's accesses, or, of a GICv2, by what the device holds.
        self.devices = devstate.DeviceState(qmp, scratch) if harness.GIC == 2 else None

    def memory(self, start, size):
        return self.qmp.memory(start, size, self.scratch)

    def number(self, address):
        return int.from_bytes(self.memory(address, 8), "little")

    def progress(self):
        """(armed, delivered, exits) of the victim"""
        lay = self.layout
        data = self.memory(lay.exits, lay.exit_bytes)
        exits = sum(int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8))
        return self.number(lay.armed), self.number(lay.delivered), exits

    def look(self):
        lay = self.layout
        seen = {}
        for at, data in self.secret.items():
            name = "nobody's memory" if at in NOBODY else "victim's memory"
            seen[name, at] = self.memory(at, CANARY) == data
        seen["victim's memory", "image"] = self.memory(lay.victim[0][0], 0x4000)
        seen["hypervisor's memory", "image"] = self.memory(lay.hv[0], lay.text_size)
        seen["hypervisor's memory", "plan"] = self.memory(lay.plan[0], lay.plan[1] - lay.plan[0])
        seen["hypervisor's memory", "tables"] = self.memory(lay.pool[0], lay.pool[1] - lay.pool[0])
        for thread in self.stub.threads:
            for name in CONSTANT:
                seen["EL2's registers", name, thread] = self.stub.read(thread, name)
            for name in UNLOCKED:
                seen["debug registers", name, thread] = self.stub.read(thread, name)
        if harness.GIC == 3:
            self.look_at_gicv3(seen, self.stub.word)
        else:
            self.look_at_gicv2(seen, self.devices.device("arm_gic"))
        return seen

    @staticmethod
    def bait(seen):
        """The victim's interrupt is active still."""
        if harness.GIC == 2:
            return seen["interrupts", "active", VICTIM_SPI] != 0
        return seen["interrupts", "active", VICTIM_SPI // 32] >> VICTIM_SPI % 32 & 1 != 0

    @staticmethod
    def look_at_gicv2(seen, gic):
        """Names of fields are those of QEMU's device."""
        def see(what, at, value):
            seen["interrupts", what, at] = value

        virtual = gic["arm_gic_virt_state"]
        see("distributor", 0, gic["ctlr"])
        for cpu in range(4):
            foreign = cpu in (VICTIM_CPU, IDLE_CPU)
            for name in ("cpu_ctlr", "priority_mask", "bpr", "abpr"):
                see("physical " + name + " of cpu", cpu, gic[name][cpu])
                if foreign:
                    see("virtual " + name + " of cpu", cpu, virtual[name][cpu])
            # But for EOICount, which counts what its own guest ends without having it (IHI 0048B 5.3.1).
            see("h_hcr of cpu", cpu, virtual["h_hcr"][cpu] & (0xffffffff if foreign else 0x07ffffff))
            own = 0 if foreign else 1 << 27 | 1 << 30
            # What comes and goes by itself: IPIs, the maintenance interrupt, the timers.
            passing = 1 | 1 << 25 | 1 << 27 | 1 << 30
            for name, but in (("enabled", own), ("pending", passing), ("active", passing), ("group", 0)):
                bits = sum((gic["irq_state"][n][name] >> cpu & 1) << n for n in range(32))
                see(name + " of cpu", cpu, bits & ~but)
            for n in range(1, 16):
                see("sources of %d at cpu" % n, cpu, gic["sgi_pending"][8 * n + cpu])
            for n in range(32):
                see("priority of %d of cpu" % n, cpu, gic["priority1"][8 * n + cpu])
        for n in range(32, len(gic["irq_state"])):
            if n != OWN_SPI:
                for name in ("enabled", "pending", "active", "edge_trigger", "group"):
                    see(name, n, gic["irq_state"][n][name])
                see("targets", n, gic["irq_target"][n])
                see("priority", n, gic["priority2"][n - 32])

    @staticmethod
    def look_at_gicv3(seen, word):
        for n in range(1, 9):
            own = 1 << OWN_SPI % 32 if n == OWN_SPI // 32 else 0
            for name, bank in (("group", 0x80), ("enable", 0x100), ("pending", 0x200), ("active", 0x300)):
                seen["interrupts", name, n] = word(GICD + bank + 4 * n) & ~own
        for o in range(32, 64, 4):
            seen["interrupts", "priority", o] = word(GICD + 0x400 + o) & ~(0xff00 if o == 32 else 0)
        for o in range(2, 18):
            seen["interrupts", "trigger", o] = word(GICD + 0xc00 + 4 * o) & ~(0xc if o == 2 else 0)
        for o in range(32, 64):
            seen["interrupts", "route", o] = word(GICD + 0x6000 + 8 * o) if o != OWN_SPI else 0
        for cpu in range(4):
            frame = GICR + 2 * cpu * FRAME
            foreign = cpu in (VICTIM_CPU, IDLE_CPU)
            own = 0 if foreign else 1 << 27 | 1 << 30
            seen["interrupts", "sleep", cpu] = word(frame + 0x14)
            seen["interrupts", "enable of cpu", cpu] = word(frame + FRAME + 0x100) & ~own
            # What comes and goes by itself: IPIs, the maintenance interrupt, the timers.
            passing = 1 | 1 << 25 | 1 << 27 | 1 << 30
            seen["interrupts", "pending of cpu", cpu] = word(frame + FRAME + 0x200) & ~passing
            seen["interrupts", "active of cpu", cpu] = word(frame + FRAME + 0x300) & ~passing
            for o in range(0, 32, 4):
                seen["interrupts", "priority of cpu", cpu, o] = word(frame + FRAME + 0x400 + o)


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
        self.attacks = [a for a in ATTACKS if a in attacks]  # in the guest's order
        self.elf = elf or harness.hv_elf()
        system = harness.RUNS / (name + ".dts")
        system.parent.mkdir(parents=True, exist_ok=True)
        system.write_text(harness.system_text([dict(ATTACKER), RT]))
        self.layout = Layout(system, self.elf)
        lists = " ".join("%s=%s" % (k, ":".join("%x" % a for a in v)) for k, v in self.layout.lists().items())
        arguments = "attack=%s step=1 seed=%d %s" % (",".join(self.attacks), SEED, lists)
        system.write_text(harness.system_text([dict(ATTACKER, bootargs=arguments), RT]))
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
        # An interrupt that is withdrawn in the moment it is taken is an exit without a tick; that is rare.
        # On the board with a GICv2 the end of each interrupt traps as well (hv/board/virt-gicv2.c).
        more = (exits - start[2]) - (delivered - start[1]) * (1 if harness.GIC == 3 else 2)
        if abs(more) > 2 + (delivered - start[1]) // 200:
            wrong.append("victim's exits: %d more than its %d ticks" % (more, delivered - start[1]))
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

    def run(self, go_on=True):
        """{attack: what is wrong}; of those that came to be tried. Without go_on the first damage that is seen from outside
        and may last ends the run, and how the VMs come to their end is not looked at."""
        extra = self.extra
        if harness.GIC == 2:
            extra = [*extra, *devstate.options(harness.board_ram(), self.image.parent)]
        with gdbstub.sockets() as (sockets, stop), \
                harness.Machine(self.image, ["hostile", "rt"], extra=[*extra, *sockets], name=self.name) as m:
            m.expect("hostile", "hostile: ready")
            m.expect("rt", "rt: real-time guest")
            rt = harness.RtWatch(m)
            rt.wait_for(1)
            stub, qmp = stop()
            outside = Outside(self.layout, stub, qmp, self.image.with_suffix(".memory"))
            before = outside.look()
            assert outside.bait(before), "the victim's interrupt is not active"
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
                self.last(m, rt)
        return self.verdicts

    def last(self, m, rt):
        """The attacker is gone, and all is as if it had never been."""
        last = ATTACKS[self.attacks[-1]].last
        if last is None:
            m.expect("hostile", "hostile: all done")
            m.send("hostile", "g")
            m.expect("hostile", r"\[hv\] vm hostile: powered off")
        rt.goes_on(500)
        if last and "now" in last:
            return  # it goes on for ever, and QEMU has to be ended
        m.send("rt", "q")
        m.expect("hostile", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


class Breach(Exception):
    """What is wrong is such that this boot cannot go on."""
