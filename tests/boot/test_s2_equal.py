# SPDX-License-Identifier: Apache-2.0
"""Stage 2 as a running machine has it: the page-table pool in physical memory and, of every vCPU's CPU, the registers that
lead there (VTCR_EL2 and VTTBR_EL2; hgatp). All of it equals, byte for byte, what the simulator comes to from the same packed
file, and a walker that knows only the architecture's manual finds in it the plan's grants and nothing else. What that is of
devices and interrupt controllers is said here again, by the board's own addresses."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import gdbstub
import harness

PAGE, BLOCK = 1 << 12, 1 << 21


class Armv8:
    # Physical address bits, DDI 0487 D19.2.64: 40 and 44 by the CPUs' manuals. QEMU's "max" has 52, of which the 4 KiB
    # format without FEAT_LPA2 addresses 48.
    CPUS = {kind: {"cortex-a53": 40, "cortex-a72": 44, "max": 48}[kind] for kind in harness.CPU_KINDS}
    REGISTERS = {"vtcr": "VTCR_EL2", "vttbr": "VTTBR_EL2"}  # as the simulator and as QEMU call them
    WALKER = "walker.c"
    DEVICE = harness.uart(0)
    DEVICES = {"linux": harness.UART_AT[0], "probe": harness.UART_AT[0], "rt": harness.UART_AT[1]}  # a page of each VM
    FIRMWARE = []
    RAM = (0x40000000, 0x80000000) if harness.VIRT else (0, 0x80000000)
    CROSSED = []
    # Where the guest has its GICC; one address on all CPUs, and another thing on each. A GIC-400 of which each page is there 16
    # times has the two pages where their repetitions meet.
    GICV = (0x08010000, 0x08040000, 2 * PAGE) if harness.VIRT else (0xf9020000, 0xf906f000, 2 * PAGE)

    @staticmethod
    def demo(image, extra):
        """guests/systems/two-uarts.dts, of which the board's paths and CPUs are not those of every board."""
        if harness.VIRT:
            return harness.hvplan(harness.ROOT / "guests/systems/two-uarts.dts", image, extra=extra)
        linux = {"name": "linux", "vcpus": min(2, harness.CPUS - 1), "memory": "256M", "image": "debian/Image",
                 "initrd": "guests/initramfs.cpio", "bootargs": "console=%s quiet" % harness.TTY, **harness.uart(0)}
        return harness.pack(image.stem, [linux, RT], extra=extra)

    @staticmethod
    def is_on(stub, thread, _cpu, vcpu):
        """The stub does not show MPIDR_EL1."""
        return stub.read(thread, "VMPIDR_EL2") & 0xff00ffffff == vcpu  # Aff3..Aff0

    @staticmethod
    def ctrl_base(vtcr, vttbr):
        return vtcr, vttbr

    @staticmethod
    def irqc(_stub, _thread, _cpu, vcpu, _extra):
        return [Armv8.GICV] if harness.GIC == 2 and vcpu == 0 else []


class Riscv:
    # Bits that stage 2 translates. No plan has guest addresses that need Sv48x4: where there is that, Sv39x4 is used, too.
    CPUS = {"rv64": 50, "rv64,sv48=off": 41, "max": 50}
    REGISTERS = {"hgatp": "hgatp"}
    WALKER = "walker_riscv.c"
    DEVICE = {"devices": "/soc/rtc@101000"}
    DEVICES = {"probe": 0x00101000}
    FIRMWARE = [(0x80000000, 0x80060000)]
    RAM = (0x80000000, 1 << 64)
    # The pages of a hart's interrupt files are four then, and not two.
    CROSSED = ["-M", "virt,aia=aplic-imsic,aia-guests=3"] if harness.BOARD == "virt-aia" else []

    @staticmethod
    def demo(image, extra):
        """guests/systems/demo.dts without its channel: here nothing may be reached twice. Channels: test_channels*.py."""
        linux = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image",
                 "initrd": "guests/initramfs.cpio", "bootargs": "quiet"}
        return harness.pack(image.stem, [linux, RT], extra=extra)

    @staticmethod
    def is_on(stub, thread, cpu, _vcpu):
        return stub.read(thread, "mhartid") == cpu

    @staticmethod
    def ctrl_base(hgatp):
        return 0, hgatp

    @staticmethod
    def irqc(stub, thread, cpu, vcpu, extra):
        """AIA: the guest interrupt file whose interrupts the hart takes for its guest (hstatus.VGEIN); that page of the hart's,
        behind the supervisor's own."""
        if harness.BOARD != "virt-aia":
            return []
        guests = int(re.findall(r"aia-guests=(\d+)", " ".join([*harness.board_options(), *extra]))[-1])
        vgein = stub.read(thread, "hstatus") >> 12 & 0x3f
        assert vgein != 0
        return [(0x28000000 + vcpu * PAGE, 0x28000000 + (cpu << guests.bit_length()) * PAGE + vgein * PAGE, PAGE)]


