# SPDX-License-Identifier: Apache-2.0
"""Instructions of the hypervisor per tick of the real-time guest: the same, to the instruction, whatever the neighbour does.
Counted by bench/plugin under -icount, where counts are exact; no time is measured. That they can differ is shown by
tests/walls, in a build where exits are others' business."""

import time

import pytest

import exitlog
import harness
import hostile

# How its neighbours' exits, interrupts and calls could reach the victim is by work for its CPU: WALL-CPU-1, WALL-IRQ-5.
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


def ticks(m, log):
    """The instructions of TICKS exits for interrupts, after PASSED, as soon as there are so many."""
    end = m.limit(4 * harness.TIMEOUT)
    while True:
        found = [e.hs for e in exitlog.read(log) if e.cause == "irq"]
        if len(found) >= PASSED + TICKS:
            return found[PASSED:PASSED + TICKS]
        m.pump(0.2)
        if m.process.poll() is not None:
            raise m.report("QEMU ended too early")
        if time.monotonic() > end:
            raise m.report("the plugin tells %d ticks" % len(found))


def test_plugin_counts_what_was_counted_by_hand():
    """bench/plugin/stub.S; two CPUs at once, since which one runs is what a plugin is told wrongly."""
    log, load = harness.RUNS / "stub.exits", 0x40200000
    options = exitlog.options(log, base=load, size=0x2000, vectors=load + 0x800, guests=True, accesses=True, marks=True)
    with harness.Machine(exitlog.STUB, ["none"], extra=["-smp", "2", *options], name="plugin") as m:
        assert m.wait_exit() == 0
    events, totals = exitlog.parse(exitlog.lines(log))
    assert exitlog.imbalance(events, totals) == []
    boot, rest, waits = (20, 13), (43, 62), (6000001, 0)
    for cpu in (0, 1):
        exits = [41 + 20 * cpu + 2 * (n % 4) for n in range(64)]
        own = [e for e in events if e.cpu == cpu]
        # Each entry with its cause, an HVC with its number, and its data accesses; CPU 0 calls the firmware with literals.
        hvc = [("boot", boot[cpu], 1 - cpu), *((0x5a000000, n, 2) for n in exits)]
        loader = [("reset", 0, 0)] if cpu == 0 else []  # six instructions of QEMU's own
        last = [("unfinished", rest[cpu], 3)] if cpu == 0 else [(0x5a000001, rest[cpu], 2), ("unfinished", 0, 0)]
        assert [(e.cause, e.hs, e.accesses) for e in own if isinstance(e, exitlog.Entry)] == loader + hvc + last
        total = boot[cpu] + sum(exits) + rest[cpu]
        guest = 1 + 4 * 64 + 1 + waits[cpu] + 1
        assert totals[cpu] == exitlog.Total(total, 6 * (1 - cpu), guest, 2 * 65 + 2 * (1 - cpu), 2 * (1 - cpu), 1 - cpu)
        marks = [e for e in own if isinstance(e, exitlog.Mark)]
        assert [(e.number, e.hs, e.guest) for e in marks] == [(5, boot[cpu], 1)]


def per_tick(neighbour, elf=None, label="interference"):
    """(smallest, largest, sum) of the instructions in exits for interrupts on the victim's CPU. Of a GICv2 whose ends trap each
    tick is two of them, so there the sum tells what the smallest and largest do not."""
    elf = elf or harness.hv_elf()
    name = "%s-%s" % (label, neighbour)
    log = harness.RUNS / (name + ".exits")
    vm, said = NEIGHBOURS[neighbour]
    system = harness.RUNS / (name + ".dts")
    system.parent.mkdir(parents=True, exist_ok=True)
    system.write_text(harness.system_text([vm, hostile.RT]))
    image = harness.hvplan(system, system.with_suffix(".img"), elf=elf)
    options = exitlog.of_hypervisor(log, elf, cpu=CPU)
    with harness.Machine(image, [vm["name"], "rt"], extra=options, name=name) as m:
        found = ticks(m, log)
        harness.RtWatch(m).latest()
        shown = m.consoles[vm["name"]].text()
    assert said in shown, shown
    return min(found), max(found), sum(found)


def test_hypervisor_instructions_per_tick_are_the_same_whatever_the_neighbour_does():
    counts = {neighbour: per_tick(neighbour) for neighbour in NEIGHBOURS}
    assert len(set(counts.values())) == 1, counts
