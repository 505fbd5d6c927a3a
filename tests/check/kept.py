# SPDX-License-Identifier: Apache-2.0
"""What a call keeps, in the image: the exit vectors save no more than what compiled code may change (VCPU_REGS_KEPT)."""
import os
import re

import elf
import frames
import tree

LIST = "tests/check/no-return.txt"
ISA_H = "hv/arch/%s/include/hv/isa.h"
# Registers that are nobody's but the guest's, as objdump names them.
_UNUSED = {"armv8": re.compile(r"\b[xw]18\b"), "riscv": re.compile(r"\bx3\b")}
_NAMES = {"armv8": "x18", "riscv": "gp (x3)"}
# The vectors' own text: symbol, and what is stored to or loaded from the frame up to each of these calls and returns, in order.
_FRAME = {"armv8": {"st": 0, "ld": 1}, "riscv": {"st": 10, "ld": 10}}  # the register that points at the frame
_VECTORS = {
    "armv8": {"guest_exit": [("hv_trap", "st", "scratch"), ("eret", "ld", "scratch"), ("hv_trap_all", "st", "kept")],
              "guest_irq": [("hv_irq", "st", "scratch"), ("eret", "ld", "scratch"), ("hv_irq_taken", "ld", "none"),
                            ("eret", "ld", "scratch")],
              "guest_resume": [("eret", "ld", "all")]},
    "riscv": {"vectors": [("hv_trap", "st", "scratch"), ("sret", "ld", "scratch"), ("hv_trap_all", "st", "kept")],
              "guest_irq": [("hv_irq", "st", "none"), ("hv_irq_taken", "ld", "none")],
              "guest_resume": [("j", "ld", "kept")]},
}
_GENERAL = {"armv8": frozenset(range(31)), "riscv": frozenset(range(1, 32))}
_RETURN = {"armv8": ("ret",), "riscv": ("ret",)}
_JUMP = {"armv8": ("b",), "riscv": ("j",)}
_INDIRECT = {"armv8": ("br",), "riscv": ("jr",)}
_CALL = {"armv8": ("bl", "blr"), "riscv": ("jal", "jalr")}
_END = {"armv8": ("eret", "udf"), "riscv": ("sret", "mret", "unimp", "c.unimp")}
_BRANCH = {"armv8": re.compile(r"b\.|cbn?z$|tbn?z$"), "riscv": re.compile(r"b(eq|ne|lt|ge|gt|le)(u|z)?$")}


def kept_of(root, isa):
    """The registers of VCPU_REGS_KEPT in the ISA's isa.h."""
    m = re.search(r"^#define VCPU_REGS_KEPT 0x([0-9a-f]+)ULL$", tree.read(root, ISA_H % isa), re.M)
    if not m:
        raise ValueError("%s: no VCPU_REGS_KEPT" % (ISA_H % isa))
    return frozenset(n for n in range(32) if int(m.group(1), 16) >> n & 1)


def _after(code, insn, no_return):
    """(addresses it may go on at within the function, names it may leave to by a jump, whether it is a return or leaves by a register)."""
    isa, name = code.isa, insn.name
    if name in _RETURN[isa] or name in _INDIRECT[isa]:
        return [], [], True
    if name in _END[isa]:
        return [], [], False
    if name in _CALL[isa]:
        gone = insn.target is not None and code.at_entry.get(insn.target) in no_return
        return [] if gone else [insn.next], [], False
    on = [] if name in _JUMP[isa] else [insn.next]
    if name not in _JUMP[isa] and not _BRANCH[isa].match(name):
        return on, [], False
    if insn.target in code.at_entry and code.at_entry[insn.target] != insn.symbol:
        return on, [code.at_entry[insn.target]], False
    return [*on, insn.target], [], False


def _returns(code, entry, no_return):
    """Whether a function can return: by itself, by what it runs on into, or by a function it jumps to."""
    seen, work = set(), [entry]
    while work:
        at = work.pop()
        if at in seen or at not in code.insns:
            continue
        seen.add(at)
        on, left, ends = _after(code, code.insns[at], no_return)
        if ends or any(name not in no_return for name in left):
            return True
        work += on
    return False


def never_return(code):
    """Names of functions that never return: the largest set that its own members allow."""
    found = set()
    while True:
        more = {name for name, at in code.entry.items() if name not in found and not _returns(code, at, found)}
        if not more:
            return found
        found |= more


def _hands_back(state, kept):
    lost = sorted(kept - state.same)
    if lost:
        return "changes " + " ".join("x%d" % r for r in lost)
    return None if state.sp == 0 else "leaves sp elsewhere"


