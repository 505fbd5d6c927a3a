# SPDX-License-Identifier: Apache-2.0
"""What each attack of the hostile guest on Armv8 (guests/hostile/armv8) must have met; see attacks.py."""

import re

import harness
from checks import Attack, all_of, at_least, counts_of_others, exits_keep, nothing, says, starts

GICD = 0x8000000
FRAME = 0x10000 if harness.GIC == 3 else 0x1000
OWN_SPI = 33              # of the attacker's console
VTIMER, PTIMER = 27, 30

# ---- What an attack must have met ----------------------------------------------------------------------------------

UNDEF = "fault ec 0x0"
# Cache maintenance and prefetches of an address that is not there may also be left without effect.
NO_EFFECT = {"dc cvac", "dc ivac", "prfm"}


def aborted(rows, allow=()):
    """Every access ended in the abort of a machine where nothing answers."""
    for what, answer in rows:
        name = re.sub(r" 0x[0-9a-f]+$", "", what)
        if name in NO_EFFECT and answer == "0x0" or what in allow:
            continue
        ec = "0x21" if "fetch" in name else "0x25"
        # Device memory of one's own stage 1 does not take an unaligned access in the first place.
        codes = ("0x10", "0x21") if name == "unaligned read" else ("0x10",)
        if not any(answer.startswith("fault ec %s fsc %s " % (ec, c)) for c in codes):
            yield "%s = %s" % (what, answer)
    if not rows:
        yield "nothing was tried"


def faulted(rows):
    """Beyond the address size the CPU itself may say so."""
    yield from ("%s = %s" % r for r in rows if not r[1].startswith("fault ec 0x25 "))
    if not rows:
        yield "nothing was tried"


def rewritten(rows):
    if rows[:1] != [("own code 0x0", "0x2a")]:
        yield "its own code does not run: %s" % rows[:1]
    yield from aborted(rows[1:])


OWN_BIT = 1 << OWN_SPI % 32
OWN_PRIVATE = 0xffff | 1 << VTIMER | 1 << PTIMER

