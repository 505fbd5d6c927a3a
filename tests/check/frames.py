# SPDX-License-Identifier: Apache-2.0
"""Which registers a compiled function hands back as it got them: forward data flow over objdump's text, one function at a time.

Of each instruction it is known which registers hold what they held at the function's entry, which words of the stack do, and where sp is.
Paths that meet keep what both have. A call is taken to keep what a call has to keep, since every function is looked at. What
is stored through a pointer that was not made from sp is taken not to hit a saved register, as in any compiled code.
"""
import re
import subprocess

_OBJDUMP = {"armv8": ["aarch64-linux-gnu-objdump"], "riscv": ["riscv64-linux-gnu-objdump", "-M", "numeric"]}
_SYMBOL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_LINE = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")
_TARGET = re.compile(r"\b([0-9a-f]+) <")
# Behind an operand: `// #24`, `# 1234 <name>`; not Armv8's `#24`.
_COMMENT = {"armv8": re.compile(r"\s*//.*$"), "riscv": re.compile(r"\s*#.*$")}
SP = {"armv8": 31, "riscv": 2}
LINK = {"armv8": 30, "riscv": 1}


class Insn:
    """One instruction: address, name, operands without comments, symbol it stands under, the next one's address or None."""

    def __init__(self, at, name, operands, symbol):
        self.at, self.name, self.symbol, self.next = at, name, symbol, None
        self.text = operands
        self.ops = re.findall(r"\[[^\]]*\]!?|[^,\s][^,]*", operands)
        m = _TARGET.search(operands)
        self.target = int(m.group(1), 16) if m else None


class Code:
    """The instructions of an ELF by address, and the address of each symbol."""

    def __init__(self, isa, elf):
        self.isa = isa
        self.insns, self.entry = {}, {}
        text = subprocess.run([*_OBJDUMP[isa], "-d", "--no-show-raw-insn", elf], capture_output=True, text=True, check=True).stdout
        symbol, before = "?", None
        for line in text.splitlines():
            m = _SYMBOL.match(line)
            if m:
                symbol = m.group(2)
                self.entry[symbol] = int(m.group(1), 16)
                continue
            m = _LINE.match(line)
            if m:
                insn = Insn(int(m.group(1), 16), m.group(2), _COMMENT[isa].sub("", m.group(3)).strip(), symbol)
                self.insns[insn.at] = insn
                if before is not None:
                    before.next = insn.at
                before = insn
        self.entry = {name: at for name, at in self.entry.items() if at in self.insns}
        self.at_entry = {at: name for name, at in self.entry.items()}


_REG = {"armv8": re.compile(r"[xw](\d+)$"), "riscv": re.compile(r"x(\d+)$")}


def reg(isa, operand):
    """Number of a general register or sp, None of anything else."""
    if operand in ("sp", "wsp"):
        return SP["armv8"]
    m = _REG[isa].match(operand)
    return int(m.group(1)) if m else None


def number(operand):
    m = re.match(r"#?(-?(?:0x[0-9a-f]+|\d+))(?:, lsl #12)?$", operand)
    return int(m.group(1), 0) if m else None


# Name, whole: what writes no general register with its first operand. All else does.
_NO_DEST = {
    "armv8": re.compile(r"(b|bl|br|blr|b\..*|cbn?z|tbn?z|ret|eret|cmp|cmn|tst|ccmp|ccmn|msr|isb|dsb|dmb|nop|hint|wfi|wfe|yield|sev|sevl"
                        r"|dc|ic|tlbi|at|sys|st.*|prfm|brk|hlt|smc|hvc|udf|clrex|psb|tsb|csdb|sb|\..*)$"),
    "riscv": re.compile(r"(j|jr|ret|beq|bne|bltu?|bgeu?|bgtu?|bleu?|b(eq|ne|le|ge|lt|gt)z|s[bhwd]|hsv\..*|fence.*|ecall|ebreak"
                        r"|[sm]n?ret|wfi|pause|csr[wsc]i?|[sh]fence.*|(c\.)?unimp|(c\.)?nop|v(?!set).*|f(mv\.[dw]\.x|s.*)|\..*)$"),
}
# What firmware may change besides its answers: X4 to X17, under SMCCC 1.0 (DEN 0028, 2.6). RISC-V's keeps all but a0 and a1 (SBI 2.0, 3).
_FIRMWARE = {"armv8": {"smc": range(18), "hvc": range(18)}, "riscv": {"ecall": (10, 11)}}
# Two registers.
_TWO = re.compile(r"(ldp|ldpsw|ldxp|ldaxp|cas.*|swp.*|ld(add|clr|eor|set|smax|smin|umax|umin).*)$")
_STATUS = re.compile(r"st(l?x[rp])[bh]?$")
_MEMORY = {"armv8": re.compile(r"\[(\w+)(?:, *(.*))?\]!?$"), "riscv": re.compile(r"(-?\d+)?\(x(\d+)\)$")}