def function(code, name, kept, no_return):
    """What is wrong with a function, {address: why}."""
    isa, entry = code.isa, code.entry[name]
    states, work, wrong = {entry: frames.State(0, kept, {}, {})}, [entry], {}
    while work:
        at = work.pop()
        insn, state = code.insns[at], states[at]
        on, left, ends = _after(code, insn, no_return)
        why = _hands_back(state, kept) if ends or set(left) - no_return else None
        wrong.pop(at, None)
        if why:
            wrong[at] = why
        if insn.name in _CALL[isa]:
            link = isa == "armv8" or len(insn.ops) < 2 or insn.ops[0] == "x1"
            behind = frames.after_call(state, kept, isa)
            if not link:
                wrong[at] = "calls through another link register"
        else:
            behind = frames.step(isa, insn, state)
        for to in on:
            if to is None or to not in code.insns:
                wrong[at] = "runs on into nothing"
                continue
            met = states[to].meet(behind) if to in states else behind
            if to not in states or not met.equals(states[to]):
                states[to] = met
                work.append(to)
    return wrong


def _slots(isa, insn, way):
    """Frame slots of general registers that an instruction stores or loads, [(slot, register)]."""
    base, offset, _ = frames.memory(isa, insn)
    if not insn.name.startswith({"st": ("st", "sd"), "ld": ("ld",)}[way]) or base != _FRAME[isa][way] or offset is None:
        return []
    names = insn.ops[:2] if insn.name in ("ldp", "stp") else insn.ops[:1]
    return [(offset // 8 + n, frames.reg(isa, o)) for n, o in enumerate(names) if offset // 8 + n < 32]


def vectors(code, kept):
    """What is wrong with what the vectors store and load."""
    isa, out = code.isa, []
    sets = {"kept": kept, "scratch": _GENERAL[isa] - kept, "all": _GENERAL[isa], "none": frozenset()}
    for symbol, parts in _VECTORS[isa].items():
        rest, seen = list(parts), {"st": [], "ld": []}
        for insn in (i for i in code.insns.values() if i.symbol == symbol):
            for way, found in seen.items():
                found += _slots(isa, insn, way)
            if not rest or not (insn.name == rest[0][0] or (insn.name in _CALL[isa] and code.at_entry.get(insn.target) == rest[0][0])):
                continue
            end, way, what = rest.pop(0)
            if frozenset(slot for slot, _ in seen[way]) != sets[what]:
                out.append("%s: up to %s it %s %s, which is not what is %s" % (symbol, end, {"st": "stores", "ld": "loads"}[way],
                           " ".join("x%d" % s for s in sorted({s for s, _ in seen[way]})) or "nothing", what))
            out += ["%s: x%d goes into the slot of x%d" % (symbol, r, s) for s, r in seen["st"] if s in kept and s != r]
            out += ["%s: x%d comes from the slot of x%d" % (symbol, r, s) for s, r in seen["ld"] if s != r]
            seen = {"st": [], "ld": []}
        out += ["%s: no %s" % (symbol, end) for end, _, _ in rest]
    return out


def functions(code, kept, no_return):
    """Finding of each symbol that changes what a call has to keep, and of each that names what nobody uses: {symbol: text}."""
    found = {}
    for name in code.entry:
        wrong = function(code, name, kept, no_return)
        if wrong:
            at = min(wrong)
            found[name] = "%s: %s, at %x" % (name, wrong[at], at)
    for insn in code.insns.values():
        if _UNUSED[code.isa].search(insn.text) and insn.symbol not in _VECTORS[code.isa]:
            found.setdefault(insn.symbol, "%s: names %s, at %x" % (insn.symbol, _NAMES[code.isa], insn.at))
    return found


def compare(isa, no_return, listed_text):
    """Findings: what never returns is not looked at, so it is listed by name, and nothing else is."""
    lines = (line.split("#")[0].split() for line in listed_text.splitlines())
    listed = {words[1] for words in lines if words and words[0] == isa}
    have = {elf.written_name(name) for name in no_return}
    return ["%s: never returns, which %s does not say" % (name, LIST) for name in sorted(have - listed)] + \
           ["%s: %s says that it never returns, but it does or is not there" % (name, LIST) for name in sorted(listed - have)]


def check_kept(root, elves):
    """(i) Every function of the release ELFs hands back what the exit vectors do not save (VCPU_REGS_KEPT), and they save all else."""
    return ["%s: %s" % (path, finding) for path in elves for finding in _check_elf(root, path)]


def _check_elf(root, path):
    isa = elf.isa_of(path) if os.path.isfile(path) else None
    if isa is None:
        return ["is no ELF of an instruction set that the check knows"]
    code, kept = frames.Code(isa, path), kept_of(root, isa)
    if len(code.entry) < 10:
        return ["only %d symbols disassembled: the check sees nothing" % len(code.entry)]
    no_return = never_return(code)
    found = functions(code, kept, no_return)
    return [found[name] for name in sorted(found)] + vectors(code, kept) + compare(isa, no_return, tree.read(root, LIST))