ISA = {"armv8": Armv8, "riscv": Riscv}[harness.ARCH]

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
PROBE = {"name": "probe", "vcpus": 2, "memory": "6M", "image": "guests/probe.bin", **ISA.DEVICE,
         "bootargs": "test=cpuon,spin cpus=2"}

# 17 GiB of guest RAM: on Armv8 they need 35 bits, more than 16 concatenated tables of level 2 reach, and the walk begins at
# level 1; on RISC-V they are leaves of the root. The machine's memory is address space alone, of which the run touches a few
# pages.
WIDE = ["-m", "20G", "-object", "memory-backend-ram,id=ram,size=20G,reserve=off", "-machine", "memory-backend=ram"]


def demo(name, extra):
    image = harness.RUNS / (name + ".img")
    image.parent.mkdir(parents=True, exist_ok=True)
    return ISA.demo(image, extra)


READY = ["probe", "rt"], [("probe", "probe: spin: now"), ("rt", "rt: armed")]
# name: how it is packed, its VMs, what they say when every vCPU has been started, options of the board. Not every board has four
# CPUs, or can have any RAM.
SYSTEMS = {
    "demo": (demo, ["linux", "rt"], [("linux", "linux# "), ("rt", "rt: armed")], []),
    "crossed": (lambda name, extra: harness.pack(name, [dict(PROBE, cpus="<3 1>"), dict(RT, cpus="<0>")], extra=extra), *READY, ISA.CROSSED),
    "wide": (lambda name, extra: harness.pack(name, [dict(PROBE, memory="300M"), dict(RT, memory="17G")], extra=extra), *READY, WIDE),
    "coloured": (lambda name, extra: harness.pack(name, [dict(PROBE, colours="0-6,9"), dict(RT, colours="7-8,10-15")], extra=extra,
                                                  root={"cache": {"size": "1M", "ways": 16, "line": 64}}), *READY, []),
    "moved": (lambda name, extra: harness.pack(name, [PROBE, RT], extra=extra, root=harness.in_colours("1,4-7,12-15")), *READY, []),
}
SYSTEMS = {name: s for name, s in SYSTEMS.items()
           if harness.VIRT or name == "demo" or (name == "crossed" and harness.CPUS > 3)}


