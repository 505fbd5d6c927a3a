# SPDX-License-Identifier: Apache-2.0
"""Runs of the bench guest under the counter, and what is made of their logs. BOARD says which board."""

import re
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/boot"))

import exitlog  # noqa: E402
import harness  # noqa: E402

ARMV8 = harness.ARCH == "armv8"
# guests/bench/bench.h
END, HYPERCALL, FIRMWARE, IRQC_READ, ENABLE_READ, ENABLE_WRITE, TIMER, WIRED, IPI, FILE_IPI, CPU_BOUND, MEMORY_BOUND, TRACE, DOORBELL, \
    CHANNEL, WAIT, MEMCPY, ROUND_TRIP = range(18)
ROUNDS = 50
UART = harness.UARTS[1] if ARMV8 else "/soc/serial@10000000"
CONSOLES = ["hv", "bench"] if ARMV8 else ["bench"]
VM = {"name": "bench", "vcpus": 2, "cpus": "<2 3>", "memory": "64M", "image": "guests/bench.bin", "devices": UART}
NATIVE = {"virt-gicv3": "virt,gic-version=3,dtb-randomness=off", "virt-gicv2": "virt,gic-version=2,dtb-randomness=off", "virt-plic": "virt",
          "virt-aia": "virt,aia=aplic-imsic,aia-guests=1"}


def vm(cases, rounds=ROUNDS, delay=0, **more):
    return dict(VM, bootargs="case=%s rounds=%d delay=%d" % (cases, rounds, delay), **more)


def logged(log):
    events, totals = exitlog.parse(exitlog.lines(log))
    return events, totals


def balanced(log):
    """Events and totals of a run that came to its end."""
    events, totals = logged(log)
    wrong = exitlog.imbalance(events, totals)
    if wrong or not totals:
        raise harness.BootError("%s: the books do not balance: %s" % (log, "; ".join(wrong) or "no totals"))
    return events, totals


def unheard(name, kernel, log, extra, options=None):
    """A run that ends by itself: events and totals. The UARTs go to files: whoever polls one never waits for a reader, so that
    the same is executed each time."""
    paths = [harness.RUNS / "log" / ("bench-%s.uart%d" % (name, n)) for n in (0, 1)]
    files = [word for path in paths for word in ("-serial", "file:%s" % path)]
    with harness.Machine(kernel, [], options=options, extra=[*extra, *files], name="bench-" + name) as m:
        try:
            code = m.process.wait(8 * harness.TIMEOUT)
        except subprocess.TimeoutExpired:
            code = None
        text = b"".join(path.read_bytes() for path in paths)
        found = [s for s in harness.SURPRISES if re.search(s, text)]
        if code != 0 or found or b"bench: all done" not in text:
            raise m.report("exit %s, surprises %s\n%s" % (code, found, text.decode(errors="replace")))
    return balanced(log)


def run(name, vms, extra=(), elf=None, root=None, **words):
    """The bench guest, alone or before others that end by themselves, until the board is off: events and totals."""
    log = harness.RUNS / ("bench-%s.exits" % name)
    image = harness.pack("bench-" + name, vms, extra=extra, root=root)
    return unheard(name, image, log, [*extra, *exitlog.of_hypervisor(log, elf, marks=True, **words)])


def run_beside(name, vms, busy, **words):
    """The same beside one that never ends, until the bench guest has: events. `busy`: CPUs that have to have left a guest often."""
    log = harness.RUNS / ("bench-%s.exits" % name)
    image = harness.pack("bench-" + name, vms)
    with harness.Machine(image, CONSOLES, extra=exitlog.of_hypervisor(log, marks=True, **words), name="bench-" + name) as m:
        m.expect("bench", "bench: all done")
    events, _ = logged(log)
    marks = [n for n, e in enumerate(events) if isinstance(e, exitlog.Mark)]
    meanwhile = sum(1 for e in entries(events[marks[0]:marks[-1]]) if e.cpu in busy)
    if meanwhile < 1000:
        raise harness.BootError("%s: the neighbour left its guest %d times only" % (name, meanwhile))
    return events


