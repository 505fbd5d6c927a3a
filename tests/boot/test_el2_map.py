# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own translation tables, read from a running machine and walked here (DDI 0487 D8.3; RISC-V privileged
architecture 1.13, 12.4: Sv39)."""

import struct
import subprocess

import pytest

import gdbstub
import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
CONSOLES = {"consoles": ["hv", "rt"]} if harness.ARCH == "armv8" else {"consoles": ["uart"], "shared": ["rt"]}
PAGE, BLOCK, GIGABYTE = 1 << 12, 1 << 21, 1 << 30
CPUS = 8
MASK = (1 << 64) - 1


class Armv8:
    OFFSET = 1 << 38  # of virtual addresses
    ROOT = "TTBR0_EL2"

    @staticmethod
    def root(value):
        return value

    @staticmethod
    def base(i):
        """Where the first-level entry's gigabyte begins."""
        return i * GIGABYTE

    @staticmethod
    def output(d):
        return d & 0x0000FFFFFFFFF000

    @staticmethod
    def is_leaf(d, last):
        assert d & 2 or not last, "a reserved descriptor"
        return last or not d & 2

    @staticmethod
    def writable(d):
        return not d & 1 << 7

    @staticmethod
    def executable(d):
        return not d & 1 << 54

    @staticmethod
    def is_device(d, _pa):
        return bool(d & 1 << 2)


class Riscv:
    OFFSET = 0xFFFFFFC000000000
    ROOT = "satp"

    @staticmethod
    def root(value):
        assert value >> 44 == 8 << 16, "not Sv39 with ASID 0: %#x" % value
        return value << 12 & MASK >> 8

    @staticmethod
    def base(i):
        return i * GIGABYTE | (0xFFFFFF8000000000 if i >= 256 else 0)

    @staticmethod
    def output(d):
        return d << 2 & 0x00FFFFFFFFFFF000

    @staticmethod
    def is_leaf(d, last):
        assert d & 0xE or not last, "a table below the last level"
        assert d & 6 != 4, "written, and not read: reserved"
        # A leaf: U = 0, and A and D are set. A table: these are reserved.
        assert d >> 54 == 0 and d & 0x10 == 0 and d & 0xC0 == (0xC0 if d & 0xE else 0), "%#x" % d
        return bool(d & 0xE)

    @staticmethod
    def writable(d):
        return bool(d & 4)

    @staticmethod
    def executable(d):
        return bool(d & 8)

    @staticmethod
    def is_device(_d, pa):
        return pa < 0x80000000  # nothing in the descriptor tells


TABLES = {"armv8": Armv8, "riscv": Riscv}[harness.ARCH]


def symbols():
    text = subprocess.run([harness.CROSS + "nm", str(harness.hv_elf())], check=True, capture_output=True, text=True)
    fields = [line.split() for line in text.stdout.splitlines()]
    return {f[2]: int(f[0], 16) for f in fields if len(f) == 3}


def walk(region, base, root):
    """{virtual page: (physical page, descriptor)} of a three-level tree whose tables all lie in the region."""
    def table(pa):
        assert base <= pa < base + len(region), "a table outside the hypervisor's memory: %#x" % pa
        return enumerate(struct.unpack_from("<512Q", region, pa - base))

    pages = {}
    for i, first in table(root):
        if first & 1:
            assert not TABLES.is_leaf(first, False), "a block of 1 GiB"
            for j, second in table(TABLES.output(first)):
                at = TABLES.base(i) + j * BLOCK
                if second & 1:
                    assert not TABLES.is_leaf(second, False), "a block of 2 MiB is mapped at %#x while guests run" % at
                    for k, leaf in table(TABLES.output(second)):
                        if leaf & 1:
                            assert TABLES.is_leaf(leaf, True)
                            pages[at + k * PAGE] = (TABLES.output(leaf), leaf)
    return pages


def physical(va):
    return va - TABLES.OFFSET & MASK


@pytest.fixture(scope="module")
def mapped():
    """Symbols, and the pages mapped at EL2 while a guest runs."""
    image = harness.pack("el2-map", [RT])
    sym = symbols()
    base = physical(sym["hv_text_start"])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **CONSOLES, extra=sockets, name="el2-map") as m:
            m.expect("rt", "rt: armed")
            stub, qmp = stop()
            # The second CPU on have no guest. Of one that runs a guest RISC-V's debugger shows the guest's.
            roots = {TABLES.root(stub.read(thread, TABLES.ROOT)) for thread in stub.threads[harness.ARCH == "riscv":]}
            memory = qmp.memory(base, BLOCK, image.with_name("el2-map.mem"))
    assert roots == {physical(sym["mmu_root"])}, "not the tables that all CPUs use"
    return sym, walk(memory, base, physical(sym["mmu_root"]))


writable, executable = TABLES.writable, TABLES.executable


# WALL-MEM-3
def test_no_page_is_both_writable_and_executable(mapped):
    _, pages = mapped
    assert pages
    assert [hex(va) for va, (_, d) in pages.items() if writable(d) and executable(d)] == []


def test_exactly_the_text_is_executable(mapped):
    sym, pages = mapped
    assert sorted(va for va, (_, d) in pages.items() if executable(d)) == list(
        range(sym["hv_text_start"], sym["hv_text_end"], PAGE))


def test_read_only_data_and_the_plan_cannot_be_written(mapped):
    sym, pages = mapped
    for va in [*range(sym["hv_text_end"], sym["hv_rodata_end"], PAGE),
               *range(sym["hv_end"], sym["hv_end"] + 64 * 1024, PAGE)]:
        assert not writable(pages[va][1]), hex(va)


# WALL-MEM-3
def test_each_stack_lies_between_pages_that_are_not_mapped(mapped):
    sym, pages = mapped
    window = sym["hv_window"]
    for cpu in range(CPUS):
        assert window + 2 * cpu * PAGE not in pages
        assert pages[window + (2 * cpu + 1) * PAGE][0] == physical(sym["hv_stacks"]) + cpu * PAGE
    assert window + 2 * CPUS * PAGE not in pages
    assert window + (2 * CPUS + 3) * PAGE not in pages


def test_stacks_are_mapped_nowhere_else_and_no_page_twice(mapped):
    _, pages = mapped
    normal = [pa for pa, d in pages.values() if not TABLES.is_device(d, pa)]
    assert len(normal) == len(set(normal))


# WALL-MEM-3
def test_identity_map_and_guest_memory_are_gone(mapped):
    sym, pages = mapped
    assert all(va >= TABLES.OFFSET for va in pages)
    base = physical(sym["hv_text_start"])
    outside = {pa for pa, d in pages.values() if not TABLES.is_device(d, pa) and not base <= pa < base + BLOCK}
    assert outside == set()
