# SPDX-License-Identifier: Apache-2.0
"""What each attack of the hostile guest on RISC-V (guests/hostile/riscv) must have met; see attacks.py."""

import re

import harness
from checks import Attack, all_of, at_least, counts_of_others, exits_keep, nothing, says

AIA = harness.BOARD == "virt-aia"
OWN_SOURCE = 10           # of the attacker's console
OWN_BIT = 1 << OWN_SOURCE
VCPUS = 2
MINUS = {n: "0x%x" % ((1 << 64) - n) for n in range(1, 10)}

# Causes (privileged architecture 1.13, table 12.7).
FETCH, ILLEGAL, LOAD, STORE = 1, 2, 5, 7

# ---- Memory ----------------------------------------------------------------------------------------------------------

STORES = {"write", "unaligned write", "walk for write", "write to code", "c.sw", "c.sd", "amoswap.w", "amoadd.d", "amoor.w", "amomaxu.d",
          "misaligned sw", "crossing sd", "fsw", "fsd", "vse8", "cbo.zero", "cbo.clean", "cbo.flush", "cbo.inval", "little", "big"}
# Instructions of extensions that a hart may lack, and one that may have no effect.
MAYBE = {"vle8", "vse8", "cbo.zero", "cbo.clean", "cbo.flush", "cbo.inval"}
NO_EFFECT = {"prefetch.r"}


def causes(name):
    if "fetch" in name and name not in NO_EFFECT:
        return (FETCH,)
    if name == "sc.w":  # behind LR, so that it may find no reservation and touch nothing
        return (LOAD, STORE)
    if name == "unaligned read":  # where the hardware refuses it before it looks
        return (LOAD, 4)
    return ((STORE,) if name in STORES else (LOAD,)) + ((ILLEGAL,) if name in MAYBE else ())


def faulted(row):
    """What is wrong with an access that must have ended as on a machine where nothing answers; None if nothing."""
    what, answer = row
    name = re.sub(r" 0x[0-9a-f]+$", "", what)
    if name in NO_EFFECT and answer == "0x0":
        return None
    if any(answer.startswith("fault cause 0x%x " % c) for c in causes(name)):
        return None
    return "%s = %s" % row


def aborted(rows):
    yield from filter(None, map(faulted, rows))
    if not rows:
        yield "nothing was tried"


def rewritten(rows):
    if rows[:1] != [("own code 0x0", "0x2a")]:
        yield "its own code does not run: %s" % rows[:1]
    yield from aborted(rows[1:])


# By entry: does it read, does it write. Reserved bits and combinations are page faults (12.3.2).
PTES = {"good": (True, True), "not dirty": (True, False)}


def entries(rows):
    for what, answer in rows:
        name, way = re.match(r"(.*) (read|write) 0x0$", what).groups()
        good = PTES.get(name, (False, False))[way == "write"]
        if good == answer.startswith("fault") or not good and not answer.startswith("fault cause 0x%x " % (15 if way == "write" else 13)):
            yield "%s = %s" % (what, answer)
    if len(rows) != 24:
        yield "%d facts" % len(rows)


# ---- Interrupt controllers -------------------------------------------------------------------------------------------

# Bits that may be other than zero, by offset. A claim register may give the own source.
PLIC = {4 * OWN_SOURCE: 7, 0x1000: OWN_BIT,
        **{0x2000 + 0x80 * c: OWN_BIT for c in range(VCPUS)},
        **{0x200000 + 0x1000 * c: 7 for c in range(VCPUS)}, **{0x200004 + 0x1000 * c: OWN_SOURCE for c in range(VCPUS)}}
APLIC = {0x0: 0x80000104, 4 * OWN_SOURCE: 7, 0x1c00: OWN_BIT, 0x1d00: OWN_BIT, 0x1e00: OWN_BIT, 0x3000 + 4 * OWN_SOURCE: 0xfffc07ff}
ALLOWED = APLIC if AIA else PLIC
# What a narrow, a wide or an unaligned access would show is zero.
EMULATED = {"c.lw", "c.ld", "c.sw", "c.sd", "lb", "lw to zero"}


