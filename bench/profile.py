# SPDX-License-Identifier: Apache-2.0
"""Where the hypervisor's instructions are: by function, of a run with the plugin's profile; and which exits are dearest."""

import collections
import json
import re
import statistics
import subprocess

import counted
from counted import ARMV8, exitlog, harness

NAMES = {10: "call", 20: "fetch fault", 21: "load", 22: "instruction", 23: "store", 1 << 63 | 1: "software interrupt",
         1 << 63 | 5: "timer interrupt", 1 << 63 | 9: "external interrupt"}  # scause
CLASSES = {0x01: "WFI", 0x16: "HVC", 0x17: "SMC", 0x18: "system register", 0x20: "fetch fault", 0x24: "data abort"}  # ESR_EL2.EC

Profile = collections.namedtuple("Profile", "counts firsts chain_of")  # by offset: how often, when first, the functions it belongs to


def chains(elf, offsets):
    """By offset in the code, the functions that it belongs to by inlining, innermost first."""
    base = harness.symbols(elf)["hv_text_start"]
    text = subprocess.run([harness.CROSS + "addr2line", "-a", "-i", "-f", "-e", str(elf)], check=True, capture_output=True, text=True,
                          input="\n".join(hex(base + o) for o in offsets)).stdout
    found = {}
    for block in re.split(r"^0x", text, flags=re.M)[1:]:
        first, *rest = block.rstrip("\n").split("\n")
        found[int(first, 16) - base] = [re.sub(r"\.(constprop|isra|part|lto_priv)\.?\d*", "", f) for f in rest[0::2]]
    return found


def of_boot(log, elf=None):
    """What the CPUs that boot executed."""
    found = [[int(rest[0], 16), int(rest[1]), int(rest[2])] for state, what, *rest in exitlog.lines(log) if (state, what) == ("boot", "profile")]
    counts = {offset: n for offset, n, _ in found}
    return Profile(counts, {offset: first for offset, _, first in found}, chains(elf or harness.hv_elf(), counts))


def waited(where):
    """Of boot, those with which a CPU waits for another: a function of main.c that has all that it calls in it."""
    return sum(n for offset, n in where.counts.items() if "wait_for_check_in" in where.chain_of[offset])


def write(name, where):
    """Instructions by innermost function, the most first, into a text."""
    total = collections.Counter()
    for offset, n in where.counts.items():
        total[where.chain_of[offset][0]] += n
    path = harness.OUT / "bench" / ("%s.%s.profile" % (harness.BOARD, name))
    path.write_text("".join("%9d  %s\n" % (n, function) for function, n in total.most_common()))


def kind(e):
    """What an exit was, in words."""
    where = " at 0x%x" % e.address
    if isinstance(e.cause, str):
        return e.cause
    if not ARMV8:
        text = NAMES.get(e.cause, hex(e.cause))
        return text + where if e.cause in (20, 21, 23) else text + " 0x%x" % e.args[0] if e.cause == 10 else text
    ec, iss = e.cause >> 26, e.cause & 0x1ffffff
    text = CLASSES.get(ec, "class 0x%x" % ec)
    if ec == 0x24:  # ISS.WnR
        return ("store" if iss >> 6 & 1 else "load") + where
    if ec in (0x16, 0x17):
        return "%s 0x%x" % (text, e.args[0] & 0xffffffff)
    return text + (" 0x%x" % (iss & 0x3ffc1e) if ec == 0x18 else "")


def dearest(events, count=10):
    """(kind, how many, median, largest) of the kinds of exit with the largest instructions."""
    kinds = {}
    for e in counted.exits(events):
        kinds.setdefault(kind(e), []).append(e.hs)
    rows = [(k, len(n), statistics.median_low(n), max(n)) for k, n in kinds.items()]
    return sorted(rows, key=lambda r: -r[3])[:count]


def write_dearest(name, events):
    path = harness.OUT / "bench" / ("%s.%s.dearest.json" % (harness.BOARD, name))
    path.write_text(json.dumps(dearest(events), indent=1) + "\n")
