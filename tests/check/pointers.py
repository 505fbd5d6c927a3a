# SPDX-License-Identifier: Apache-2.0
"""No integer becomes a pointer: a physical address does so only through arch_ops.mmu.map."""
import concurrent.futures
import os
import re
import subprocess

import tree

ALLOW = "tests/check/int-to-pointer-allow.txt"

# Pointers are 32 bits wide in these ABIs and addresses 64, so that the compiler itself sees each direct conversion; the
# way round, narrowing to a pointer-sized integer first, is seen in the text.
_COMMON = ["-mabi=ilp32", "-fsyntax-only", "-std=c11", "-ffreestanding", "-Wint-to-pointer-cast", "-Ihv/include", "-Ihv", "-I."]
_ILP32 = {
    "armv8": ["aarch64-linux-gnu-gcc", "-mgeneral-regs-only", "-Ihv/arch/armv8/include", "-Ihv/arch/armv8"],
    "riscv": ["riscv64-linux-gnu-gcc", "-march=rv32imac_zicsr_zifencei", "-Ihv/arch/riscv/include", "-Ihv/arch/riscv"],
}
# Of each ISA a board whose image was built, for the header that the build generates.
_GEN = {"armv8": "armv8/virt-gicv3/release/gen", "riscv": "riscv/virt-aia/release/gen"}
_WARNING = re.compile(r"^([^:\n]+):(\d+):\d+: (?:warning|error): .*(?:int-to-pointer-cast|int-conversion)", re.M)
_NARROW = re.compile(r"\b(u?intptr_t|ptrdiff_t)\b")
_CAST = re.compile(r"\*\s*(?:(?:const|volatile|restrict)\s*)*\)\s*\(*\s*"
                   r"(?:u?intptr_t|size_t|unsigned\s+long|uint32_t|uint64_t|0x[0-9a-fA-F]+|[0-9]+)\b")


def _compiler_findings(root, path):
    """Line numbers of direct conversions, as the compiler sees them, also those in the headers of the file; and what
    keeps it from seeing any."""
    isa = tree.isas(path)[0]
    gen = os.path.join(os.environ.get("OUT", "build"), _GEN[isa])
    r = subprocess.run([*_ILP32[isa], *_COMMON, "-I" + os.path.abspath(gen), path], cwd=root,
                       capture_output=True, text=True, check=False)
    found = {(os.path.normpath(f), int(n)) for f, n in _WARNING.findall(r.stderr)}
    errors = [] if r.returncode == 0 or found else ["%s: the compiler cannot read it:\n%s" % (path, r.stderr[-1000:])]
    return found, errors


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
    compiled = []
    for path in tree.files(root, ".c", ".h", under=("hv",)):
        text = tree.code(tree.read(root, path))
        for m in _CAST.finditer(text):
            sites.add((path, tree.line_of(text, m.start())))
        if tree.is_portable(path) and path not in ("hv/include/hv/types.h",):
            for m in _NARROW.finditer(text):
                sites.add((path, tree.line_of(text, m.start())))
        if path.endswith(".c"):
            compiled.append(path)
    out = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for found, error in pool.map(lambda c: _compiler_findings(root, c), compiled):
            sites |= found
            out += error
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
