# SPDX-License-Identifier: Apache-2.0
"""Instructions of the hypervisor per tick of the real-time guest: the same, to the instruction, whatever the neighbour does.
Counted by bench/plugin under -icount, where counts are exact; no time is measured. That they can differ is shown by
tests/walls, in a build where exits are others' business."""

import re
import time

import pytest

import harness
import hostile

# How its neighbours' exits, interrupts and calls could reach the victim is by work for its CPU: WALL-CPU-1, WALL-IRQ-5.
ICOUNT = ["-icount", "shift=0,sleep=off"]
PLUGIN, STUB = harness.OUT / "bench" / "count.so", harness.OUT / "bench" / "stub.bin"
CPU = hostile.VICTIM_CPU
TICKS, PASSED = 600, 50

LINUX = {"name": "linux", "vcpus": 2, "cpus": "<0 1>", "memory": "256M", "image": "debian/Image",
         "initrd": "guests/initramfs.cpio", "bootargs": "console=ttyAMA0 earlycon nokaslr", "devices": "/pl011@9000000"}
# What each says when it is what its name says.
NEIGHBOURS = {
    "halted": (dict(hostile.ATTACKER, bootargs="attack=none"), "vm hostile: powered off"),
    "linux": (LINUX, "Brought up 1 node, 2 CPUs"),
    "attacking": (dict(hostile.ATTACKER, bootargs="attack=endless"), "endless: now"),
}


def plugin(out, **options):
    out.unlink(missing_ok=True)
    words = ",".join("%s=%s" % (k, hex(v) if isinstance(v, int) else v) for k, v in options.items())
    return [*ICOUNT, "-plugin", "%s,%s,out=%s" % (PLUGIN, words, out)]


def counted(m, out):
    """(exits, min, max, total), when the plugin has told them"""
    end = m.limit(4 * harness.TIMEOUT)
    while not (out.exists() and out.read_text().endswith("\n")):
        m.pump(0.2)
        if m.process.poll() is not None and not out.exists():
            raise m.report("QEMU ended, and the plugin told nothing")
        if time.monotonic() > end:
            raise m.report("the plugin tells nothing")
    found = re.fullmatch(r"exits (\d+) min (\d+) max (\d+) total (\d+)\n", out.read_text())
    assert found, out.read_text()
    return tuple(int(g) for g in found.groups())


@pytest.mark.parametrize("cpu", [1, 2])
def test_plugin_counts_what_was_counted_by_hand(cpu):
    """bench/plugin/stub.S; two CPUs at once, since which one runs is what a plugin is told wrongly."""
    out = harness.RUNS / ("stub-%d.txt" % cpu)
    load = 0x40200000
    options = plugin(out, base=load, size=0x2000, vectors=load + 0x800, cpu=cpu, kind="sync", skip=4, count=1000)
    with harness.Machine(STUB, ["none"], extra=["-smp", "2", *options], name="plugin-%d" % cpu) as m:
        m.wait_exit()
        exits, least, most, total = counted(m, out)
    each = [8 + 20 * cpu + 2 * (n % 4) for n in range(4, 64)]
    assert (exits, least, most, total) == (len(each), min(each), max(each), sum(each))


def per_tick(neighbour, elf=None, label="interference"):
    """(smallest, largest, sum) of the instructions in exits for interrupts on the victim's CPU. Of a GICv2 whose ends trap each
    tick is two of them, so there the sum tells what the smallest and largest do not."""
    elf = elf or harness.hv_elf()
    sym = hostile.symbols(elf)
    name = "%s-%s" % (label, neighbour)
    out = harness.RUNS / (name + ".txt")
    vm, said = NEIGHBOURS[neighbour]
    system = harness.RUNS / (name + ".dts")
    system.parent.mkdir(parents=True, exist_ok=True)
    system.write_text(harness.system_text([vm, hostile.RT]))
    image = harness.hvplan(system, system.with_suffix(".img"), elf=elf)
    options = plugin(out, base=sym["hv_text_start"], size=sym["hv_text_end"] - sym["hv_text_start"], vectors=sym["vectors"],
                     cpu=CPU, kind="irq", skip=PASSED, count=TICKS)
    with harness.Machine(image, [vm["name"], "rt"], extra=options, name=name) as m:
        exits, least, most, total = counted(m, out)
        harness.RtWatch(m).latest()
        shown = m.consoles[vm["name"]].text()
    assert said in shown, shown
    assert exits == TICKS
    return least, most, total


def test_hypervisor_instructions_per_tick_are_the_same_whatever_the_neighbour_does():
    counts = {neighbour: per_tick(neighbour) for neighbour in NEIGHBOURS}
    assert len(set(counts.values())) == 1, counts