class Dump:
    """pool: the bytes; vcpus: {(VM, index): (affinity or hart id, *ISA.REGISTERS)}; place: [(address, size)] of the pool, whose
    bytes stand one run behind the other; irqc:
    {VM: [(IPA, PA, size)]} of what it should reach of the interrupt controller"""

    def __init__(self, place, pool, vcpus, irqc=None):
        self.place, self.pool, self.vcpus, self.irqc = place, pool, vcpus, irqc

    def roots(self):
        """{VM: registers of its first vCPU}"""
        return {vm: values[1:] for (vm, n), values in self.vcpus.items() if n == 0}

    def differences(self, other):
        """What is not the same, in words; empty if nothing."""
        found = []
        addresses = [at for base, size in self.place for at in range(base, base + size, 8)]
        if self.place != other.place or len(self.pool) != len(other.pool):
            found.append("the pool lies at %r here, at %r there" % (self.place, other.place))
        for at in range(0, min(len(self.pool), len(other.pool)), 8):
            here, there = self.pool[at:at + 8], other.pool[at:at + 8]
            if here != there:
                found.append("word at %#x: %s, %s" % (addresses[at // 8], here[::-1].hex(), there[::-1].hex()))
        for v in sorted(self.vcpus.keys() | other.vcpus.keys()):
            here, there = self.vcpus.get(v), other.vcpus.get(v)
            if here != there:
                found.append("vCPU %s %d (CPU, registers): %r, %r" % (*v, here, there))
        return found


def simulated(image, bits, suffix=".sim"):
    prefix = image.with_suffix(suffix)
    # The simulator's poisoning of memory that is not mapped would take an eighth of a large machine's RAM.
    env = dict(os.environ, ASAN_OPTIONS="allow_user_poisoning=0")
    done = subprocess.run([harness.OUT / ("hvsim-" + harness.BOARD), "-p", str(bits), "-d", prefix, image], capture_output=True, text=True,
                          env=env)
    assert done.returncode == 0, "%s\n%s%s" % (image, done.stdout, done.stderr)
    text = Path(str(prefix) + ".regs").read_text()
    place = [(int(a, 16), int(n)) for a, n in re.findall(r"^pool (0x[0-9a-f]+) (\d+)$", text, re.M)]
    vcpus = {}
    for m in re.finditer(r"^vcpu (\S+) (\d+) hw_id (\S+)%s$" % "".join(r" %s (\S+)" % r for r in ISA.REGISTERS), text, re.M):
        vcpus[m.group(1), int(m.group(2))] = tuple(int(g, 16) for g in m.groups()[2:])
    return Dump(place, Path(str(prefix) + ".pool").read_bytes(), vcpus)


def live(stop, expected, image, extra):
    """The same of the machine in QEMU, which stands still meanwhile. Which CPU a vCPU is on is the plan's to say; the
    stub's thread n is QEMU's CPU n - 1, whose affinity or hart id is that number on these boards."""
    stub, qmp = stop()
    cpus = {int(t, 16) - 1: t for t in stub.threads}
    vcpus, irqc = {}, {}
    for v, (cpu, *_) in sorted(expected.vcpus.items()):
        assert ISA.is_on(stub, cpus[cpu], cpu, v[1]), "vCPU %s %d is not on CPU %d" % (*v, cpu)
        vcpus[v] = (cpu, *(stub.read(cpus[cpu], name) for name in ISA.REGISTERS.values()))
        irqc.setdefault(v[0], []).extend(ISA.irqc(stub, cpus[cpu], cpu, v[1], extra))
    pool = image.with_suffix(".pool")
    first, end = min(a for a, _ in expected.place), max(a + n for a, n in expected.place)
    memory = qmp.memory(first, end - first, pool)
    pool.write_bytes(b"".join(memory[a - first:a - first + n] for a, n in expected.place))
    return Dump(expected.place, pool.read_bytes(), vcpus, irqc)


@pytest.fixture(scope="module")
def s2audit():
    program = harness.RUNS / "s2audit"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("HOSTCC", "gcc"), "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-Ihv/include",
                    "-Itests", "-Itests/system", "-o", str(program), "tests/boot/s2audit.c",
                    "tests/system/%s/system_walk.c" % harness.ARCH, "tests/walker/" + ISA.WALKER], check=True, cwd=harness.ROOT)
    return program


def audit(program, image, pool, vm, registers):
    return subprocess.run([program, image, pool, vm, *(hex(r) for r in ISA.ctrl_base(*registers))], capture_output=True, text=True)


@pytest.fixture(scope="module", params=[(s, c) for s in SYSTEMS for c in ISA.CPUS], ids=lambda p: "-".join(p))
def machine(request):
    """One boot: (packed file, the simulator's dump, QEMU's dump)."""
    system, cpu = request.param
    make, vms, ready, options = SYSTEMS[system]
    extra = [*(harness.cpu(cpu) if harness.ARCH == "armv8" else ["-cpu", cpu]), *options]
    name = re.sub(r"\W+", "-", "s2-%s-%s" % (system, cpu))
    image = make(name, extra)
    expected = simulated(image, ISA.CPUS[cpu])
    with gdbstub.sockets() as (sockets, stop), \
            harness.Machine(image, **harness.consoles(*vms), extra=extra + sockets, name=name) as m:
        for console, line in ready:
            m.expect(console, line)
        return image, expected, live(stop, expected, image, extra)


@pytest.fixture(scope="module")
def reached(machine, s2audit):
    """{VM: [(IPA, PA, size)]} of the plan's grants, which the walker has found to be all that is mapped."""
    image, _, found = machine
    regions = {}
    for vm, registers in found.roots().items():
        done = audit(s2audit, image, image.with_suffix(".pool"), vm, registers)
        assert done.returncode == 0, done.stdout + done.stderr
        regions[vm] = [tuple(int(n, 16) for n in m) for m in re.findall(r"^(0x\w+) (0x\w+) (0x\w+) ", done.stdout, re.M)]
        assert regions[vm], done.stdout
    return regions


# WALL-MEM-2
def test_tables_and_control_registers_are_those_of_the_simulator(machine):
    _, expected, found = machine
    assert any(found.pool) and all(root for *_, root in found.vcpus.values())
    assert found.differences(expected) == []


# WALL-MEM-2
def test_walker_finds_the_grants_of_the_plan_and_nothing_else(machine, s2audit):
    image, _, found = machine
    for (vm, _), (_, *registers) in found.vcpus.items():
        done = audit(s2audit, image, image.with_suffix(".pool"), vm, registers)
        assert done.returncode == 0, done.stdout + done.stderr


# WALL-MEM-2
def test_of_devices_and_the_interrupt_controller_a_vm_reaches_its_own_alone(machine, reached):
    _, _, found = machine
    for vm, regions in reached.items():
        device = [(a, a, PAGE) for name, a in ISA.DEVICES.items() if name == vm]
        outside = [r for r in regions if not ISA.RAM[0] <= r[1] < ISA.RAM[1]]
        assert sorted(outside) == sorted(device + found.irqc[vm]), vm


# WALL-MEM-2
def test_nothing_is_reached_twice_and_nothing_of_the_hypervisors(machine, reached):
    """By one VM or by two: RAM, devices, interrupt files. The pool lies in the block where the hypervisor was loaded, or in its
    colours."""
    image, _, found = machine
    own = [(a, a + n) for a, n in found.place if "moved" in image.stem]
    assert own or harness.LOAD <= found.place[0][0] < harness.LOAD + BLOCK
    taken = [*ISA.FIRMWARE, (harness.LOAD, harness.LOAD + BLOCK), *own]
    taken += [(r[1], r[1] + r[2]) for regions in reached.values() for r in regions if r != Armv8.GICV]
    taken.sort()
    assert [(hex(a[0]), hex(b[0])) for a, b in zip(taken, taken[1:]) if a[1] > b[0]] == []


def test_vcpus_of_one_vm_share_their_tables_and_vms_do_not(machine):
    _, _, found = machine
    of_vm = {}
    for (vm, _), (_, *registers) in found.vcpus.items():
        of_vm.setdefault(vm, set()).add(tuple(registers))
    assert all(len(values) == 1 for values in of_vm.values()), of_vm
    assert len(set().union(*of_vm.values())) == len(of_vm) > 1, of_vm


def test_a_flipped_bit_of_tables_or_registers_is_seen(machine, s2audit):
    """The two comparisons above can fail: each is given the machine's dump with one bit of each table entry wrong."""
    image, expected, found = machine
    entries = [at for at in range(0, len(found.pool), 8) if found.pool[at] & 1]
    wrong = image.with_suffix(".wrong")
    for n, at in enumerate(entries[:: max(1, len(entries) // 40)]):
        pool = bytearray(found.pool)
        bit = (n * 7) % 64
        pool[at + bit // 8] ^= 1 << bit % 8
        assert len(Dump(found.place, bytes(pool), found.vcpus).differences(expected)) == 1
        # The walker is asked about the output address, which no leaf or table may have wrong.
        pool = bytearray(found.pool)
        pool[at + 4] ^= 1
        wrong.write_bytes(pool)
        answers = [audit(s2audit, image, wrong, vm, registers).returncode for vm, registers in found.roots().items()]
        assert 1 in answers, "entry at pool offset %#x" % at
    for v, values in found.vcpus.items():
        for which in range(1, len(values)):
            vcpus = dict(found.vcpus)
            vcpus[v] = tuple(x ^ (1 << 1 if i == which else 0) for i, x in enumerate(values))
            assert len(Dump(found.place, found.pool, vcpus).differences(expected)) == 1
            assert audit(s2audit, image, image.with_suffix(".pool"), v[0], vcpus[v][1:]).returncode == 1


def test_simulator_of_another_cpu_is_told_from_this_one(machine):
    """The physical address size is in VTCR_EL2, and nowhere else."""
    image, expected, found = machine
    bits = 44 if expected.differences(simulated(image, 44, ".other")) else 48
    assert len(found.differences(simulated(image, bits, ".other"))) == len(found.vcpus)
