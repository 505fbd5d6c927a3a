# SPDX-License-Identifier: Apache-2.0
"""Restart of one VM beside another, many times in a row. At the first instruction of a life every word that the hypervisor
keeps of the VM, every register of its CPU, the interrupt controller's bits of its interrupts and the page-table pool are as
at the first instruction of the first life."""

import re
import subprocess

import devstate
import gdbstub
import harness
import hostile
from hostile import physical

AGAIN = {"name": "again", "vcpus": 2, "memory": harness.SMALL, "image": "guests/again.bin", **harness.uart(0),
         "on-reset": "restart", "on-fault": "restart"}
LINUX = {"name": "linux", "vcpus": 2, "memory": "128M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": "console=ttyAMA0 quiet", **harness.uart(0), "on-reset": "restart"}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}

PLAN_BYTES, POOL = 64 << 10, 256 << 10  # of the pool as much as these plans use, and more
ENTRY = {"armv8": 0x40000000, "riscv": 0x80000000}[harness.ARCH]  # of both guests
STAGE2_ROOT = {"armv8": "VTTBR_EL2", "riscv": "hgatp"}[harness.ARCH]
SPI = 33            # of the UART that they have
STATE_OF = {"virt-plic": "vplic", "virt-aia": "vaplic"}.get(harness.BOARD, "vgic")  # the interrupt controller
RTC = 11            # source of RISC-V's, which the guest has
PPIS = 1 << 27 | 1 << 30
GICD, GICR, GICR_STRIDE = 0x08000000, 0x080A0000, 0x20000

# What may differ. Of the hypervisor's words: locks count their tickets, the lives themselves, the exits those of this life:
# its first may be the wake-up that an idle CPU gets for it; on a GICv2 the vCPUs whose private interrupts are silenced when
# they start. Of registers: EL2's syndrome is that of its last exception.
COUNT = {"vms": ["vm.lock", "vm.lives", *("vm.vcpus[%d].exits" % n for n in range(8))],
         "vgics": ["vgic.lock", "vgic.unsilenced"], "vgic_cpus": [], "pool": []}
ENTRIES = {"vms": 1, "vgics": 1, "vgic_cpus": 2, "vplics": 1, "vaplics": 1}  # of what these point to, which is the first VM's
if harness.ARCH == "riscv":
    # sstatus is in its frame as the start wrote it, or, behind an exit that saved all or was made into an exception, as the hardware
    # gave it, with VS = 0 if there are no vectors; a source that arrived as its VM ended is still routed to where it came.
    del COUNT["vgics"], COUNT["vgic_cpus"]
    COUNT["vms"].append("vm.vcpus[0].regs.pstate")
    COUNT[STATE_OF + "s"] = [STATE_OF + ".lock", *(["vplic.word[0].routed"] if STATE_OF == "vplic" else [])]
# Of a GICv2 QEMU's debugger can read no register: it is looked at as a device.
STATE = devstate.options(harness.board_ram(), harness.RUNS) if harness.GIC == 2 else []
COUNTING_REGISTERS = {"ESR_EL2", "FAR_EL2", "HPFAR_EL2"}
# RISC-V: those of the guest, and by which it is kept. The others are the machine level's, count, or tell of the last trap.
REGISTERS = {"armv8": ".*", "riscv": r"pc|zero|ra|sp|gp|tp|[tas]\d+|f[tas]\d+|fcsr|fflags|frm|v\w+|h(?!pm|tval|tinst)\w+|"
                                     r"s(counteren|envcfg|stateen\d|iselect)"}[harness.ARCH]

HV = harness.hv_console("again")
LAYOUT = """
#include "core/vm.h"
#include "vdev/%s_state.h"
#define PLACE(name, type, member) \\
    __asm__ volatile("->" name " %%0 %%1" : : "i"(offsetof(struct type, member)), "i"(sizeof(((struct type *)0)->member)))
void layout(void);
void layout(void)
{
"""


