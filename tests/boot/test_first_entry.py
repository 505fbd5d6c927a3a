# SPDX-License-Identifier: Apache-2.0
"""What registers hold as a guest executes its first instruction: nothing but what the boot protocol gives it. As each CPU enters
the hypervisor, all registers that a debugger can write are filled, as if the firmware or its last user had left something there."""

import gdbstub
import harness
from test_restart import AGAIN, ENTRY, RT, STAGE2_ROOT, physical, symbols

OPTIONS = ["-cpu", "rv64,v=true"] if harness.ARCH == "riscv" else []
# Left as they are: where the hypervisor begins, and what its boot protocol says.
ARGUMENTS = {"armv8": ["x0"], "riscv": ["a0", "a1"]}[harness.ARCH]
GENERAL = {"armv8": ["x%d" % n for n in range(31)],
           "riscv": ["ra", "sp", "gp", "tp", "fp", *("%s%d" % (c, n) for c, last in (("t", 7), ("a", 8), ("s", 12)) for n in range(last)
                                                     if (c, n) != ("s", 0))]}[harness.ARCH]
VECTORS = {"armv8": ["v%d" % n for n in range(32)] + ["fpsr", "fpcr"],
           "riscv": ["v%d" % n for n in range(32)] + ["f%s%d" % (c, n) for c, last in (("t", 12), ("a", 8), ("s", 12)) for n in range(last)]
           + ["fcsr"]}[harness.ARCH]
CONTROL = {"fpsr": "1f", "fpcr": "00000003", "fcsr": "1f"}  # bits that there are, in the debugger's order of bytes
# Of what the guest alone has; by the names that the debugger gives them.
SYSTEM = {"armv8": ["TPIDR_EL0", "TPIDR_EL1", "TPIDRRO_EL0", "CONTEXTIDR_EL1", "MAIR_EL1", "TTBR0_EL1", "TTBR1_EL1", "TCR_EL1", "PAR_EL1",
                    "FAR_EL1", "ELR_EL1", "SPSR_EL1", "ESR_EL1", "VBAR", "CSSELR"],
          "riscv": ["vsscratch", "vsepc", "vscause", "vstval", "vsatp", "vstvec", "sscratch", "sepc", "scause", "stval", "satp", "stvec",
                    "senvcfg", "scounteren"]}[harness.ARCH]
# What is given to each guest: its user mode has the counters (reset.c, as firmware does).
GIVEN = {"armv8": {}, "riscv": {"scounteren": 7}}[harness.ARCH]


class Entries:
    """A machine stopped before its first instruction, and what its guests begin with."""

    def __init__(self, stub, hv, second):
        self.stub = stub
        self.begin = [physical(hv[name][0]) for name in ("_start", "boot_secondary")]
        self.entries = [ENTRY, second]
        for address in self.begin + self.entries:
            stub.breakpoint(address, True)
        self.filled, self.found = set(), {}

    def value(self, name):
        answer = self.stub.ask("p%x" % self.stub.numbers[name])
        assert len(answer) % 2 == 0 and not answer.startswith("E"), (name, answer)
        return answer

    def fill(self, thread):
        assert self.stub.ask("Hg" + thread) == "OK"
        for n, name in enumerate(GENERAL + VECTORS):
            if name in self.stub.numbers and name not in ARGUMENTS:
                was = self.value(name)
                dirt = CONTROL.get(name, "%02x" % (0xa0 + n % 32) * (len(was) // 2)).ljust(len(was), "0")
                assert self.stub.ask("P%x=%s" % (self.stub.numbers[name], dirt)) == "OK", name
                assert self.value(name) == dirt, name  # or nothing was tried
        self.filled.add(thread)

    def look(self, thread):
        assert self.stub.ask("Hg" + thread) == "OK"
        names = [n for n in GENERAL + VECTORS + SYSTEM if n in self.stub.numbers]
        return {name: int.from_bytes(bytes.fromhex(self.value(name)), "little") for name in names}

    def pass_by(self, thread, address):
        self.stub.breakpoint(address, False)
        self.stub.step(thread)
        self.stub.breakpoint(address, True)

    def meet(self):
        """The next CPU that enters the hypervisor, or a guest for the first time."""
        thread = self.stub.go()
        pc = self.stub.read(thread, "pc")
        if pc in self.begin and thread not in self.filled:
            self.fill(thread)
        elif pc in self.entries and self.stub.read(thread, STAGE2_ROOT) != 0:
            self.found.setdefault(thread, (pc, self.look(thread)))
        self.pass_by(thread, pc)


# WALL-REG-3
def test_a_guest_finds_nothing_in_registers_but_its_arguments():
    second = ENTRY + symbols(harness.guest("again.elf"))["secondary_entry"][0]
    image = harness.pack("first-entry", [AGAIN, RT], extra=OPTIONS)
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=[*OPTIONS, *sockets, "-S"], name="first-entry") as m:
            stub, _ = stop()
            entries = Entries(stub, symbols(harness.hv_elf()), second)
            while len(entries.found) < 3:  # both CPUs of the first VM, and the other's
                entries.meet()
            m.kill()
    assert entries.filled.issuperset(entries.found)
    assert sorted(pc for pc, _ in entries.found.values()) == sorted([ENTRY, ENTRY, second])
    for thread, (pc, registers) in entries.found.items():
        left = {name: hex(value) for name, value in registers.items() if value != GIVEN.get(name, 0) and name not in ARGUMENTS}
        assert left == {}, (thread, hex(pc))
        assert len(registers) > 31 + 33 + 8  # the debugger has them by these names
