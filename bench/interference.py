# SPDX-License-Identifier: Apache-2.0
"""A victim's cache lines beside a memory hog, by the plugin's model of a shared last-level cache. The victim's trace is as large as
its colours' share of the cache, so that each line of another's in them takes one of its."""

import re

import counted
import shared_cache
import shown
from counted import exitlog, harness

CACHE = "0x100000:16:64"  # 1 MiB, 16 ways, as of a Cortex-A53 cluster
CACHE_NODE = {"size": "1M", "ways": 16, "line": 64}
SHARE = 512  # KiB: 8 of 16 colours
WRONG = 0x90000000  # a guest address
VICTIM = dict(counted.vm("trace", rounds=3, delay=5), vcpus=1, cpus="<2>")
VICTIM["bootargs"] += " trace=%d" % SHARE
HOG = {"name": "hog", "vcpus": 1, "cpus": "<0>", "memory": "64M", "image": "guests/bench.bin", "bootargs": "case=hog rounds=1",
       "console": "none"}
THEIRS = {"hypervisor": {"colours": "12-15"}}
# A page of the hog's in a colour of the victim's, which it uses.
MISCOLOURED = {"bootargs": "case=hog rounds=1 page=%#x" % WRONG,
               "regions": {"wrong": {"memory": "2M", "memory-address": "<%#x>" % WRONG, "colours": "7", "xn": None}}}


def mask(vm):
    """Its colours, a range, as bits; without any all there can be."""
    if "colours" not in vm:
        return (1 << 64) - 1
    first, last = (int(n) for n in vm["colours"].split("-"))
    return (1 << last + 1) - (1 << first)


def ram(vms, root):
    """The physical ranges of each VM's RAM, in the plugin's words."""
    path = harness.RUNS / "bench-interference.dts"
    path.write_text(harness.system_text(vms, root))
    text = shown.show(path)
    owners = []
    for vm in vms:
        found = re.findall(r"^  (0x[0-9a-f]+)-(0x[0-9a-f]+)  %s: RAM" % vm["name"], text, re.M)
        owners.append("/".join("%s:%#x:%#x" % (low, int(high, 16) + 1 - int(low, 16), mask(vm)) for low, high in found))
    return "+".join(owners)


def victim(name, vms, root=None):
    """(accesses, misses, lines lost to others) of the first VM during its trace."""
    log = harness.RUNS / ("bench-%s.exits" % name)
    image = harness.pack("bench-" + name, vms, root=root)
    options = exitlog.of_hypervisor(log, marks=True, guests=True, accesses=True, firmware=False)
    options[-1] += ",cache=%s,owners=%s" % (CACHE, ram(vms, root))
    with harness.Machine(image, counted.CONSOLES, extra=options, name="bench-" + name) as m:
        m.expect("bench", "bench: trace: done")
    seen = []  # the victim's counts behind its marks
    for number, what, *rest in exitlog.lines(log):
        if what == "cache" and number == "0":
            seen.append([int(n) for n in rest])
    before, after = seen[0], seen[1]
    return [b - a for a, b in zip(before, after)]


def of(case):
    """The VMs of one case, and what else the plan has."""
    victim_vm, hog = dict(VICTIM, colours="0-7"), dict(HOG, colours="8-11")
    cache = {"cache": CACHE_NODE}
    return {"none": ([VICTIM, HOG], None),
            "vm": ([victim_vm, hog], cache),
            "vm_hv": ([victim_vm, hog], {**cache, **THEIRS}),
            "miscoloured": ([victim_vm, dict(hog, **MISCOLOURED)], {**cache, **THEIRS}),
            "alone": ([victim_vm], {**cache, **THEIRS})}[case]


def run(case):
    return victim("trace-" + case.replace("_", "-"), *of(case))


def interference():
    """none: no colours; vm: the VMs have disjoint ones; vm_hv: the hypervisor too; alone: the same without the hog; miscoloured: one page
    of the hog's in a colour of the victim's."""
    out = {}
    for case, _ in shared_cache.CASES:
        accesses, misses, lost = run(case)
        assert accesses == out.setdefault("interference.accesses", accesses), case  # the same trace
        out.update({"interference_%s.victim_misses" % case: misses, "interference_%s.cross_evictions" % case: lost})
    return out
