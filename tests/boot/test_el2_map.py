# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own translation tables, read from a running machine and walked here (DDI 0487 D8.3; RISC-V privileged
architecture 1.13, 12.4: Sv39): of one that is where it was loaded, and of one that has moved to its colours."""

import re
import struct
import subprocess

import pytest

import gdbstub
import harness
from shown import show, stacks

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
CONSOLES = {"consoles": ["hv", "rt"]} if harness.ARCH == "armv8" else {"consoles": ["uart"], "shared": ["rt"]}
PAGE, BLOCK, GIGABYTE = 1 << 12, 1 << 21, 1 << 30
SLOTS = int(re.search(r"define HV_MAX_CPUS +(\d+)U", (harness.ROOT / "hv/include/hv/types.h").read_text()).group(1))  # for stacks
MASK = (1 << 64) - 1


class Armv8:
    ROOT = "TTBR0_EL2"
    ROOT_ENTRIES = 128

    @staticmethod
    def root_entries(stub, thread):
        """As the CPU takes it: what T0SZ leaves of the address above 1 GiB."""
        return 1 << 64 - (stub.read(thread, "TCR_EL2") & 63) - 30

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
    ROOT = "satp"
    ROOT_ENTRIES = 512

    @staticmethod
    def root_entries(stub, thread):
        """As the hart takes it, by the mode of satp (4.1.11): Sv39 alone is known here."""
        return {8: 512}[stub.read(thread, "satp") >> 60]

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


class Place:
    """Where the hypervisor's 2 MiB lie: page n of them, linked at `start`, at physical address pages[n]."""

    def __init__(self, start, pages):
        self.start, self.pages = start, pages
        self.own = set(pages)

    def physical(self, va):
        return self.pages[(va - self.start) // PAGE] + va % PAGE


class Mapped:
    """sym: symbols; pages: {virtual page: (physical page, descriptor)}; place; devices: [(first, last)] that it has; discovery: the
    physical pages in which it tells the channels' endpoints of each other; stacks: of each CPU, where its page is linked."""

    def __init__(self, sym, pages, place, text, cpus):
        self.sym, self.pages, self.place, self.devices, self.discovery = sym, pages, place, devices(text), discovery(text)
        self.stacks = [harness.VA_OFFSET + stacks(text) + cpu * PAGE & MASK for cpu in range(cpus)]


def walk(memory, root):
    """{virtual page: (physical page, descriptor)} of a three-level tree whose tables are all among {physical page: bytes}."""
    def table(pa, entries=512):
        page = pa // PAGE * PAGE
        assert page in memory and pa % (8 * entries) == 0, "a table outside the hypervisor's memory: %#x" % pa
        return enumerate(struct.unpack_from("<%dQ" % entries, memory[page], pa - page))

    pages = {}
    for i, first in table(root, TABLES.ROOT_ENTRIES):
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


def place_of(sym, home, colours):
    """As the plan's reference has it: page by page upwards from `home` on, what has one of the colours; the cache has 16, of a
    page each. Without colours it is where it was loaded."""
    start = sym["hv_text_start"]
    if not colours:
        return Place(start, [(start - harness.VA_OFFSET & MASK) + n * PAGE for n in range(BLOCK // PAGE)])
    pages = [home + n * PAGE for n in range(16 * BLOCK // PAGE) if (home // PAGE + n) % 16 in colours]
    return Place(start, pages[:BLOCK // PAGE])


def memory_of(qmp, place, file):
    """{physical page: bytes}"""
    first, last = min(place.pages), max(place.pages)
    text = qmp.memory(first, last + PAGE - first, file)
    return {pa: text[pa - first:pa - first + PAGE] for pa in place.pages}


def devices(text):
    """What the hypervisor has itself: the interrupt controller, and the console if no VM has it."""
    listed = text.split("\ndevices\n")[1].split("\n\n")[0]
    return [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^  (0x\w+)-(0x\w+)  hypervisor: ", listed, re.M)]


def discovery(text):
    return {int(a, 16) for a in re.findall(r"^  (0x\w+)-0x\w+  channel \w+: discovery page", text, re.M)}


PEER = {"name": "peer", "vcpus": 1, "cpus": "<1>", "memory": harness.SMALL, "image": "guests/probe.bin", "bootargs": "test=spin",
        "console": "none"}
CHANNELS = {"channels": {c: {"memory": "4K", "doorbells": None, "endpoints": {"rt": {}, "peer": {}}} for c in "cd"}}
PLANS = {"loaded": ([], {}),
         "moved": (range(4, 8), harness.in_colours("4-7")),
         "moved-wide": ([0, 1, 2, 3, 9, 14, 15], harness.in_colours("0-3,9,14-15"))}


@pytest.fixture(scope="module", params=PLANS)
def mapped(request):
    """What is mapped at EL2 while a guest runs."""
    colours, nodes = PLANS[request.param]
    name = "el2-map-" + request.param
    image = harness.pack(name, [RT, PEER], root={**CHANNELS, **nodes})
    sym = symbols()
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **CONSOLES, extra=sockets, name=name) as m:
            m.expect("rt", "rt: armed")
            log = next(iter(m.consoles.values())).text()
            home = int(re.search(r"hypervisor: moved to colours \S+ of 16, from (0x\w+) on", log).group(1), 16) if colours else 0
            place = place_of(sym, home, colours)
            stub, qmp = stop()
            # The third CPU on have no guest. Of one that runs a guest RISC-V's debugger shows the guest's.
            threads = stub.threads[2 * (harness.ARCH == "riscv"):]
            assert {TABLES.root_entries(stub, thread) for thread in threads} == {TABLES.ROOT_ENTRIES}
            roots = {TABLES.root(stub.read(thread, TABLES.ROOT)) for thread in threads}
            memory = memory_of(qmp, place, image.with_name(name + ".mem"))
    assert roots == {place.physical(sym["mmu_root"])}, "not the tables that all CPUs use"
    return Mapped(sym, walk(memory, place.physical(sym["mmu_root"])), place, show(harness.RUNS / (name + ".dts")), harness.CPUS)


writable, executable = TABLES.writable, TABLES.executable


# WALL-MEM-3
def test_no_page_is_both_writable_and_executable(mapped):
    assert mapped.pages
    assert [hex(va) for va, (_, d) in mapped.pages.items() if writable(d) and executable(d)] == []


def test_exactly_the_text_is_executable(mapped):
    assert sorted(va for va, (_, d) in mapped.pages.items() if executable(d)) == list(
        range(mapped.sym["hv_text_start"], mapped.sym["hv_text_end"], PAGE))


def test_read_only_data_and_the_plan_cannot_be_written(mapped):
    sym = mapped.sym
    for va in [*range(sym["hv_text_end"], sym["hv_rodata_end"], PAGE),
               *range(sym["hv_end"], sym["hv_end"] + 64 * 1024, PAGE)]:
        assert not writable(mapped.pages[va][1]), hex(va)


# WALL-MEM-3
def test_each_stack_lies_between_pages_that_are_not_mapped(mapped):
    sym, pages, window = mapped.sym, mapped.pages, mapped.sym["hv_window"]
    for cpu in range(SLOTS):
        assert window + 2 * cpu * PAGE not in pages
        stack = pages.get(window + (2 * cpu + 1) * PAGE, (None, None))[0]
        assert stack == (mapped.place.physical(mapped.stacks[cpu]) if cpu < harness.CPUS else None)
    assert window + 2 * SLOTS * PAGE not in pages
    for n in range(2):  # the boot stack
        assert pages[window + (2 * SLOTS + 1 + n) * PAGE][0] == mapped.place.physical(sym["hv_boot_stack"] + n * PAGE)
    assert window + (2 * SLOTS + 3) * PAGE not in pages


def test_stacks_are_mapped_nowhere_else_and_no_page_twice(mapped):
    normal = [pa for pa, d in mapped.pages.values() if not TABLES.is_device(d, pa)]
    assert len(normal) == len(set(normal))


# WALL-MEM-7
def test_each_page_of_the_region_is_mapped_where_it_lies(mapped):
    """All but the stacks, which are elsewhere."""
    sym, start = mapped.sym, mapped.sym["hv_text_start"]
    stacks = [*mapped.stacks, *range(sym["hv_boot_stack"], sym["hv_boot_stack_end"], PAGE)]
    for va in range(start, start + BLOCK, PAGE):
        found = mapped.pages.get(va, (None, None))[0]
        assert found == (None if va in stacks else mapped.place.physical(va)), hex(va)


# WALL-MEM-3, WALL-MEM-7
def test_identity_map_and_guest_memory_are_gone(mapped):
    """Of one that has moved: also the memory where it was loaded. What is left of guests' are the discovery pages of their channels."""
    assert all(va >= harness.VA_OFFSET for va in mapped.pages)
    outside = {hex(pa) for pa, d in mapped.pages.values() if not TABLES.is_device(d, pa) and pa not in mapped.place.own}
    assert len(mapped.discovery) == 2
    assert outside == {hex(pa) for pa in mapped.discovery}


# WALL-MEM-3
def test_what_is_mapped_of_devices_is_the_hypervisors_own(mapped):
    found = {pa for pa, d in mapped.pages.values() if TABLES.is_device(d, pa)}
    assert found and mapped.devices
    assert {hex(pa) for pa in found if not any(a <= pa <= b for a, b in mapped.devices)} == set()
    if harness.BOARD == "virt-gicv3":  # of each frame of the redistributors the page that has registers
        assert [hex(pa) for pa in sorted(found) if 0x80A0000 <= pa < 0x9000000] == [hex(0x80A0000 + n * 0x10000) for n in range(2 * harness.CPUS)]


def test_the_window_has_no_gaps(mapped):
    """Behind the console what is mapped on demand is one behind the other: what was unmapped in between was used again."""
    window = mapped.sym["hv_window"]
    at = sorted((va - window) // PAGE for va in mapped.pages if window + (2 * SLOTS + 5) * PAGE <= va < window + BLOCK)
    assert at == [*range(2 * SLOTS + 5, 2 * SLOTS + 5 + len(at))] and len(at) > len(mapped.discovery)
