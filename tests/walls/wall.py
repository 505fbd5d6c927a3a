# SPDX-License-Identifier: Apache-2.0
"""A wall that is taken away, and what the tables of both instruction sets (walls_armv8.py, walls_riscv.py) share."""

import re

from attacks import KNOWN

TICKS = 20000  # the longest attack takes some 3,000


class Wall:
    """attacks: those at an interrupt controller that the board does not have are left out, and with them a wall that stops no others.
    edits: (file, regular expression that matches once, replacement). words: what a breach says, by regular expression;
    ticks: of the victim, after which what has not come to an end never will.
    also: what else, of some attacks: that the harm was seen from outside too.
    extra: options of the emulator; with no edits it is the machine's wall that is taken away."""

    def __init__(self, attacks, words, edits=(), extra=(), also=None, ticks=TICKS):
        self.attacks = [a for a in attacks.split() if a in KNOWN]
        self.words, self.edits, self.extra = words, edits, list(extra)
        self.also, self.ticks = also or {}, ticks


class Stale(Exception):
    """An edit that no longer applies."""


def edited(wall, root):
    """{file: its text without the wall}"""
    found = {}
    for file, pattern, text in wall.edits:
        source = found.get(file) or (root / file).read_text(encoding="utf-8")
        found[file], n = re.subn(pattern, text, source, flags=re.MULTILINE)
        if n == 0 or found[file] == source:
            raise Stale("the edit of %s no longer applies: %s" % (file, pattern))
    return found


# Whoever leaves a guest makes work for all other CPUs.
OTHERS = "for (unsigned c = 0; c < v->vm->binary->cpus.count; c++) { if (c != v->cpu) { arch_ops.irqc.send_ipi(c); } }"
EXITS_OF_OTHERS = [
    ("hv/exit.c", r"^    counter64_step\(&v->exits\[kind\]\);$", r"\g<0> if (kind != EXIT_IRQ) { %s }" % OTHERS),
    ("hv/run.c", r"^    arch_ops\.irqc\.drop\(intid\);$",
     r"\g<0> if (v != NULL && intid != HV_IPI_INTID) { %s }" % OTHERS),
]

# A vCPU that the VM does not have is that of the CPU of this number, whosever it is.
EXITS = "hv/core/exits.c"
COUNTS_OF_OTHERS = [
    (EXITS, r"^    if \(vcpu >= vm->nr_vcpus\) \{$", "    if (vcpu >= vm->nr_vcpus && vcpu_of_cpu((unsigned)vcpu) == NULL) {"),
    (EXITS, r"counter64_read\(&vm->vcpus\[vcpu & VCPU_MASK\]\.exits",
     "counter64_read(&(vcpu < vm->nr_vcpus ? &vm->vcpus[vcpu] : vcpu_of_cpu((unsigned)vcpu))->exits"),
]
