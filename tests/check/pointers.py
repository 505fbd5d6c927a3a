# SPDX-License-Identifier: Apache-2.0
"""No integer becomes a pointer: a physical address does so only through arch_ops.mmu.map."""
import os
import re
import subprocess

import tree

ALLOW = "tests/check/int-to-pointer-allow.txt"

# Pointers are 32 bits wide in this ABI and addresses 64, so that the compiler itself sees each direct conversion; the
# way round, narrowing to a pointer-sized integer first, is seen in the text.
_ILP32 = ["-mabi=ilp32", "-fsyntax-only", "-std=c11", "-ffreestanding", "-mgeneral-regs-only", "-Wint-to-pointer-cast",
          "-Ihv/include", "-Ihv/arch/armv8/include", "-Ihv", "-I."]
_WARNING = re.compile(r"^([^:\n]+):(\d+):\d+: (?:warning|error): .*(?:int-to-pointer-cast|int-conversion)", re.M)
_NARROW = re.compile(r"\b(u?intptr_t|ptrdiff_t)\b")
_CAST = re.compile(r"\*\s*(?:(?:const|volatile|restrict)\s*)*\)\s*\(*\s*"
                   r"(?:u?intptr_t|size_t|unsigned\s+long|uint32_t|uint64_t|0x[0-9a-fA-F]+|[0-9]+)\b")


def _compiler_findings(root, path):
    """Line numbers of direct conversions, as the compiler sees them; also those in the headers of the file."""
    gen = os.path.join(os.environ.get("OUT", "build"), "armv8/virt-gicv3/release/gen")
    r = subprocess.run(["aarch64-linux-gnu-gcc", *_ILP32, "-I" + os.path.abspath(gen), path], cwd=root,
                       capture_output=True, text=True, check=False)
    return {(os.path.normpath(f), int(n)) for f, n in _WARNING.findall(r.stderr)}


def _allow_list(root):
    allowed = {}
    path = os.path.join(root, ALLOW)
    if os.path.isfile(path):
        for line in tree.read(root, ALLOW).splitlines():
            words = line.split("#")[0].split()
            if words:
                allowed[words[0]] = int(words[1])
    return allowed


def check_pointers(root):
    """(e) No conversion of an integer to a pointer, but those of the allow-list by file and exact count."""
    sites = set()
    for path in tree.files(root, ".c", ".h", under=("hv",)):
        text = tree.code(tree.read(root, path))
        for m in _CAST.finditer(text):
            sites.add((path, tree.line_of(text, m.start())))
        if tree.is_portable(path) and path not in ("hv/include/hv/types.h",):
            for m in _NARROW.finditer(text):
                sites.add((path, tree.line_of(text, m.start())))
        if path.endswith(".c"):
            sites |= _compiler_findings(root, path)
    out = []
    allowed = _allow_list(root)
    by_file = {}
    for path, line in sorted(sites):
        by_file.setdefault(path, []).append(line)
    for path in sorted(set(by_file) | set(allowed)):
        lines = by_file.get(path, [])
        if path in allowed and tree.is_portable(path):
            out.append("%s: %s is portable code: nothing may be allowed there" % (ALLOW, path))
        if len(lines) > allowed.get(path, 0):
            out.append("%s: %d conversions between integer and pointer, %d allowed (lines %s): use arch_ops.mmu.map"
                       % (path, len(lines), allowed.get(path, 0), ", ".join(map(str, lines))))
        elif len(lines) < allowed.get(path, 0):
            out.append("%s: %s has %d conversions, the list says %d: lower it"
                       % (ALLOW, path, len(lines), allowed[path]))
    return out