def swept(rows):
    for what, answer in rows:
        m = re.match(r"register (0x[0-9a-f]+)$", what)
        if m and (answer.startswith("fault") or int(answer, 16) & ~ALLOWED.get(int(m.group(1), 16), 0)):
            yield "%s = %s" % (what, answer)
        if what == "faults" and answer != "0":
            yield "an aligned word of the frame faulted"
    if not rows:
        yield "nothing was tried"


def widths(rows):
    """A register has one width; unaligned accesses are not emulated."""
    for what, answer in rows:
        m = re.match(r"size (\d) (read|write) (0x[0-9a-f]+)$", what)
        if m and not (int(m.group(3), 16) % int(m.group(1)) and answer.startswith("fault cause 0x%x " % (
                STORE if m.group(2) == "write" else LOAD))):
            yield "%s = %s" % (what, answer)
    if not any(what == "attempts" for what, _ in rows):
        yield "nothing was tried"


def odd_at_irqc(rows):
    for row in rows:
        name = re.sub(r" 0x[0-9a-f]+$", "", row[0])
        wrong = row[1].startswith("fault") if name in EMULATED else faulted(row)
        if wrong:
            yield "%s = %s" % row
    if not rows:
        yield "nothing was tried"


def own_alone(last, **allowed):
    """allowed: of facts "<name> <number>" the numbers, with a mask of what may be told. `last` is how it ends."""
    def check(rows):
        for what, answer in rows:
            name, _, number = what.rpartition(" ")
            masks = allowed.get(name.replace(" ", "_"), {})
            if (what, answer) != last and (answer.startswith("fault") or
                                           int(answer, 16) & ~masks.get(int(number, 16) if number[:2] == "0x" else -1, 0)):
                yield "%s = %s" % (what, answer)
        if last not in rows:
            yield "it did not get to its end"
    return check


def file_registers(rows):
    """eidelivery, eithreshold, and of the arrays eip and eie the even ones (AIA 1.0 3.8)."""
    for what, answer in rows:
        m = re.match(r"selected (0x[0-9a-f]+)$", what)
        number = int(m.group(1), 16) if m else 0x70
        if number not in (0x70, 0x72) and not (0x80 <= number < 0x100 and number % 2 == 0):
            yield "%s = %s" % (what, answer)
    if not any(what == "illegal" for what, _ in rows):
        yield "it did not get to its end"


# ---- Firmware calls --------------------------------------------------------------------------------------------------

ANY = None
# What is answered at all, and how: (error, value), by (extension, function); all else is NOT_SUPPORTED (hv/fw/sbi.h). The calls
# are about harts that the VM does not have.
OTHERS_HARTS = (MINUS[3], "0x0")
ANSWERED = {
    (0x10, 0): ("0x0", "0x2000000"), (0x10, 1): ("0x0", "0x42484b"), (0x10, 2): ("0x0", ANY), (0x10, 3): ("0x0", ANY),
    (0x10, 4): ("0x0", ANY), (0x10, 5): ("0x0", ANY), (0x10, 6): ("0x0", ANY),
    (0x54494d45, 0): ("0x0", "0x0"), (0x735049, 0): OTHERS_HARTS, (0x48534d, 0): OTHERS_HARTS, (0x48534d, 2): OTHERS_HARTS,
    **{(0x52464e43, f): OTHERS_HARTS for f in range(3)},
    (0x0a42484b, 0): ("0x0", "0x0"), (0x0a42484b, 1): ("0x0", ANY), (0x0a42484b, 2): ("0x0", "0x9"),
    (0x0a42484b, 3): OTHERS_HARTS, (0x0a42484b, 4): OTHERS_HARTS,  # a channel that the VM does not have
}