def writes(isa, insn):
    """General registers that an instruction changes, sp and the base of a pre- or post-indexed access among them."""
    out = set(_FIRMWARE[isa].get(insn.name, ()))
    if insn.ops and (not _NO_DEST[isa].match(insn.name) or (isa == "armv8" and _STATUS.match(insn.name))):
        out.add(reg(isa, insn.ops[0]))
        if isa == "armv8" and _TWO.match(insn.name):
            out.add(reg(isa, insn.ops[1]))
    base, _, step = memory(isa, insn)
    if step:
        out.add(base)
    return out - {None}


def memory(isa, insn):
    """(base register, offset or None if it is not a number, what the access adds to the base); base None: no access."""
    for i, operand in enumerate(insn.ops):
        m = _MEMORY[isa].match(operand)
        if not m:
            continue
        if isa == "riscv":
            return int(m.group(2)), int(m.group(1) or 0), 0
        base = reg(isa, m.group(1))
        offset = number(m.group(2)) if m.group(2) else 0
        if operand.endswith("!"):
            return base, offset, offset
        if i + 1 < len(insn.ops) and insn.name[:2] in ("ld", "st"):
            return base, 0, number(insn.ops[i + 1])
        return base, offset, 0
    return None, None, 0


_WIDE = {"armv8": re.compile(r"(ldu?r|stu?r|ldp|stp)$"), "riscv": re.compile(r"(ld|sd)$")}
_STORE = {"armv8": re.compile(r"st"), "riscv": re.compile(r"s[bhwd]$")}


def _width(isa, insn):
    """Bytes of each register that a store stores; of one that is not known, the most."""
    last = insn.name[-1] if isa == "riscv" or insn.name[-1] in "bh" else insn.ops[0][0]
    return {"b": 1, "h": 2, "w": 4, "d": 8, "x": 8}.get(last, 16)


class State:
    """sp: bytes from its value at entry, None unknown. same: registers as at entry. slots: {bytes from entry's sp: register whose value of
    entry lies there}. alias: {register: bytes from entry's sp that it points at}."""

    def __init__(self, sp, same, slots, alias):
        self.sp, self.same, self.slots, self.alias = sp, same, slots, alias

    def meet(self, other):
        return State(self.sp if self.sp == other.sp else None, self.same & other.same,
                     dict(self.slots.items() & other.slots.items()), dict(self.alias.items() & other.alias.items()))

    def equals(self, other):
        return (self.sp, self.same, self.slots, self.alias) == (other.sp, other.same, other.slots, other.alias)

    def base(self, isa, register):
        return self.sp if register == SP[isa] else self.alias.get(register)


def _pointer(isa, insn, s):
    """Bytes from entry's sp that the instruction's result points at, None if that is not known."""
    if insn.name in ("mov", "mv") and len(insn.ops) == 2:
        return s.base(isa, reg(isa, insn.ops[1]))
    if insn.name in ("add", "addi", "sub") and len(insn.ops) >= 3:
        base, n = s.base(isa, reg(isa, insn.ops[1])), number(insn.ops[2])
        if base is not None and n is not None:
            n = n << 12 if insn.ops[3:] == ["lsl #12"] else n
            return base - n if insn.name == "sub" else base + n
    return None


def step(isa, insn, s):
    """The state behind an instruction that is no branch."""
    same, slots, alias, sp = set(s.same), dict(s.slots), dict(s.alias), s.sp
    base, offset, moved = memory(isa, insn)
    place = s.base(isa, base) if base is not None else None
    at = place + offset if place is not None and offset is not None else None
    data = [reg(isa, o) for o in insn.ops[:2 if insn.name in ("ldp", "stp") else 1]]
    whole = bool(_WIDE[isa].match(insn.name)) and (isa == "riscv" or insn.ops[0].startswith("x"))
    changed = writes(isa, insn)
    for r in changed:
        same.discard(r)
        alias.pop(r, None)
    if _STORE[isa].match(insn.name) and at is not None:
        end = at + len(data) * _width(isa, insn)
        slots = {k: r for k, r in slots.items() if k + 8 <= at or k >= end}
        for n in range(len(data)):
            if whole and data[n] in s.same:
                slots[at + 8 * n] = data[n]
    elif whole and at is not None:
        same.update(r for n, r in enumerate(data) if r is not None and slots.get(at + 8 * n) == r)
    pointer = _pointer(isa, insn, s)
    if moved and place is not None and moved is not None:
        pointer = place + moved
    for r in changed & ({base} if moved else changed):
        if r == SP[isa]:
            sp = pointer
        elif pointer is not None:
            alias[r] = pointer
    return State(sp, frozenset(same), slots, alias)


def after_call(s, kept, isa):
    """What is left behind a call: registers that a call keeps, and of the stack what is not below sp."""
    keeps = kept | {SP[isa]}
    slots = {k: r for k, r in s.slots.items() if s.sp is not None and k >= s.sp}
    return State(s.sp, s.same & frozenset(keeps), slots, {r: v for r, v in s.alias.items() if r in keeps})
