# SPDX-License-Identifier: Apache-2.0
"""Stage 2 as a running machine has it: the page-table pool in physical memory, VTCR_EL2 and VTTBR_EL2 of every vCPU's
CPU. All of it equals, byte for byte, what the simulator comes to from the same packed file, and a walker that knows only
the architecture's manual finds in it the plan's grants and nothing else."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import gdbstub
import harness

# Physical address bits, DDI 0487 D19.2.64: 40 and 44 by the CPUs' manuals. QEMU's "max" has 52, of which the 4 KiB
# format without FEAT_LPA2 addresses 48.
CPUS = {"cortex-a53": 40, "cortex-a72": 44, "max": 48}
AFFINITY = 0xff00ffffff  # Aff3..Aff0 of VMPIDR_EL2

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}
PROBE = {"name": "probe", "vcpus": 2, "memory": "6M", "image": "guests/probe.bin", "devices": "/pl011@9000000",
         "bootargs": "test=cpuon,spin cpus=2"}

# 17 GiB of guest RAM need 35 bits, more than 16 concatenated tables of level 2 reach: the walk begins at level 1. The
# machine's memory is address space alone, of which the run touches a few pages.
WIDE = ["-m", "20G", "-object", "memory-backend-ram,id=ram,size=20G,reserve=off", "-machine", "memory-backend=ram"]


def demo(name, extra):
    image = harness.RUNS / (name + ".img")
    image.parent.mkdir(parents=True, exist_ok=True)
    return harness.hvplan(harness.ROOT / "guests/systems/two-uarts.dts", image, extra=extra)


# name: how it is packed, its consoles, what they say when every vCPU has been started, options of the board
SYSTEMS = {
    "demo": (demo, ["linux", "rt"], [("linux", "linux# "), ("rt", "rt: armed")], []),
    "crossed": (lambda name, extra: harness.pack(name, [dict(PROBE, cpus="<3 1>"), dict(RT, cpus="<0>")], extra=extra),
                ["probe", "rt"], [("probe", "probe: spin: now"), ("rt", "rt: armed")], []),
    "wide": (lambda name, extra: harness.pack(name, [dict(PROBE, memory="300M"), dict(RT, memory="17G")], extra=extra),
             ["probe", "rt"], [("probe", "probe: spin: now"), ("rt", "rt: armed")], WIDE),
}


class Dump:
    """pool: the bytes; vcpus: {(VM, index): (affinity, VTCR_EL2, VTTBR_EL2)}; place: (address, size) of the pool"""

    def __init__(self, place, pool, vcpus):
        self.place, self.pool, self.vcpus = place, pool, vcpus

    def differences(self, other):
        """What is not the same, in words; empty if nothing."""
        found = []
        if self.place != other.place or len(self.pool) != len(other.pool):
            found.append("the pool lies at %r here, at %r there" % (self.place, other.place))
        for at in range(0, min(len(self.pool), len(other.pool)), 8):
            here, there = self.pool[at:at + 8], other.pool[at:at + 8]
            if here != there:
                found.append("word at %#x: %s, %s" % (self.place[0] + at, here[::-1].hex(), there[::-1].hex()))
        for v in sorted(self.vcpus.keys() | other.vcpus.keys()):
            here, there = self.vcpus.get(v), other.vcpus.get(v)
            if here != there:
                found.append("vCPU %s %d (CPU, VTCR, VTTBR): %r, %r" % (*v, here, there))
        return found


def simulated(image, bits, suffix=".sim"):
    prefix = image.with_suffix(suffix)
    # The simulator's poisoning of memory that is not mapped would take an eighth of a large machine's RAM.
    env = dict(os.environ, ASAN_OPTIONS="allow_user_poisoning=0")
    done = subprocess.run([harness.OUT / ("hvsim-" + harness.BOARD), "-p", str(bits), "-d", prefix, image], capture_output=True, text=True,
                          env=env)
    assert done.returncode == 0, "%s\n%s%s" % (image, done.stdout, done.stderr)
    text = Path(str(prefix) + ".regs").read_text()
    place = re.search(r"^pool (0x[0-9a-f]+) (\d+)$", text, re.M)
    vcpus = {}
    for m in re.finditer(r"^vcpu (\S+) (\d+) hw_id (\S+) vtcr (\S+) vttbr (\S+)$", text, re.M):
        vcpus[m.group(1), int(m.group(2))] = tuple(int(g, 16) for g in m.groups()[2:])
    return Dump((int(place.group(1), 16), int(place.group(2))), Path(str(prefix) + ".pool").read_bytes(), vcpus)


def live(stop, expected, image):
    """The same of the machine in QEMU, which stands still meanwhile. Which CPU a vCPU is on is the plan's to say; the
    stub does not show MPIDR_EL1, but its thread n is QEMU's CPU n - 1, whose affinity is that number on this board."""
    stub, qmp = stop()
    cpus = {int(t, 16) - 1: t for t in stub.threads}
    vcpus = {}
    for v, (cpu, _, _) in expected.vcpus.items():
        assert stub.read(cpus[cpu], "VMPIDR_EL2") & AFFINITY == v[1], "vCPU %s %d is not on CPU %d" % (*v, cpu)
        vcpus[v] = (cpu, stub.read(cpus[cpu], "VTCR_EL2"), stub.read(cpus[cpu], "VTTBR_EL2"))
    return Dump(expected.place, qmp.memory(*expected.place, image.with_suffix(".pool")), vcpus)