def called(rows):
    for what, answer in rows:
        m = re.match(r"call (0x[0-9a-f]+) (0x[0-9a-f]+)$", what)
        if not m:
            continue
        eid, fid = int(m.group(1), 16), int(m.group(2), 16)
        error, value = answer.split(" value ")
        if eid in (0, 3):  # set timer and clear IPI of v0.1, whatever the function; a1 as it was
            good = error in ("0x0", "0x1")
        else:
            want = ANSWERED.get((eid, fid), ("", ""))
            good = error == want[0] and want[1] in (value, ANY)
        if not good:
            yield "%s = %s" % (what, answer)
    if not any(what == "answered" for what, _ in rows):
        yield "it did not get to its end"


def all_called(rows):
    """It is the hypervisor that answers: nobody else has its identifier."""
    if ("call 0x10 0x1", "0x0 value 0x42484b") not in rows:
        yield "somebody else answers"
    yield from called(rows)


def all_are(value, count, rows):
    yield from ("%s = %s" % r for r in rows if r[1] != value)
    if len(rows) != count:
        yield "%d facts, not %d" % (len(rows), count)


def fences(rows):
    yield from all_are(MINUS[3], 45, [r for r in rows if r[0].startswith("mask")])
    yield from all_are(MINUS[2], 20, [r for r in rows if r[0].startswith("function")])


def minus(n, count):
    return lambda rows: all_are(MINUS[n], count, rows)


# ---- CSRs and instructions -------------------------------------------------------------------------------------------

# CSRs of U and S level; of these whatever exists is its own. All others are illegal: those of HS, VS and M level, and counters of
# what the machine does. Floating point, vectors, S level with sstateen, Sstc and AIA; time, cycles and instructions.
OWN_CSRS = {*range(0x1, 0x4), *range(0x8, 0x10), 0x100, 0x104, 0x105, 0x106, 0x10a, *range(0x10c, 0x110), *range(0x140, 0x145), 0x14d,
            0x180, *range(0xc00, 0xc03), *range(0xc20, 0xc23), *((0x150, 0x151, 0x15c, 0xdb0) if AIA else ())}
READ_ONLY = {n for n in OWN_CSRS if n >= 0xc00}
# What may stick of all ones: of senvcfg FIOM, LPE, cache blocks and PMM, which are about its own user mode, but no shadow stacks;
# of the interrupts those that a guest has; nothing of satp's.
MASKS = {0x10a: 3 << 32 | 0xf5, 0x104: 0x222, 0x144: 0x222, 0x180: 0}


def csrs(allowed, masks):
    def check(rows):
        n = 0
        for what, answer in rows:
            m = re.match(r"csr (0x[0-9a-f]+)$", what)
            if m:
                n += 1
                csr = int(m.group(1), 16)
                if csr not in allowed or answer.startswith("fault") or int(answer, 16) & ~masks.get(csr, (1 << 64) - 1):
                    yield "%s = %s" % (what, answer)
        if n < 10:
            yield "only %d CSRs exist" % n
        if not any(what == "illegal" for what, _ in rows):
            yield "it did not get to its end"
    return check


# WRS.NTO and WRS.STO, SFENCE.VMA, SINVAL.VMA and its fences, by their upper 12 bits; rs2 is in the low 5.
OWN_SYSTEM = {0x00d, 0x01d, *range(0x120, 0x140), *range(0x160, 0x180), 0x180, 0x181}


def system(rows):
    for what, answer in rows:
        m = re.match(r"funct12 (0x[0-9a-f]+)$", what)
        if m and (int(m.group(1), 16) not in OWN_SYSTEM or answer.startswith("fault")):
            yield "%s = %s" % (what, answer)
    if not any(what == "illegal" for what, _ in rows):
        yield "it did not get to its end"


def none_but_may_be(rows):
    """All illegal, but for the may-be-operations of Zimop, which write zero."""
    for what, answer in rows:
        m = re.match(r"funct12 (0x[0-9a-f]+)$", what)
        if m and not (int(m.group(1), 16) & 0xb00 == 0x800 and answer == "0x0"):
            yield "%s = %s" % (what, answer)
    if not any(what == "illegal" for what, _ in rows):
        yield "it did not get to its end"