def layout():
    """{member: (offset, size)} of what may differ, as the compiler lays it out."""
    names = [n for part in COUNT.values() for n in part]
    lines = ['    PLACE("%s", %s, %s);' % (n, *n.split(".", 1)) for n in names]
    text = subprocess.run([harness.CROSS + "gcc", "-std=c11", "-ffreestanding", "-Ihv/include", "-Ihv/arch/%s/include" % harness.ARCH, "-Ihv", "-I.", "-S",
                           "-o", "-", "-xc", "-"], input=LAYOUT % STATE_OF + "\n".join(lines) + "\n}\n", cwd=harness.ROOT, check=True,
                          capture_output=True, text=True).stdout
    found = {m[0]: (int(m[1]), int(m[2])) for m in re.findall(r"->(\S+) #?(\d+) #?(\d+)", text)}
    assert sorted(found) == sorted(names)
    return found


def symbols(elf):
    """{name: (address, size)}; size 0 where the linker knows none"""
    text = subprocess.run([harness.CROSS + "nm", "-S", str(elf)], check=True, capture_output=True, text=True).stdout
    return {m[2]: (int(m[0], 16), int(m[1] or "0", 16)) for m in re.findall(r"^(\w+)(?: (\w+))? \w (\S+)$", text, re.M)}


