# SPDX-License-Identifier: Apache-2.0
"""Sizes: the image's sections, what a CPU, a VM and a page table take, how deep the stacks were, lines of source."""

import json
import re
import subprocess

import cases
import counted
import shown
from counted import exitlog, harness

PAGE = 4096


def sections(elf):
    """`size -A`: bytes by section."""
    text = subprocess.run([harness.CROSS + "size", "-A", str(elf)], check=True, capture_output=True, text=True).stdout
    return {name: int(size) for name, size in re.findall(r"^\.(\S+)\s+(\d+)\s", text, re.M)}


def objects(elf):
    """What gdb says of the image's types and tables."""
    import hostile
    vm, vcpu, log = hostile.evaluate(elf, "(long)sizeof(vms[0])", "(long)sizeof(vms[0].vcpus[0])", "(long)sizeof(log_ring)")
    return {"size.vm_bytes": vm, "size.vcpu_bytes": vcpu, "size.log_bytes": log}


def tables(vms):
    """Bytes of page tables of the VMs, of all that there are, and of what the hypervisor keeps of CPUs and VMs besides."""
    path = harness.RUNS / "bench-show.dts"
    path.write_text(harness.system_text(vms))
    text = shown.show(path)
    used, there = re.search(r"page tables: (\d+) of (\d+) pages used", text).groups()
    kept = re.search(r"^  hypervisor, for so many CPUs and VMs: (\d+) KiB", text, re.M)
    return int(used) * PAGE, int(there) * PAGE, int(kept.group(1)) * 1024


def stacks():
    """Of each stack page the bytes that were written at least once, after calls, interrupts and a neighbour's storm. RAM is 0 when
    the emulator starts, and the hypervisor does not clear its stacks."""
    import gdbstub
    sym = harness.symbols(harness.hv_elf())
    boot = sym["hv_boot_stack"] - sym["hv_text_start"] + harness.LOAD, sym["hv_boot_stack_end"] - sym["hv_boot_stack"]
    image = harness.pack("bench-stacks", [counted.vm("hypercall,registers," + cases.INTERRUPTS), cases.neighbour()])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, counted.CONSOLES, extra=[*exitlog.ICOUNT, *sockets], name="bench-stacks") as m:
            m.expect("bench", "bench: ipi: done")
            _, qmp = stop()
            file = harness.RUNS / "bench-stacks.memory"
            data = qmp.memory(shown.stacks(shown.show(image.with_suffix(".dts"))), harness.CPUS * PAGE, file)
            deepest = len(qmp.memory(*boot, file).lstrip(b"\0"))
    pages = [data[n:n + PAGE].lstrip(b"\0") for n in range(0, len(data), PAGE)]
    return {"size.stack_high_water_bytes": max(len(p) for p in pages), "size.boot_stack_high_water_bytes": deepest}


def image():
    found = sections(harness.hv_elf())
    return {"size.text_bytes": found["text"], "size.rodata_bytes": found["rodata"], "size.data_bytes": found.get("data", 0),
            "size.bss_bytes": found["bss"] + found["noinit"] + found["stacks"]}


def footprint():
    one, pool, kept = tables([cases.lone()])
    two, _, more = tables([cases.lone(), {"name": "more", "vcpus": 1, "memory": "64M", "image": "guests/bench.bin"}])
    return {**image(), "size.stacks_bytes": sections(harness.hv_elf())["stacks"], "size.pool_bytes": pool,
            "size.tables_1vm_bytes": one, "size.tables_2vm_bytes": two, "size.kept_1vm_bytes": kept, "size.kept_2vm_bytes": more,
            **objects(harness.hv_elf()), **stacks()}


def lines():
    """Lines of code by folder, as cloc counts them; the same on every board."""
    out = {}
    for folder in ("hv", "hv/arch/armv8", "hv/arch/riscv", "hv/board", "hv/core", "hv/fw", "hv/lib", "hv/vdev", "sim", "guests", "tests",
                   "bench"):
        text = subprocess.run(["cloc", "--json", "--quiet", folder], check=True, capture_output=True, text=True, cwd=harness.ROOT).stdout
        out["lines.%s.code" % folder.replace("/", "_")] = json.loads(text)["SUM"]["code"]
    return out