REGISTERS = {n: 0x5a00 + n for n in range(1, 32) if n not in (2, 4, 6)}
REGISTERS.update({5: 0, 10: (1 << 64) - 2, 11: 0, 17: 0xbad})


def registers(rows):
    yield from all_are("", 0, [r for r in rows if r not in {("x 0x%x" % n, "0x%x" % v) for n, v in REGISTERS.items()}])
    if len(rows) != len(REGISTERS):
        yield "not all registers were told"


# By kind of exit: how many faults it ends in, the registers of its answer, and those that differ for certain. All others stay.
A0, A1, T0, T6 = 1 << 10, 1 << 11, 1 << 5, 1 << 31
CHANGED = {**{call: (0, A0 | A1, 0) for call in ("unknown call", "fence", "fence of an address space", "ipi", "ipi to itself", "console",
                                                 "console byte", "timer", "hart status")},
           "unknown call": (0, A0 | A1, A0), "read": (0, 0, 0), "read into t6": (0, T6, T6), "enables": (0, 0, 0), "uart": (0, T0, T0),
           "fault": (1, 0, 0), "fault of a store": (1, 0, 0), "undefined": (1, 0, 0), "interrupts": (0, T0, T0)}


def vectors(rows):
    """All zero but their length, or there are none."""
    if len(rows) == 1 and rows[0][0] == "no vectors 0xc22" and rows[0][1].startswith("fault cause 0x2 "):
        return
    for what, answer in rows:
        if (answer == "0x0") == what.startswith("length"):
            yield "%s = %s" % (what, answer)
    if len(rows) != 9:
        yield "%d facts" % len(rows)


GIVEN = {"sstatus 0x0": "0x200000000", "scounteren 0x0": "0x7"}  # UXL; cycle, time and instret, as firmware leaves it


def first_state(rows):
    """All zero, but for what every life begins with."""
    yield from ("%s = %s" % r for r in rows if r[1] != GIVEN.get(r[0], "0x0"))
    if len(rows) != (15 if AIA else 11):
        yield "%d facts" % len(rows)


OFF = r"\[hv\] vm hostile: powered off"
RESET = r"\[hv\] vm hostile: reset requested; ended"
STOPPED = r"\[hv\] vm hostile: stopped: fault: vcpu 0 "
# A guest that loses its stack faults for ever: at its own expense, on its own CPUs.
NOW = r"hostile: \w+: now"
PLIC_ONLY, AIA_ONLY = {"board": "virt-plic"}, {"board": "virt-aia"}

