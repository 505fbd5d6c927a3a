# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own translation tables, read from a running machine and walked here (DDI 0487 D8.3)."""

import struct
import subprocess

import pytest

import gdbstub
import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}
PAGE, BLOCK, GIGABYTE = 1 << 12, 1 << 21, 1 << 30
VA_OFFSET = 1 << 38
OUTPUT = 0x0000FFFFFFFFF000
CPUS = 8


def symbols():
    text = subprocess.run(["aarch64-linux-gnu-nm", str(harness.hv_elf())], check=True, capture_output=True, text=True)
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
            assert first & 2, "a block of 1 GiB"
            for j, second in table(first & OUTPUT):
                at = i * GIGABYTE + j * BLOCK
                assert second & 3 != 1, "a block of 2 MiB is mapped at %#x while guests run" % at
                if second & 1:
                    for k, leaf in table(second & OUTPUT):
                        if leaf & 1:
                            assert leaf & 2, "a reserved descriptor"
                            pages[at + k * PAGE] = (leaf & OUTPUT, leaf)
    return pages


@pytest.fixture(scope="module")
def mapped():
    """Symbols, and the pages mapped at EL2 while a guest runs."""
    image = harness.pack("el2-map", [RT])
    sym = symbols()
    base = sym["hv_text_start"] - VA_OFFSET
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, ["hv", "rt"], extra=sockets, name="el2-map") as m:
            m.expect("rt", "rt: armed")
            stub, qmp = stop()
            roots = {stub.read(thread, "TTBR0_EL2") for thread in stub.threads}
            memory = qmp.memory(base, BLOCK, image.with_name("el2-map.mem"))
    assert roots == {sym["mmu_root"] - VA_OFFSET}, "not the tables that all CPUs use"
    return sym, walk(memory, base, sym["mmu_root"] - VA_OFFSET)


def writable(descriptor):
    return not descriptor & 1 << 7


def executable(descriptor):
    return not descriptor & 1 << 54


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
        assert pages[window + (2 * cpu + 1) * PAGE][0] == sym["hv_stacks"] - VA_OFFSET + cpu * PAGE
    assert window + 2 * CPUS * PAGE not in pages
    assert window + (2 * CPUS + 3) * PAGE not in pages


def test_stacks_are_mapped_nowhere_else_and_no_page_twice(mapped):
    _, pages = mapped
    normal = [pa for pa, d in pages.values() if not d & 1 << 2]
    assert len(normal) == len(set(normal))


# WALL-MEM-3
def test_identity_map_and_guest_memory_are_gone(mapped):
    sym, pages = mapped
    assert all(va >= VA_OFFSET for va in pages)
    base = sym["hv_text_start"] - VA_OFFSET
    outside = {pa for pa, d in pages.values() if not d & 1 << 2 and not base <= pa < base + BLOCK}
    assert outside == set()
