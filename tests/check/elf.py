# SPDX-License-Identifier: Apache-2.0
"""Indirect branches of the release ELF against the allow-list."""
import os
import re
import subprocess

import tree

ALLOW = "tests/check/indirect-allow.txt"
_SYMBOL = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
_BRANCH = re.compile(r"^\s+[0-9a-f]+:\t(?:[0-9a-f]{8} )?\s*\t?(br|blr|braa|brab|braaz|brabz|blraa|blrab|blraaz|blrabz|ret(?=\s+x(?!30)\d))\b")
# Names that the compiler's clones add: .constprop.0, .isra.0, .part.0, .lto_priv.0, .cold
_CLONE = re.compile(r"\.(constprop|isra|part|lto_priv|cold|localalias)(\.\d+)?")


def indirect_branches(disassembly):
    """{symbol: count}, clones counted under the name they were written with, and the number of symbols seen."""
    counts = {}
    symbol = "?"
    seen = 0
    for line in disassembly.splitlines():
        m = _SYMBOL.match(line)
        if m:
            symbol = _CLONE.sub("", m.group(1))
            seen += 1
        elif _BRANCH.match(line):
            counts[symbol] = counts.get(symbol, 0) + 1
    return counts, seen


def compare(counts, allow_text):
    """Findings: a branch not on the list, one more or less than listed."""
    allowed = {}
    for line in allow_text.splitlines():
        words = line.split("#")[0].split()
        if words:
            allowed[words[0]] = int(words[1])
    out = []
    for symbol in sorted(set(counts) | set(allowed)):
        have, may = counts.get(symbol, 0), allowed.get(symbol, 0)
        if have > may:
            out.append("%s: %d indirect branches, %s allows %d" % (symbol, have, ALLOW, may))
        elif have < may:
            out.append("%s: %d indirect branches, %s says %d: lower it" % (symbol, have, ALLOW, may))
    return out


def disassemble(elf):
    return subprocess.run(["aarch64-linux-gnu-objdump", "-d", elf], capture_output=True, text=True, check=True).stdout


def check_elf(root, elf):
    """(d) Each indirect branch of the release ELF is on the allow-list, by symbol and exact count."""
    if not os.path.isfile(elf):
        return ["%s: is missing" % elf]
    counts, seen = indirect_branches(disassemble(elf))
    if seen < 10:
        return ["%s: only %d symbols disassembled: the check sees nothing" % (elf, seen)]
    return compare(counts, tree.read(root, ALLOW) if os.path.isfile(os.path.join(root, ALLOW)) else "")