# The walls of hv/SECURITY.md that they try stand beside them.
ATTACKS = {
    # WALL-MEM-1, WALL-MEM-2 (the tables and the hypervisor are among what is looked at), WALL-MEM-4 (odd), WALL-MEM-5 (stage1, walk,
    # satp, ptes, root)
    **{"%s-%s" % (way, where): Attack(aborted, **(AIA_ONLY if where == "irqc" else {})) for way in ("read", "write")
       for where in ("victim", "hv", "device", "irqc", "hole", "beyond")},
    **{"fetch-" + r: Attack(aborted) for r in ("victim", "hv", "device", "hole")},
    **{"odd-" + r: Attack(aborted) for r in ("victim", "hv")},
    "cross": Attack(aborted),
    "stage1-victim": Attack(aborted), "stage1-hv": Attack(aborted), "stage1-irqc": Attack(aborted, **AIA_ONLY),
    **{"walk-" + r: Attack(aborted) for r in ("victim", "hv", "hole")},
    "rewrite-code": Attack(rewritten), "satp": Attack(lambda rows: all_are("0x0", 96, rows)), "ptes": Attack(entries),
    # WALL-IRQ-1, WALL-IRQ-6 (msi, aplic-targets, aplic-msi, file), WALL-MEM-4 (odd)
    "irqc-widths": Attack(widths), "irqc-odd": Attack(odd_at_irqc),
    "plic-sweep": Attack(swept, **PLIC_ONLY),
    "plic-bits": Attack(own_alone(("contexts", "24"), priority_of={OWN_SOURCE: 7}, enabled_at_word={0: OWN_BIT, 32: OWN_BIT}),
                        **PLIC_ONLY),
    "plic-claims": Attack(own_alone(("completed", "24576"), claimed_at_context={0: OWN_SOURCE, 1: OWN_SOURCE}), **PLIC_ONLY),
    "aplic-sweep": Attack(swept, **AIA_ONLY),
    "aplic-sources": Attack(own_alone(("sources", "1024"), configured={OWN_SOURCE: 4}, pending_word={0: OWN_BIT},
                                      input_word={0: OWN_BIT}, enabled_word={0: OWN_BIT}), **AIA_ONLY),
    "aplic-targets": Attack(own_alone(("targets", "1024"), target_of={OWN_SOURCE: 0xfffc07ff}), **AIA_ONLY),
    "aplic-msi": Attack(says(("sent", "1512")), **AIA_ONLY),
    "msi-foreign": Attack(aborted, **AIA_ONLY), "msi-own": Attack(says(("faults", "0")), **AIA_ONLY),
    "file-sweep": Attack(file_registers, **AIA_ONLY),
    # WALL-FW-1, WALL-CPU-3, WALL-CPU-4 (rfence), WALL-IRQ-2 (ipi), WALL-FW-4 (dbcn), WALL-FW-5 (counts)
    "calls": Attack(all_called), "calls-random": Attack(called), "hart-start": Attack(minus(3, 10)),
    "hart-entry": Attack(minus(5, 10)), "hart-status": Attack(minus(3, 10)), "ipi-masks": Attack(minus(3, 15)),
    "exit-counts": Attack(counts_of_others((1 << 64) - 3, (1 << 64) - 2)),
    "rfence-masks": Attack(fences), "legacy-masks": Attack(minus(2, 16)), "dbcn-buffers": Attack(minus(3, 66), shared=True),
    "dbcn-flood": Attack(says(("calls", "2000")), shared=True),
    # WALL-REG-1, WALL-REG-3
    "csr-read": Attack(csrs(OWN_CSRS, {})), "csr-write": Attack(csrs(OWN_CSRS - READ_ONLY, MASKS)), "system": Attack(system),
    "hlv": Attack(none_but_may_be), "custom": Attack(says(("illegal", "576"))), "gpr-leak": Attack(registers),
    "gpr-exits": Attack(exits_keep(CHANGED)),
    "fp-leak": Attack(all_of(0, 6)), "vector-leak": Attack(vectors), "vs-leak": Attack(first_state),
    # WALL-CPU-1, WALL-TIME-1 (timers), WALL-IRQ-5 (timer-past, ipi-storm, msi-storm, file-storm)
    "wfi": Attack(says(("waits", "20000"))), "wrs": Attack(says(("waits", "5000"))), "sret": Attack(says(("returns", "20000"))),
    "sfence": Attack(says(("operations", "80000"))), "suspend": Attack(at_least("refused", 2000)),
    "timer-past": Attack(says(("own", "1"), ("firmware's", "1"))), "timer-toggle": Attack(says(("toggles", "3000"))),
    "ecall-storm": Attack(says(("calls", "20000"))), "fault-storm": Attack(says(("faults", "20000"))),
    "illegal-storm": Attack(says(("faults", "40000"))), "mmio-storm": Attack(says(("with the other", "1"))),
    "ipi-storm": Attack(says(("with the other", "1"))), "rfence-storm": Attack(says(("with the other", "1"))),
    "msi-storm": Attack(says(("with the other", "1")), **AIA_ONLY), "file-storm": Attack(says(("rounds", "20000")), **AIA_ONLY),
    "onoff-storm": Attack(says(("went off", "1"), ("some came", "1"))),
    # WALL-FW-2, WALL-CPU-2
    "off-srst": Attack(nothing, OFF), "off-legacy": Attack(nothing, OFF), "reset-srst": Attack(nothing, RESET),
    "no-vectors": Attack(nothing, STOPPED), "root": Attack(nothing, STOPPED),
    "stack": Attack(nothing, NOW), "endless": Attack(nothing, NOW),
}