@pytest.fixture(scope="module")
def s2audit():
    program = harness.RUNS / "s2audit"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("HOSTCC", "gcc"), "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-Ihv/include",
                    "-Itests", "-Itests/system", "-o", str(program), "tests/boot/s2audit.c",
                    "tests/system/armv8/system_walk.c", "tests/walker/walker.c"], check=True, cwd=harness.ROOT)
    return program


def audit(program, image, pool, vm, vtcr, vttbr):
    return subprocess.run([program, image, pool, vm, hex(vtcr), hex(vttbr)], capture_output=True, text=True)


@pytest.fixture(scope="module", params=[(s, c) for s in SYSTEMS for c in CPUS], ids=lambda p: "-".join(p))
def machine(request):
    """One boot: (packed file, the simulator's dump, QEMU's dump)."""
    system, cpu = request.param
    make, consoles, ready, options = SYSTEMS[system]
    extra = ["-cpu", cpu, *options]
    name = "s2-%s-%s" % (system, cpu)
    image = make(name, extra)
    expected = simulated(image, CPUS[cpu])
    with gdbstub.sockets() as (sockets, stop), harness.Machine(image, consoles, extra=extra + sockets, name=name) as m:
        for console, line in ready:
            m.expect(console, line)
        return image, expected, live(stop, expected, image)


# WALL-MEM-2
def test_tables_and_control_registers_are_those_of_the_simulator(machine):
    _, expected, found = machine
    assert any(found.pool) and all(vttbr for _, _, vttbr in found.vcpus.values())
    assert found.differences(expected) == []


# WALL-MEM-2
def test_walker_finds_the_grants_of_the_plan_and_nothing_else(machine, s2audit):
    image, _, found = machine
    for (vm, _), (_, vtcr, vttbr) in found.vcpus.items():
        done = audit(s2audit, image, image.with_suffix(".pool"), vm, vtcr, vttbr)
        assert done.returncode == 0, done.stdout + done.stderr


def test_vcpus_of_one_vm_share_their_tables_and_vms_do_not(machine):
    _, _, found = machine
    of_vm = {}
    for (vm, _), (_, vtcr, vttbr) in found.vcpus.items():
        of_vm.setdefault(vm, set()).add((vtcr, vttbr))
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
        answers = [audit(s2audit, image, wrong, vm, vtcr, vttbr).returncode
                   for (vm, _), (_, vtcr, vttbr) in found.vcpus.items()]
        assert 1 in answers, "entry at pool offset %#x" % at
    for v, values in found.vcpus.items():
        for which in (1, 2):
            vcpus = dict(found.vcpus)
            vcpus[v] = tuple(x ^ (1 << 1 if i == which else 0) for i, x in enumerate(values))
            assert len(Dump(found.place, found.pool, vcpus).differences(expected)) == 1
            assert audit(s2audit, image, image.with_suffix(".pool"), v[0], *vcpus[v][1:]).returncode == 1


def test_simulator_of_another_cpu_is_told_from_this_one(machine):
    """The physical address size is in VTCR_EL2, and nowhere else."""
    image, expected, found = machine
    bits = 44 if expected.differences(simulated(image, 44, ".other")) else 48
    assert len(found.differences(simulated(image, bits, ".other"))) == len(found.vcpus)
