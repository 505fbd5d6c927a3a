# SPDX-License-Identifier: Apache-2.0
"""Runs under the instruction counter of bench/plugin, and what it wrote: bench/plugin/books.h tells the log's lines."""

import collections

import harness

ICOUNT = ["-icount", "shift=0,sleep=off"]
PLUGIN = harness.OUT / "bench" / "count.so"
STUB = harness.OUT / "bench" / ("stub.bin" if harness.ARCH == "armv8" else "stub_riscv.bin")
# OpenSBI's, on QEMU's `virt`; below EL2 the firmware is QEMU itself.
FIRMWARE = {"firmware": 0x80000000, "firmware-size": 0x80000} if harness.ARCH == "riscv" else {}
WORDS = ("boot", "idle", "other", "firmware", "reset", "unfinished", "irq", "fiq", "serror")

Entry = collections.namedtuple("Entry", "cpu cause hs m accesses address args")  # cause: a number, or one of WORDS
Mark = collections.namedtuple("Mark", "cpu number hs m guest all_hs all_m all_guest")
Total = collections.namedtuple("Total", "hs m guest accesses_hs accesses_m accesses_guest")


def options(log, **words):
    """QEMU's. Words are the plugin's, and its flags True; what the run before left is gone."""
    log.unlink(missing_ok=True)
    text = ["%s=%s" % (key.replace("_", "-"), "on" if value is True else hex(value))
            for key, value in words.items() if value is not None and value is not False]
    return [*ICOUNT, "-plugin", ",".join([str(PLUGIN), *text, "log=%s" % log])]


def of_hypervisor(log, elf=None, firmware=True, **words):
    """The same for a run of the hypervisor. The firmware's instructions take the plugin long, if there are many."""
    sym = harness.symbols(elf or harness.hv_elf())
    return options(log, base=sym["hv_text_start"], size=sym["hv_text_end"] - sym["hv_text_start"], vectors=sym["vectors"],
                   load=harness.LOAD, **(FIRMWARE if firmware else {}), **words)


def lines(log):
    """The whole lines that there are by now, as words."""
    text = log.read_text() if log.exists() else ""
    return [line.split(" ") for line in text[:text.rfind("\n") + 1].split("\n")[:-1]]


def parse(words):
    """The log's entries and marks in their order, and the totals by CPU."""
    events, totals = [], {}
    for cpu, what, *rest in words:
        if what == "mark":
            events.append(Mark(int(cpu), *(int(w) for w in rest)))
        elif what == "total":
            totals[int(cpu)] = Total(*(int(w) for w in rest))
        elif what not in ("profile", "cache"):
            hs, m, accesses, address, *args = rest
            events.append(Entry(int(cpu), what if what in WORDS else int(what, 16), int(hs), int(m), int(accesses),
                                int(address, 16), tuple(int(a, 16) for a in args)))
    return events, totals


def read(log):
    """The entries alone."""
    return [e for e in parse(lines(log))[0] if isinstance(e, Entry)]


def imbalance(events, totals):
    """What is wrong with the books: each CPU's entries have to sum up to what was counted apart from them. Nothing, if nothing."""
    wrong = []
    for cpu, total in totals.items():
        own = [e for e in events if isinstance(e, Entry) and e.cpu == cpu]
        for what in ("hs", "m"):
            found = sum(getattr(e, what) for e in own)
            if found != getattr(total, what):
                wrong.append("cpu %d: %s: entries %d, total %d" % (cpu, what, found, getattr(total, what)))
    unknown = {e.cpu for e in events} - set(totals)
    return wrong + (["no totals of cpus %s" % sorted(unknown)] if unknown else [])