VCPUS = 0x3               # a bit for each of the guest's vCPUs
# Bits that may be other than zero, by offset: the guest's one SPI, its SGIs and its timers, and what identifies.
OWN_PRIORITIES = {**{o: 0xffffffff for o in range(0, 16, 4)}, 0x18: 0xff000000, 0x1c: 0xff0000}
DIST_ANY = {0x4: 0xffffffff, 0x8: 0xffffffff, **{bank + 4: OWN_BIT for bank in range(0x80, 0x400, 0x80)},
            0x400 + OWN_SPI // 4 * 4: 0xff << 8 * (OWN_SPI % 4), 0xc00 + OWN_SPI // 16 * 4: 2 << 2 * (OWN_SPI % 16)}
DIST_V3 = {**DIST_ANY, 0x0: 0x53, 0xffe8: 0xf0, 0x6000 + 8 * OWN_SPI: 0xffffff, 0x6004 + 8 * OWN_SPI: 0xff}
# Of a GICv2 this frame has the vCPU's own interrupts too; their target is the vCPU that reads, number 0.
DIST_V2 = {**DIST_ANY, 0x0: 0x3, 0xfe8: 0xf0, **{bank: OWN_PRIVATE for bank in range(0x80, 0x400, 0x80)},
           **{0x400 + o: mask for o, mask in OWN_PRIORITIES.items()},
           **{0x800 + o: mask & 0x01010101 for o, mask in OWN_PRIORITIES.items()},
           0x800 + OWN_SPI // 4 * 4: VCPUS << 8 * (OWN_SPI % 4), 0xc00: 0xaaaaaaaa,
           **{o: VCPUS * 0x01010101 for o in range(0xf10, 0xf30, 4)}}
DIST = DIST_V3 if harness.GIC == 3 else DIST_V2
# The CPU interface (IHI 0048B 4.4): control, masks and groupings, what is acknowledged or pending (of its own or
# nothing), active priorities, IIDR.
INTERFACE = {0x0: 0x3ff, 0x4: 0xff, 0x8: 0x7, 0xc: 0x1fff, 0x14: 0xff, 0x18: 0x1fff, 0x1c: 0x7, 0x20: 0x1fff,
             0x28: 0x1fff, 0xfc: 0xffffffff, **{o: 0xffffffff for o in range(0xd0, 0xf0, 4)}}
REDIST = {0x4: 0xffffffff, 0x8: 0xffff13, 0xc: 0xff, 0x14: 0x6, 0xffe8: 0xf0,
          **{bank: OWN_PRIVATE for bank in range(0x10080, 0x10400, 0x80)},
          **{0x10400 + o: mask for o, mask in OWN_PRIORITIES.items()},
          0x10c00: 0xffffffff, 0x10c04: 0}


def swept(allowed):
    def check(rows):
        for what, answer in rows:
            m = re.match(r"register (0x[0-9a-f]+)$", what)
            if m and (answer.startswith("fault") or int(answer, 16) & ~allowed.get(int(m.group(1), 16), 0)):
                yield "%s = %s" % (what, answer)
        if ("faults", "0") not in rows:
            yield "an aligned word of the frame faulted"
    return check


def width(allowed, bytewise, doubles):
    """Sizes that a register has not read as zero, and bytes only of what has a byte per interrupt."""
    def check(rows):
        for what, answer in rows:
            m = re.match(r"size (\d) (read|write) (0x[0-9a-f]+)$", what)
            if not m:
                continue
            size, at = int(m.group(1)), int(m.group(3), 16)
            end = (at & ~(FRAME - 1)) + FRAME
            if answer.startswith("fault"):
                # Only what reaches out of the frame; and what crosses a page, of which the first part is told.
                if at + size <= end:
                    yield "%s = %s" % (what, answer)
            elif size == 1 and at in bytewise:
                if int(answer, 16) & ~(allowed.get(at & ~3, 0) >> 8 * (at % 4)):
                    yield "%s = %s" % (what, answer)
            elif size == 8 and at in doubles:
                if int(answer, 16) & ~(allowed.get(at, 0) | allowed.get(at + 4, 0) << 32):
                    yield "%s = %s" % (what, answer)
            else:
                yield "%s = %s" % (what, answer)
        if not any(what == "attempts" for what, _ in rows):
            yield "nothing was tried"
    return check


def odd_at_gic(rows):
    """No syndrome, no emulation: an abort. The unprivileged forms have one, and are 8 bytes wide, which no such register
    is but a route."""
    yield from aborted([r for r in rows if (r[0].split(" ")[0], r[1]) not in (("ldtr", "0x0"), ("sttr", "0x0"))])


def bits(rows):
    for what, answer in rows:
        m = re.match(r"(\w+) word 0x([0-9a-f]+)$", what)
        if m and int(answer, 16) & ~(OWN_BIT if int(m.group(2), 16) == OWN_SPI // 32 else 0):
            yield "%s = %s" % (what, answer)
    if ("words", "31") not in rows:
        yield "it did not get to its end"


def routes(rows):
    yield from ("%s = %s" % r for r in rows if r[0] not in ("route of 0x%x" % OWN_SPI, "routes"))
    if ("routes", "988") not in rows:
        yield "it did not get to its end"


def targets(rows):
    for what, answer in rows:
        if what == "targets of 0x%x" % OWN_SPI and not answer.startswith("fault") and int(answer, 16) & ~VCPUS == 0:
            continue
        if what != "targets":
            yield "%s = %s" % (what, answer)
    if ("targets", "988") not in rows:
        yield "it did not get to its end"


def sources(rows):
    """Each SGI may come from each of the guest's vCPUs, and from nobody else."""
    for what, answer in rows:
        if answer != ("0x%x" % (VCPUS * 0x01010101) if what.startswith("sources") else "0x0"):
            yield "%s = %s" % (what, answer)
    if len(rows) != 8:
        yield "it did not get to its end"


def priorities(rows):
    for what, answer in rows:
        m = re.match(r"(priorities|triggers) at (0x[0-9a-f]+)$", what)
        if m and int(answer, 16) & ~DIST.get(int(m.group(2), 16), 0):
            yield "%s = %s" % (what, answer)
    if ("registers", "309") not in rows:
        yield "it did not get to its end"


def private(rows):
    for what, answer in rows:
        if answer.startswith("fault") or int(answer, 16) & ~(0 if "triggers" in what else OWN_PRIVATE):
            yield "%s = %s" % (what, answer)
    if len(rows) != 9:
        yield "it did not get to its end"


MINUS = {n: (1 << 64) - n for n in range(1, 10)}
# What is answered at all, and how (hv/fw/hypercall.h, psci.h); all else is NOT_SUPPORTED. CPU_ON, AFFINITY_INFO
# and counts of exits are about CPUs that the VM does not have, rings about channels.
ANSWERED = {
    0x80000000: {0x10001}, 0x80000001: {0}, 0x84000000: {0x10001}, 0x84000006: {2}, 0x8400000a: {0},
    0x84000003: {MINUS[2]}, 0xc4000003: {MINUS[2]}, 0x84000004: {MINUS[2]}, 0xc4000004: {MINUS[2]},
    0x86000000: {0}, 0x86000001: set(range(0x1000)), 0x86000002: {9}, 0xc6000003: {MINUS[3]}, 0x86000004: {MINUS[3]},
    0x8600ff01: {0x87a4f05d}, 0x8600ff03: {1},
}


def all_called(rows):
    """By either conduit it is the hypervisor that answers: nobody else has its UID."""
    if ("call 0x8600ff01", "0x87a4f05d") not in rows:
        yield "somebody else answers: no UID"
    yield from called(rows)


def called(rows):
    ended = False
    for what, answer in rows:
        m = re.match(r"call 0x([0-9a-f]+)$", what)
        if m and int(answer, 16) not in ANSWERED.get(int(m.group(1), 16) & 0xffffffff, ()):
            yield "%s = %s" % (what, answer)
        ended = ended or what == "answered"
    if not ended:
        yield "it did not get to its end"


def registers(rows):
    n = 0
    for what, answer in rows:
        m = re.match(r"x 0x([0-9a-f]+)$", what)
        if m:
            i = int(m.group(1), 16)
            n += 1
            if int(answer, 16) != (MINUS[1] if i == 0 else GICD + 4 if i == 1 else 0x5a00 + i):
                yield "%s = %s" % (what, answer)
    if n != 31:
        yield "not all registers were told"


# By kind of exit: how many faults it ends in, the registers of its answer, and those that differ for certain. All others stay.
X0, X2, X15 = 1 << 0, 1 << 2, 1 << 15
CHANGED = {"hvc": (0, X0, X0), "smc": (0, X0, X0), "affinity": (0, X0, X0), "sgi": (0, 0, 0), "read": (0, X2, X2),
           "read into x15": (0, X15, X15), "enables": (0, 0, 0), "uart": (0, X2, X2), "fault": (1, 0, 0), "fault of a store": (1, 0, 0),
           "undefined": (1, 0, 0), "interrupts": (0, X2, X2)}


# The OS lock it sees is its own (OSLSR_EL1: OSLM, and OSLK with the lock locked), and so are breakpoints:
# the CPU's lock would hold them off. No double lock, nothing to keep the power on with.
DEBUGGED = {"brk 0x0": "fault ec 0x3c ", "svc 0x0": "fault ec 0x15 ", "dcps2 0x0": UNDEF, "CurrentEL 0x0": "0x4",
            "oslsr 0x0": "0x8", "oslsr 0x1": "0xa", "osdlr 0x1": "0x0",
            "own breakpoint 0x0": "fault ec 0x31 ", "own breakpoint 0x1": "fault ec 0x31 "}


def debugged(rows):
    facts = dict(rows)
    for what, want in DEBUGGED.items():
        if not facts.get(what, "nothing").startswith(want):
            yield "%s = %s" % (what, facts.get(what, "nothing"))
    if not facts.get("dbgprcr 0x1", "nothing").startswith(("0x0", UNDEF + " ")):  # QEMU has no such register
        yield "dbgprcr 0x1 = %s" % facts.get("dbgprcr 0x1")
    # Where MDSCR_EL1 takes the debugger's fields with the lock open too, there is no debugger: QEMU keeps what is written.
    stuck = int(facts.get("mdscr 0x1", "0x1"), 16) & ~int(facts.get("mdscr 0x0", "0x0"), 16)
    if stuck != 0:
        yield "mdscr 0x1: 0x%x of EDSCR stick" % stuck
    if not any(what.startswith("value") for what, _ in rows):
        yield "no breakpoint was set"


# System registers of EL0 and EL1 that the guest has, as (op0, op1, CRn); of these whatever exists is its own. All others,
# EL2's and EL3's among them, are undefined. DDI 0487 C5 and D19; IHI 0069H for the CPU interface.
OWN_REGISTERS = {
    (2, 0, 0), (2, 0, 1), (2, 0, 7), (2, 3, 0), (2, 3, 1),              # self-hosted debug, OS lock, debug channel
    (3, 0, 0), (3, 1, 0), (3, 2, 0), (3, 3, 0),                       # identification
    (3, 0, 1), (3, 0, 2), (3, 0, 4), (3, 3, 4), (3, 0, 5), (3, 0, 6), (3, 0, 7), (3, 0, 10), (3, 0, 12), (3, 0, 13),
    (3, 3, 13), (3, 0, 14), (3, 3, 14), (3, 3, 2),
}
# In those, what is not: features that are hidden (op0, op1, CRn, CRm, op2).
NOT_OWN = {
    (3, 0, 1, 2, 0), (3, 0, 1, 2, 6), (3, 0, 1, 2, 4),                  # ZCR, SMCR, SMPRI
    (3, 0, 1, 0, 5), (3, 0, 1, 0, 6),                                   # RGSR, GCR
    (3, 0, 5, 6, 0), (3, 0, 5, 6, 1),                                   # TFSR, TFSRE0
    (3, 0, 10, 4, 0), (3, 0, 10, 4, 3), (3, 0, 10, 4, 4), (3, 0, 10, 5, 0), (3, 0, 10, 5, 1),   # LORegions, MPAM
    (3, 0, 10, 2, 2), (3, 0, 10, 2, 3),                                 # PIRE0, PIR
    (3, 1, 0, 0, 4), (3, 3, 4, 2, 2),                                   # GMID, SVCR
    (3, 3, 13, 0, 5), (3, 0, 13, 0, 7), (3, 3, 13, 0, 7),               # TPIDR2, SCXTNUM
    (3, 0, 5, 3, 0), (3, 0, 5, 3, 1), (3, 0, 5, 4, 0),                  # error records
    *((3, 3, 13, crm, op2) for crm in range(2, 16) for op2 in range(8)),  # activity monitors
    *((3, 3, 14, crm, op2) for crm in range(8, 16) for op2 in range(8)),  # PMU event counters
}
NAME = re.compile(r"S(\d)_(\d)_C(\d+)_C(\d+)_(\d)$")


def own_registers(values=None):
    def check(rows):
        n = 0
        for what, answer in rows:
            m = NAME.match(what)
            if not m:
                continue
            n += 1
            enc = tuple(int(g) for g in m.groups())
            if answer == "fault ec 0x18":
                continue  # FEAT_IDST: how the CPU itself says that an identification register is not there
            if enc[:3] not in OWN_REGISTERS or enc in NOT_OWN:
                yield "%s = %s" % (what, answer)
            elif values and enc in values and not values[enc](int(answer, 16)):
                yield "%s = %s" % (what, answer)
        if n < 20:
            yield "only %d registers exist" % n
    return check


def fields(zero, at_most=()):
    """Fields (shift, width) that must read as zero; (shift, maximum) of those that may not say more."""
    return lambda v: all(not v >> s & (1 << w) - 1 for s, w in zero) and all((v >> s & 0xf) <= most for s, most in at_most)


# What must not show: EL2 and EL3, SVE, RAS, AMU, MPAM; MTE with tags, SME; PMU, trace, profiling. And MPIDR is a vCPU's.
IDENTITY = {
    (3, 0, 0, 0, 5): lambda v: v == 1 << 31,
    (3, 0, 0, 4, 0): fields([(8, 4), (12, 4), (28, 4), (32, 4), (40, 4), (44, 4)]),
    (3, 0, 0, 4, 1): fields([(16, 4), (24, 4)], [(8, 1)]),
    # No debug ROM table, no double lock, no request to keep the power on.
    **{(2, 0, 1, crm, op2): lambda v: v == 0 for crm, op2 in ((0, 0), (3, 4), (4, 4))},
    (3, 0, 0, 5, 0): fields([(4, 4), (8, 4), (32, 4), (40, 4), (44, 4)]),
}

# Instructions of the system space that EL1 has, by (op1, CRn): maintenance, AT, and hardware's prediction.
OWN_INSNS = {(0, 7), (0, 8), (3, 7), (0, 9), (1, 7), (0, 4), (3, 4)}


def own_insns(rows):
    n = 0
    for what, answer in rows:
        m = NAME.match(what)
        if m:
            n += 1
            _, op1, crn, _, _ = (int(g) for g in m.groups())
            if (op1, crn) not in OWN_INSNS:
                yield "%s = %s" % (what, answer)
    if n < 10:
        yield "only %d instructions exist" % n


OFF = r"\[hv\] vm hostile: powered off"
RESET = r"\[hv\] vm hostile: reset requested; ended"
# A guest that loses its stack faults for ever: at its own expense, on its own CPUs.
STOPPED = r"\[hv\] vm hostile: stopped: fault: vcpu 0 "
NOW = r"hostile: \w+: now"


# The walls of hv/SECURITY.md that they try stand beside them.
REGIONS = ("victim", "hv", "device", "gic", "hole")
BYTEWISE = range(0x400, 0x800) if harness.GIC == 3 else [*range(0x400, 0xc00), *range(0xf10, 0xf30)]
ATTACKS = {
    # WALL-MEM-1, WALL-MEM-2 (the tables and the hypervisor are among what is looked at), WALL-MEM-4 (odd),
    # WALL-MEM-5 (stage1, walk)
    **{"read-" + r: Attack(aborted) for r in REGIONS}, "read-beyond": Attack(faulted),
    **{"write-" + r: Attack(aborted) for r in REGIONS}, "write-beyond": Attack(faulted),
    **{"fetch-" + r: Attack(aborted) for r in ("victim", "hv", "device", "hole")},
    **{"odd-" + r: Attack(aborted) for r in ("victim", "hv")},
    **{"stage1-" + r: Attack(aborted) for r in ("victim", "hv", "gic")},
    **{"walk-" + r: Attack(aborted) for r in ("victim", "hv", "hole")},
    "rewrite-code": Attack(rewritten),
    # WALL-IRQ-1, WALL-IRQ-2 (sgi), WALL-MEM-4 (odd)
    "gicd-sweep": Attack(swept(DIST)), "gicr-sweep": Attack(swept(REDIST), board="virt-gicv3"),
    "gicd-widths": Attack(width(DIST, BYTEWISE, range(0x6000, 0x8000, 8))),
    "gicr-widths": Attack(width(REDIST, range(0x10400, 0x10420), [0x8]), board="virt-gicv3"),
    "gicr-foreign": Attack(aborted, board="virt-gicv3"), "gic-odd": Attack(odd_at_gic),
    "spi-bits": Attack(bits), "spi-route": Attack(routes, board="virt-gicv3"), "spi-priority": Attack(priorities),
    "ppi-bits": Attack(private),
    "sgi-sweep": Attack(says(("sent", "4608")), board="virt-gicv3"), "sgi-group0": Attack(says(("sent", "64")), board="virt-gicv3"),
    "sgi-broadcast": Attack(says(("sent", "1000")), board="virt-gicv3"), "icc-end": Attack(says(("ended", "2048")), board="virt-gicv3"),
    "spi-targets": Attack(targets, board="virt-gicv2"), "sgir-sweep": Attack(says(("sent", "1536")), board="virt-gicv2"),
    "sgi-sources": Attack(sources, board="virt-gicv2"), "gicc-sweep": Attack(swept(INTERFACE), board="virt-gicv2"),
    "gicc-end": Attack(says(("ended", "2048")), board="virt-gicv2"),
    # WALL-FW-1, WALL-CPU-3, WALL-FW-5 (counts)
    "ranges-hvc": Attack(all_called), "ranges-smc": Attack(all_called), "random-hvc": Attack(called),
    "random-smc": Attack(called), "immediates": Attack(all_of(MINUS[1], 30)),
    "cpu-on-foreign": Attack(all_of(MINUS[2], 24)), "cpu-on-entry": Attack(all_of(MINUS[9], 9)),
    "affinity": Attack(all_of(MINUS[2], 28)), "exit-counts": Attack(counts_of_others(MINUS[3], MINUS[1])),
    # WALL-REG-1, WALL-REG-2, WALL-REG-3 (leak, gpr-exits)
    "idregs": Attack(own_registers(IDENTITY)), "sysreg-read": Attack(own_registers(IDENTITY)),
    "sysreg-write": Attack(own_registers()), "sysinsn": Attack(own_insns), "gpr-leak": Attack(registers),
    "gpr-exits": Attack(exits_keep(CHANGED)),
    "fp-leak": Attack(all_of(0, 6)), "el1-leak": Attack(all_of(0, 21)), "debug": Attack(debugged),
    "hlt": Attack(starts(UNDEF, 3)), "sve": Attack(starts(UNDEF, 10)),
    # WALL-CPU-1, WALL-TIME-1 (timers), WALL-IRQ-5 (timer-past, sgi-storm)
    "setway": Attack(says(("operations", "36864"))), "tlbi": Attack(says(("operations", "10000"))),
    "wfi": Attack(says(("waits", "20000"))), "wfe": Attack(says(("waits", "20000"))),
    "suspend": Attack(at_least("refused", 2000)),
    "timer-past": Attack(says(("virtual", "1"), ("physical", "1"))),
    "timer-toggle": Attack(says(("toggles", "3000"))), "hvc-storm": Attack(says(("calls", "20000"))),
    "fault-storm": Attack(says(("faults", "20000"))), "brk-storm": Attack(says(("faults", "40000"))),
    "mmio-storm": Attack(says(("with the other", "1"))), "recall-storm": Attack(says(("with the other", "1"))),
    "sgi-storm": Attack(says(("with the other", "1"))),
    "onoff-storm": Attack(says(("went off", "1"), ("some came", "1"))),
    # WALL-FW-2, WALL-CPU-2
    "off-hvc": Attack(nothing, OFF), "off-smc": Attack(nothing, OFF), "reset-hvc": Attack(nothing, RESET),
    "reset-smc": Attack(nothing, RESET), "no-vectors": Attack(nothing, STOPPED),
    "stack": Attack(nothing, NOW), "endless": Attack(nothing, NOW),
}
