# SPDX-License-Identifier: Apache-2.0
"""What every file owes: a licence line, no names of one person's machine; and the count of CHECK, which only falls."""
import os
import re
import subprocess

import tree

COUNT = "tests/check/check-count.txt"

_SUFFIXES = (".c", ".h", ".S", ".lds", ".py", ".sh", ".mk", ".dts", ".dtsi", ".yml", ".yaml", ".ini", ".cfg")
_NAMES = {"Makefile", "Kbuild", "run", "init", ".clang-tidy", ".clang-format"}
_SPDX = "SPDX-License-Identifier: Apache-2.0"
# What is linked into Linux has Linux's licence.
_OF_LINUX = "guests/linux/module/"
_SPDX_OF_LINUX = "SPDX-License-Identifier: GPL-2.0-only"
# No file of ours names a place on one machine, or a mirror: what is needed is found at run time.
_MACHINE = re.compile(r"(?<![\w.])/(?:work|home|Users)/|(?<![\w.$}])/root/\w|\b[\w-]+\.(?:debian|ubuntu)\.org\b")


def check_headers(root):
    """(g) An SPDX line heads every source file; no path or mirror of one machine is named."""
    out = []
    for path in tree.files(root):
        name = os.path.basename(path)
        if name == "LICENSE":
            continue
        text = tree.read(root, path)
        source = name.endswith(_SUFFIXES) or name in _NAMES or text.startswith("#!")
        spdx = (_SPDX, _SPDX_OF_LINUX) if path.startswith(_OF_LINUX) else (_SPDX,)
        if source and not any(s in line for line in text.splitlines()[:3] for s in spdx):
            out.append("%s: no SPDX line in the first three" % path)
        if path == "tests/check/text.py":
            continue
        for m in _MACHINE.finditer(text):
            out.append("%s:%d: names a place of one machine: %s" % (path, tree.line_of(text, m.start()), m.group(0)))
    return out


def count_checks(root):
    """Lines of hv/ whose failure arm CHECK exempts from coverage."""
    lines = set()
    for path in tree.files(root, ".c", ".h", under=("hv",)):
        if path == "hv/include/hv/check.h":
            continue
        text = tree.code(tree.read(root, path))
        for m in re.finditer(r"\bCHECK\s*\(", text):
            lines.add((path, tree.line_of(text, m.start())))
    return len(lines)


def _committed(root):
    """The number as last committed, None outside a repository or before the first commit."""
    r = subprocess.run(["git", "show", "HEAD:" + COUNT], cwd=root, capture_output=True, text=True, check=False)
    words = r.stdout.split()
    return int(words[0]) if r.returncode == 0 and words else None


def check_count(root):
    """(f) The lines that CHECK exempts are as many as committed, and that number may only fall; nothing else exempts."""
    out = []
    have = count_checks(root)
    path = os.path.join(root, COUNT)
    if not os.path.isfile(path):
        return ["%s: is missing; there are %d" % (COUNT, have)]
    number = int(tree.read(root, COUNT).split()[0])
    if have > number:
        out.append("%s: %d lines of hv/ are exempted by CHECK, %d are allowed" % (COUNT, have, number))
    elif have < number:
        out.append("%s: says %d, but only %d are left: lower it" % (COUNT, number, have))
    before = _committed(root)
    if before is not None and number > before:
        out.append("%s: raised from %d to %d; it may only fall" % (COUNT, before, number))
    for f in tree.files(root, ".c", ".h", under=("hv",)):
        text = tree.read(root, f)
        for m in re.finditer(r"(GCOVR?|LCOV)_EXCL", text):
            if f != "hv/include/hv/check.h":
                out.append("%s:%d: coverage is exempted by CHECK alone" % (f, tree.line_of(text, m.start())))
    return out
