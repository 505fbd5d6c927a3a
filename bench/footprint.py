# SPDX-License-Identifier: Apache-2.0
"""Sizes: the image's sections, what a CPU, a VM and a page table take, how deep the stacks were, lines of source."""

import json
import re
import subprocess

import cases
import counted
from counted import exitlog, harness

PAGE = 4096


def sections(elf):
    """`size -A`: bytes by section."""
    text = subprocess.run([harness.CROSS + "size", "-A", str(elf)], check=True, capture_output=True, text=True).stdout
    return {name: int(size) for name, size in re.findall(r"^\.(\S+)\s+(\d+)\s", text, re.M)}


def objects(elf):
    """What gdb says of the image's types and tables."""
    import hostile
    vm, vcpu, vms, tables = hostile.evaluate(elf, "(long)sizeof(vms[0])", "(long)sizeof(vms[0].vcpus[0])", "(long)sizeof(vms)",
                                             "(long)sizeof(log_ring)")
    return {"size.vm_bytes": vm, "size.vcpu_bytes": vcpu, "size.vms_bytes": vms, "size.log_bytes": tables}


def tables(vms):
    """Page-table pages: of the VMs, and of all that there are."""
    path = harness.RUNS / "bench-show.dts"
    path.write_text(harness.system_text(vms))
    text = subprocess.run([str(harness.OUT / "hvplan"), "show", "--board", str(harness.board_dtb()), "--hv", str(harness.hv_elf()),
                           "--images", str(harness.IMAGES), str(path)], check=True, capture_output=True, text=True).stdout
    used, there = re.search(r"page tables: (\d+) of (\d+) pages used", text).groups()
    return int(used) * PAGE, int(there) * PAGE


def stacks():
    """Of each stack page the bytes that were written at least once, after calls, interrupts and a neighbour's storm. RAM is 0 when
    the emulator starts, and the hypervisor does not clear its stacks."""
    import gdbstub
    sym = harness.symbols(harness.hv_elf())
    at = sym["hv_stacks"] - sym["hv_text_start"] + harness.LOAD
    size = sym["hv_stacks_end"] - sym["hv_stacks"]
    image = harness.pack("bench-stacks", [counted.vm("hypercall,registers," + cases.INTERRUPTS), cases.neighbour()])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, counted.CONSOLES, extra=[*exitlog.ICOUNT, *sockets], name="bench-stacks") as m:
            m.expect("bench", "bench: ipi: done")
            _, qmp = stop()
            data = qmp.memory(at, size, harness.RUNS / "bench-stacks.memory")
    pages = [data[n:n + PAGE].lstrip(b"\0") for n in range(0, size, PAGE)]
    # The last pages are one stack, on which the first CPU boots.
    boot = data[-2 * PAGE:].lstrip(b"\0")
    return {"size.stack_high_water_bytes": max(len(p) for p in pages[:-2]), "size.boot_stack_high_water_bytes": len(boot)}


def image():
    found = sections(harness.hv_elf())
    return {"size.text_bytes": found["text"], "size.rodata_bytes": found["rodata"], "size.data_bytes": found.get("data", 0),
            "size.bss_bytes": found["bss"] + found["noinit"] + found["stacks"]}


def footprint():
    one, pool = tables([cases.lone()])
    two, _ = tables([cases.lone(), {"name": "more", "vcpus": 1, "memory": "64M", "image": "guests/bench.bin"}])
    return {**image(), "size.stacks_bytes": sections(harness.hv_elf())["stacks"], "size.pool_bytes": pool,
            "size.tables_1vm_bytes": one, "size.tables_2vm_bytes": two, **objects(harness.hv_elf()), **stacks()}


def lines():
    """Lines of code by folder, as cloc counts them; the same on every board."""
    out = {}
    for folder in ("hv", "hv/arch/armv8", "hv/arch/riscv", "hv/board", "hv/core", "hv/fw", "hv/lib", "hv/vdev", "sim", "guests", "tests",
                   "bench"):
        text = subprocess.run(["cloc", "--json", "--quiet", folder], check=True, capture_output=True, text=True, cwd=harness.ROOT).stdout
        out["lines.%s.code" % folder.replace("/", "_")] = json.loads(text)["SUM"]["code"]
    return out
