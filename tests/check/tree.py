# SPDX-License-Identifier: Apache-2.0
"""What the checks share: the files of the tree, and C text without comments and strings."""
import fnmatch
import os
import re

SKIP_DIRS = {"build", ".git", "__pycache__", ".pytest_cache"}

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _pure():
    """The PURE files of hv/arch, as hv/hv.mk lists them."""
    with open(os.path.join(ROOT, "hv/hv.mk"), encoding="utf-8") as f:
        lists = re.findall(r"^PURE_(\w+)\s*:=\s*\$\(addprefix (\S+),([^)]*)\)", f.read(), re.M)
    found = {folder + name for _, folder, names in lists for name in names.split()}
    if not found:
        raise ValueError("hv/hv.mk lists no PURE files")
    return found


PURE = _pure()
ISAS = ("armv8", "riscv")


def _lists(path, pattern):
    """{ISA: words} of the lists in a makefile whose names end in the ISA."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        found = re.findall(pattern, f.read().replace("\\\n", " "), re.M)
    lists = {isa: words.split() for isa, words in found}
    if set(lists) != set(ISAS):
        raise ValueError("%s: a list of each ISA is not there: %s" % (path, pattern))
    return lists


_ONLY = _lists("hv/hv.mk", r"^ONLY_(\w+)\s*:=\s*\$\(wildcard ([^)]*)\)")
_BOARDS = _lists("Makefile", r"^BOARDS_(armv8|riscv)\s*:=(.*)$")


def isas(path):
    """The ISAs whose images a source file of hv/ is in: those of hv/hv.mk's lists in one alone."""
    for isa in ISAS:
        board = path.startswith("hv/board/") and os.path.splitext(os.path.basename(path))[0] in _BOARDS[isa]
        if board or path.startswith("hv/arch/%s/" % isa) or any(fnmatch.fnmatch(path, p) for p in _ONLY[isa]):
            return (isa,)
    return ISAS


def files(root, *suffixes, under=("",)):
    """Paths relative to root, sorted, with one of the suffixes (all files if none), below one of the folders."""
    found = []
    for top in under:
        start = os.path.join(root, top)
        for folder, dirs, names in os.walk(start):
            dirs[:] = sorted(d for d in dirs if d not in SKIP_DIRS)
            for name in sorted(names):
                if not suffixes or name.endswith(suffixes):
                    found.append(os.path.relpath(os.path.join(folder, name), root))
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code(text, keep_strings=False):
    """The text with comments (and strings) blanked; line numbers stay."""

    def blank(m):
        s = m.group(0)
        if s[0] in "\"'":
            return s if keep_strings else s[0] + s[0]
        return " " + "\n" * s.count("\n")

    return _TOKEN.sub(blank, text)


def is_portable(path):
    """Compiled unchanged for target and host: everything of hv/ but EFFECT files."""
    if not path.startswith("hv/"):
        return False
    if path.startswith("hv/board/"):
        return False
    if path.startswith("hv/arch/"):
        return path in PURE
    return path.endswith((".c", ".h"))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
