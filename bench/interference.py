# SPDX-License-Identifier: Apache-2.0
"""A victim's cache lines beside a memory hog, by the plugin's model of a shared last-level cache."""

import re
import subprocess

import counted
from counted import exitlog, harness

CACHE = "0x100000:16:64"  # 1 MiB, 16 ways, as of a Cortex-A53 cluster; the victim's trace is a quarter of it
HOG = {"name": "hog", "vcpus": 1, "cpus": "<0>", "memory": "64M", "image": "guests/bench.bin", "bootargs": "case=hog rounds=1",
       "console": "none"}


def root(vms):
    """The cache as the plan has to tell it."""
    return {"cache": {"size": "1M", "ways": 16, "line": 64}} if any("colours" in vm for vm in vms) else None


def mask(vm):
    """Its colours, a range, as bits; without any all there can be."""
    if "colours" not in vm:
        return (1 << 64) - 1
    first, last = (int(n) for n in vm["colours"].split("-"))
    return (1 << last + 1) - (1 << first)


def ram(vms):
    """The physical ranges of each VM's RAM, in the plugin's words."""
    path = harness.RUNS / "bench-interference.dts"
    path.write_text(harness.system_text(vms, root(vms)))
    text = subprocess.run([str(harness.OUT / "hvplan"), "show", "--board", str(harness.board_dtb()), "--hv", str(harness.hv_elf()),
                           "--images", str(harness.IMAGES), str(path)], check=True, capture_output=True, text=True).stdout
    owners = []
    for vm in vms:
        found = re.findall(r"^  (0x[0-9a-f]+)-(0x[0-9a-f]+)  %s: RAM" % vm["name"], text, re.M)
        owners.append("/".join("%s:%#x:%#x" % (low, int(high, 16) + 1 - int(low, 16), mask(vm)) for low, high in found))
    return "+".join(owners)


def victim(name, vms):
    """(accesses, misses, lines lost to others) of the first VM during its trace."""
    log = harness.RUNS / ("bench-%s.exits" % name)
    image = harness.pack("bench-" + name, vms, root=root(vms))
    options = exitlog.of_hypervisor(log, marks=True, guests=True, accesses=True, firmware=False)
    options[-1] += ",cache=%s,owners=%s" % (CACHE, ram(vms))
    with harness.Machine(image, counted.CONSOLES, extra=options, name="bench-" + name) as m:
        m.expect("bench", "bench: trace: done")
    seen = []  # the victim's counts behind its marks
    for number, what, *rest in exitlog.lines(log):
        if what == "cache" and number == "0":
            seen.append([int(n) for n in rest])
    before, after = seen[0], seen[1]
    return [b - a for a, b in zip(before, after)]


VICTIM = dict(counted.vm("trace", rounds=10, delay=5), vcpus=1, cpus="<2>")


def beside_hog(coloured):
    if coloured:
        return victim("trace-coloured", [dict(VICTIM, colours="0-7"), dict(HOG, colours="8-15")])
    return victim("trace-beside", [VICTIM, HOG])


def interference():
    alone = victim("trace-alone", [VICTIM])
    beside, coloured = beside_hog(False), beside_hog(True)
    assert alone[0] == beside[0] == coloured[0], (alone, beside, coloured)  # the same trace
    out = {"interference.accesses": alone[0]}
    for label, (_, misses, lost) in (("alone", alone), ("beside_hog", beside), ("beside_hog_coloured", coloured)):
        out.update({"interference_%s.misses" % label: misses, "interference_%s.lines_lost_to_others" % label: lost})
    return out