def native_machine(memory, cpus=2):
    """The board but for its hypervisor, and like a VM without a seed of random numbers in its tree: Linux executes more until it has
    some."""
    own = ["-cpu", "cortex-a53"] if ARMV8 else ["-dtb", str(harness.board_dtb(extra=["-smp", str(cpus), "-m", memory]))]
    return ["-M", NATIVE[harness.BOARD], "-smp", str(cpus), "-m", memory, "-nic", "none", "-display", "none", "-monitor", "none",
            "-no-reboot", "-rtc", "base=2024-01-01T00:00:00,clock=vm", *own]


def run_native(name, cases, rounds=ROUNDS):
    """The bench guest on the bare board: events and totals."""
    log = harness.RUNS / ("bench-native-%s.exits" % name)
    options = [*native_machine("64M"), *exitlog.options(log, guests=True, marks=True, **exitlog.FIRMWARE),
               "-append", "case=%s rounds=%d" % (cases, rounds)]
    return unheard("native-" + name, harness.guest("bench.bin"), log, [], options)


def entries(events):
    return [e for e in events if isinstance(e, exitlog.Entry)]


def exits(events):
    """Those that are exits of a guest."""
    return [e for e in entries(events) if e.cause not in ("boot", "idle", "firmware", "reset", "unfinished")]


def segments(events, number):
    """The rounds of a mark: of each what its CPU did from that mark to its next."""
    found, now = [], {}
    for e in events:
        if isinstance(e, exitlog.Mark):
            now[e.cpu] = [] if e.number == number else None
            if e.number == number:
                found.append(now[e.cpu])
        elif now.get(e.cpu) is not None:
            now[e.cpu].append(e)
    return found


def between(events, number):
    """The Mark `number` and the next END on its CPU."""
    begin = next(e for e in events if isinstance(e, exitlog.Mark) and e.number == number)
    after = events[events.index(begin) + 1:]
    return begin, next(e for e in after if isinstance(e, exitlog.Mark) and e.cpu == begin.cpu and e.number == END)


def spread(key, numbers):
    """Smallest, median and largest, under key_min and so on."""
    return {key + "_min": min(numbers), key + "_median": statistics.median_low(numbers), key + "_max": max(numbers)}


def rounds(name, found):
    """What each round cost: instructions of the hypervisor and the firmware, data accesses, exits."""
    if len(found) != ROUNDS:
        raise harness.BootError("%s: %d rounds are in the log, not %d" % (name, len(found), ROUNDS))
    out = {"%s.exits" % name: statistics.median_low([len(exits(r)) for r in found]),
           "%s.fw_insns_median" % name: statistics.median_low([sum(e.m for e in r) for r in found]),
           "%s.accesses_median" % name: statistics.median_low([sum(e.accesses for e in r) for r in found])}
    out.update(spread("%s.hv_insns" % name, [sum(e.hs for e in r) for r in found]))
    return out


def call(name, found):
    """The same of what is one exit each."""
    out = rounds(name, found)
    out["%s.hv_insns" % name] = out.pop("%s.hv_insns_median" % name)
    out["%s.accesses" % name] = out.pop("%s.accesses_median" % name)
    return out


def overhead(name, virtual, native):
    """From two pairs of marks."""
    (v0, v1), (n0, n1) = virtual, native
    hv, guest, fw = v1.all_hs - v0.all_hs, v1.all_guest - v0.all_guest, v1.all_m - v0.all_m
    bare = n1.all_guest - n0.all_guest + n1.all_m - n0.all_m
    return {name + ".hv_insns": hv, name + ".guest_insns": guest, name + ".fw_insns": fw, name + ".native_insns": bare,
            name + ".hv_ppm": round(1e6 * hv / (hv + guest + fw)), name + ".growth_ppm": round(1e6 * (hv + guest + fw - bare) / bare)}
