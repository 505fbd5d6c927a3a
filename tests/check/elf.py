# SPDX-License-Identifier: Apache-2.0
"""Indirect branches of the release ELF against the allow-list."""
import os
import re
import subprocess

import tree

ALLOW = "tests/check/indirect-allow.txt"
_SYMBOL = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
_LINE = re.compile(r"^\s*[0-9a-f]+:\t[0-9a-f ]+\t([\w.]+)[ \t]*([^#<]*)")
# Names that the compiler's clones add: .constprop.0, .isra.0, .part.0, .lto_priv.0, .cold
_CLONE = re.compile(r"\.(constprop|isra|part|lto_priv|cold|localalias)(\.\d+)?")
_ARM = re.compile(r"(br|blr|braa|brab|braaz|brabz|blraa|blrab|blraaz|blrabz)$")
# ELF's number of each machine, at byte 18.
_MACHINES = {183: "armv8", 243: "riscv"}
_OBJDUMP = {"armv8": ["aarch64-linux-gnu-objdump", "-d"], "riscv": ["riscv64-linux-gnu-objdump", "-d", "-M", "no-aliases"]}


def _armv8(name, operands, _):
    """BR and BLR in all their forms, and a RET that does not return through the link register."""
    return bool(_ARM.match(name)) or (name == "ret" and operands.split("//")[0].strip() not in ("", "x30"))


def _riscv(name, operands, before):
    """JALR, C.JR and C.JALR, but a return (rd zero, through ra) and the second half of a call or tail call to a
    place that AUIPC just before it names, relative to the PC."""
    words = operands.replace("(", ",").replace(")", "").replace(" ", "").split(",")
    if name == "c.jr":
        return words[0] != "ra"
    if name == "c.jalr":
        return True
    if name != "jalr":
        return False
    rd, base = words[0], words[-1]
    offset = words[1]
    if rd == "zero" and base == "ra" and offset == "0":
        return False
    name, operands = before
    return not (name == "auipc" and operands.split(",")[0].strip() == base)


_INDIRECT = {"armv8": _armv8, "riscv": _riscv}


def written_name(symbol):
    """A clone's symbol, as its function was written."""
    return _CLONE.sub("", symbol)


def isa_of(path):
    """The instruction set of an ELF, None if it is neither."""
    with open(path, "rb") as f:
        head = f.read(20)
    return _MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None


def indirect_branches(isa, disassembly):
    """{symbol: count}, clones counted under the name they were written with, and the number of symbols seen."""
    counts = {}
    symbol = "?"
    seen = 0
    before = ("", "")
    for line in disassembly.splitlines():
        m = _SYMBOL.match(line)
        if m:
            symbol = written_name(m.group(1))
            seen += 1
            before = ("", "")
            continue
        m = _LINE.match(line)
        if not m:
            continue
        if _INDIRECT[isa](m.group(1), m.group(2), before):
            counts[symbol] = counts.get(symbol, 0) + 1
        before = m.groups()
    return counts, seen


def compare(isa, counts, allow_text, board=None):
    """Findings: a branch not on the list of the ISA or the board, one more or less than listed."""
    allowed = {}
    for line in allow_text.splitlines():
        words = line.split("#")[0].split()
        if words and words[0] in (isa, board):
            allowed[words[1]] = int(words[2])
    out = []
    for symbol in sorted(set(counts) | set(allowed)):
        have, may = counts.get(symbol, 0), allowed.get(symbol, 0)
        if have > may:
            out.append("%s: %d indirect branches, %s allows %d" % (symbol, have, ALLOW, may))
        elif have < may:
            out.append("%s: %d indirect branches, %s says %d: lower it" % (symbol, have, ALLOW, may))
    return out


def disassemble(isa, elf):
    return subprocess.run([*_OBJDUMP[isa], elf], capture_output=True, text=True, check=True).stdout


def check_elves(root, elves):
    """(d) Each indirect branch of the release ELF of each board is on its ISA's or its own allow-list, by symbol and exact count."""
    return ["%s: %s" % (elf, finding) for elf in elves for finding in _check_elf(root, elf)]


def _check_elf(root, elf):
    if not os.path.isfile(elf):
        return ["is missing"]
    isa = isa_of(elf)
    if isa is None:
        return ["is no ELF of an instruction set that the check knows"]
    counts, seen = indirect_branches(isa, disassemble(isa, elf))
    if seen < 10:
        return ["only %d symbols disassembled: the check sees nothing" % seen]
    board = os.path.basename(os.path.dirname(os.path.dirname(elf)))
    return compare(isa, counts, tree.read(root, ALLOW) if os.path.isfile(os.path.join(root, ALLOW)) else "", board)