class Lives:
    """Stops a machine at the first instruction of a life of its first VM, whose vCPUs are on CPUs 0 and 1."""

    def __init__(self, machine, stop, console, alive):
        self.m, self.console, self.alive = machine, console, alive
        self.stub, self.qmp = stop()
        self.layout = layout()
        self.hv = symbols(harness.hv_elf())
        names = [name for name in COUNT if name in ENTRIES]
        self.sizes = dict(zip(names, hostile.evaluate(harness.hv_elf(), *("(long)sizeof(%s[0])" % name for name in names))))
        self.restarts = 0
        self.stub.breakpoint(ENTRY, True)
        while self._meets(0, ENTRY) != ENTRY or self.stub.read(self.stub.threads[0], STAGE2_ROOT) == 0:
            pass  # the board's own first instructions, or the other VM's

    def _meets(self, cpu, address):
        """Until a CPU meets the breakpoint; it stands behind it then, unless it is the one that is wanted."""
        thread = self.stub.go()
        pc = self.stub.read(thread, "pc")
        if thread == self.stub.threads[cpu] and self.stub.read(thread, STAGE2_ROOT) != 0:
            return pc
        self.pass_by(address, thread)
        return None

    def pass_by(self, address, thread):
        self.stub.breakpoint(address, False)
        self.stub.step(thread)
        self.stub.breakpoint(address, True)

    def registers(self, cpu):
        assert self.stub.ask("Hg" + self.stub.threads[cpu]) == "OK"
        found = {"cpu %d %s" % (cpu, name): self.stub.ask("p%x" % number) for name, number in self.stub.numbers.items()
                 if re.fullmatch(REGISTERS, name) and name not in COUNTING_REGISTERS}
        for name in ("cpu %d hvip" % cpu, "cpu %d hip" % cpu):  # QEMU shows what pends for the machine level, too
            if name in found:
                found[name] = int.from_bytes(bytes.fromhex(found[name]), "little") & 0x1444
        return found

    def memory(self, name):
        """The first VM's part of an object of the hypervisor, with zeros for what may differ."""
        address, size = self.hv[name]
        place = physical(address)
        if name in ENTRIES:
            place = hostile.pointed(lambda at, n: self.qmp.memory(at, n, harness.RUNS / "restart.mem"), {name: address}, name)
            size = ENTRIES[name] * self.sizes[name]
        data = bytearray(self.qmp.memory(place, size, harness.RUNS / "restart.mem"))
        for member in COUNT[name]:
            offset, length = self.layout[member]
            data[offset:offset + length] = bytes(length)
        return bytes(data)

    def interrupts(self):
        return {3: self.interrupts_v3, 2: self.interrupts_v2, None: self.interrupts_riscv}[harness.GIC]()

    def interrupts_riscv(self):
        """What the hypervisor has chosen for the first sources. Whether a PLIC's is pending is the device's affair, and where
        an APLIC's inactive one would go nobody's."""
        found = {}
        if harness.BOARD == "virt-plic":
            for cpu in range(2):
                found["enables %d" % cpu] = self.stub.word(0x0C002000 + 0x80 * (2 * cpu + 1))
        else:
            for name, offset in (("sourcecfg", 4 * RTC), ("setie", 0x1E00), ("setip", 0x1C00)):
                found[name] = self.stub.word(0x0D000000 + offset)
        return found

    def interrupts_v2(self):
        """CPU 0's and the SPI's. The other vCPU silences its own when it is asked, or as it starts (vdev/vgic.c)."""
        gic = devstate.DeviceState(self.qmp, harness.RUNS / "restart.state").device("arm_gic")
        virtual = gic["arm_gic_virt_state"]
        found = {"SPI " + name: gic["irq_state"][SPI][name] for name in ("enabled", "pending", "active", "edge_trigger", "group")}
        found.update({"SPI targets": gic["irq_target"][SPI], "SPI priority": gic["priority2"][SPI - 32]})
        for name in ("enabled", "pending", "active"):
            found["PPIs " + name] = sum((gic["irq_state"][n][name] & 1) << n for n in range(16, 32)) & PPIS
        for name in ("h_hcr", "h_apr", "cpu_ctlr", "priority_mask", "running_priority", "bpr", "abpr"):
            found["virtual " + name] = virtual[name][0]
        found["list registers"] = virtual["h_lr"][::8]
        return found

    def interrupts_v3(self):
        found = {}
        for cpu in range(2):
            frame = GICR + cpu * GICR_STRIDE + 0x10000
            for register, own in ((0x100, PPIS), (0x200, PPIS), (0x300, PPIS), (0xC04, ~0)):
                found["GICR %d %#x" % (cpu, register)] = self.stub.word(frame + register) & own
        for register in (0x100, 0x200, 0x300):
            found["GICD %#x" % register] = self.stub.word(GICD + register + 4 * (SPI // 32)) & 1 << SPI % 32
        found["GICD_ICFGR"] = self.stub.word(GICD + 0xC00 + 4 * (SPI // 16)) & 3 << 2 * (SPI % 16)
        found["GICD_IROUTER"] = self.stub.word(GICD + 0x6000 + 8 * SPI)
        return found

    def snapshot(self):
        """At the first instruction of a life."""
        found = self.registers(0)
        found.update(self.interrupts())
        for name in COUNT:
            found[name] = self.memory(name)
        pool = physical(self.hv["hv_end"][0]) + PLAN_BYTES
        found["page-table pool"] = self.qmp.memory(pool, POOL, harness.RUNS / "restart.mem")
        assert any(found["page-table pool"])
        return found

    def resume(self):
        """Runs on from the breakpoint without it."""
        self.stub.breakpoint(ENTRY, False)
        self.stub.resume()

    def next_life(self, end_life, times=1):
        """Restarts as often; end_life(n) makes the VM ask for the n-th. Stops at the first instruction of the last."""
        self.resume()
        self.m.expect(self.console, self.alive)
        for n in range(times):
            if n == times - 1:
                self.stub.halt()
                self.stub.breakpoint(ENTRY, True)
                end_life(self.restarts + 1)
                while self._meets(0, ENTRY) != ENTRY:
                    pass
            else:
                end_life(self.restarts + 1)
                self.m.expect(self.console, self.alive)
            self.restarts += 1


def assert_same(now, first, restarts):
    def words(k):
        if not isinstance(first[k], bytes):
            return "%s, first %s" % (now[k], first[k])
        pairs = [(at, now[k][at:at + 4], first[k][at:at + 4]) for at in range(0, len(first[k]), 4)]
        return ", ".join("at %#x %s, first %s" % (at, n[::-1].hex(), f[::-1].hex()) for at, n, f in pairs if n != f)[:400]

    differ = ["%s: %s" % (k, words(k)) for k in first if now[k] != first[k]]
    assert not differ, "after %d restarts:\n%s" % (restarts, "\n".join(differ))


def ends(m, rt, lives, console, quit_by, name):
    lives.resume()
    m.expect(console, lives.alive)
    m.send(console, quit_by)
    m.expect(harness.hv_console(console), r"vm %s: powered off" % name)
    rt.goes_on(500)
    m.send("rt", "q")
    m.expect(harness.hv_console(console), r"all VMs ended; powering off")
    assert m.wait_exit() == 0


def restarts_leave_every_word_as_at_the_first_boot(again, steps, extra=()):
    image = harness.pack("restart-again", [again, RT], extra=extra)
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=[*sockets, *STATE, *extra, "-S"], name="restart-again") as m:
            rt = harness.RtWatch(m)
            lives = Lives(m, stop, "again", "again: alive")
            first = lives.snapshot()
            # vCPU 0 asks, vCPU 1 asks, or both at once; each time both have changed all they can.
            for times in steps:
                lives.next_life(lambda n: m.send("again", "rsb"[n % 3]), times)
                assert_same(lives.snapshot(), first, lives.restarts)
            assert lives.restarts == sum(steps)
            ends(m, rt, lives, "again", "q", "again")


# WALL-FW-3
def test_a_thousand_restarts_leave_every_word_as_at_the_first_boot():
    restarts_leave_every_word_as_at_the_first_boot(AGAIN, (1, 1, 1, 7, 90, 900))


# WALL-FW-3
def test_the_second_cpu_begins_each_life_as_its_first():
    """At secondary_entry, where the guest starts it."""
    entry = ENTRY + symbols(harness.guest("again.elf"))["secondary_entry"][0]
    image = harness.pack("restart-second", [AGAIN, RT])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=[*sockets, "-S"], name="restart-second") as m:
            lives = Lives(m, stop, "again", "again: alive")
            lives.stub.breakpoint(ENTRY, False)
            first = None
            for n in range(4):
                lives.stub.breakpoint(entry, True)
                if n:
                    m.send("again", "rsb"[n % 3])
                while lives._meets(1, entry) != entry:
                    pass
                lives.stub.breakpoint(entry, False)
                now = lives.registers(1)
                first = first or now
                assert_same(now, first, n)
                lives.stub.resume()
                m.expect("again", "again: alive")
                lives.stub.halt()


def test_a_vm_that_faults_restarts_with_a_report_of_each():
    image = harness.pack("restart-fault", [AGAIN, RT])
    with harness.Machine(image, **harness.consoles("again", "rt"), name="restart-fault") as m:
        m.allow(r"\[hv\] vm again: stopped: fault: vcpu 0 pc 0x1000000000 ")
        m.expect("again", "again: alive")
        for n in range(1, 4):
            m.send("again", "f")
            m.expect(HV, r"vm again: stopped: fault: vcpu 0 .* cause: fetch from what is not its own")
            m.expect(HV, r"vm again: vcpu 0 exits: [^\r\n]*fault 2\b")  # of this life alone
            m.expect(HV, r"vm again: restarted \(%d\)" % n)
            m.expect("again", "again: alive")
        harness.RtWatch(m).goes_on(500)
        m.send("again", "q")
        m.expect(HV, r"vm again: powered off")
        m.send("rt", "q")
        assert m.wait_exit() == 0


# WALL-FW-3
def test_linux_reboots_twenty_times_while_the_real_time_guest_goes_on():
    image = harness.pack("restart-linux", [LINUX, RT])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, ["linux", "rt"], extra=[*sockets, *STATE, "-S"], name="restart-linux") as m:
            rt = harness.RtWatch(m)
            lives = Lives(m, stop, "linux", "linux# ")
            first = lives.snapshot()
            for times in (1, 9, 10):
                lives.next_life(lambda n: m.send("linux", "reboot -f\n"), times)
                assert_same(lives.snapshot(), first, lives.restarts)
            assert lives.restarts == 20
            ends(m, rt, lives, "linux", "poweroff -f\n", "linux")
