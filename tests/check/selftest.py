# SPDX-License-Identifier: Apache-2.0
"""No check is a dud: each finds what it is there for when it is put into a copy of the tree."""
import os
import re
import shutil
import subprocess
import tempfile

import boundary
import claims
import edits
import elf
import pointers
import selftest_kept
import text
import tree


def _append(path, addition):
    def seed(root):
        with open(os.path.join(root, path), "a", encoding="utf-8") as f:
            f.write(addition)
    return seed


def _new(path, content):
    def seed(root):
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(content)
    return seed


def _remove(path):
    return lambda root: os.remove(os.path.join(root, path))


def _sub(path, pattern, replacement):
    def seed(root):
        before = tree.read(root, path)
        after = re.sub(pattern, replacement, before, count=1)
        if after == before:
            raise ValueError("%s: nothing to seed at %s" % (path, pattern))
        _new(path, after)(root)
    return seed


_C = "/* SPDX-License-Identifier: Apache-2.0 */\n"

# check, how to break the tree, what its finding must say
SEEDS = [
    (boundary.check_includes, _new("hv/core/seed.c", _C + '#include "vdev/vgic.h"\n'),
     "hv/core/seed.c:2: must not include hv/vdev/vgic.h"),
    (boundary.check_includes, _new("hv/core/seed.c", _C + '#include "hv.h"\n'),
     "hv/core/seed.c:2: must not include hv/hv.h"),
    (boundary.check_includes, _new("hv/lib/seed.c", _C + '#include "core/s2.h"\n'),
     "hv/lib/seed.c:2: must not include hv/core/s2.h"),
    (boundary.check_includes, _new("hv/vdev/seed.c", _C + '#include "sim/seed.h"\n'), 'hv/vdev/seed.c:2: "sim/seed.h"'),
    (boundary.check_includes, _new("hv/fw/seed.c", _C + "#include <stdio.h>\n"),
     "hv/fw/seed.c:2: <stdio.h> is not a freestanding header"),
    (boundary.check_includes, _new("hv/core/seed.c", _C + "extern int seed;\n"), "hv/core/seed.c:2: `extern`"),
    (boundary.check_includes, _new("hv/arch/armv8/seed.c", _C + '#include "core/vm.h"\n'),
     "hv/arch/armv8/seed.c:2: must not include hv/core/vm.h"),
    (boundary.check_includes, _new("hv/arch/riscv/seed.c", _C + '#include "core/vm.h"\n'),
     "hv/arch/riscv/seed.c:2: must not include hv/core/vm.h"),
    (boundary.check_includes, _new("hv/arch/riscv/seed.c", _C + '#include "arch/armv8/sysreg.h"\n'),
     "hv/arch/riscv/seed.c:2: must not include hv/arch/armv8/sysreg.h"),
    (boundary.check_includes, _new("hv/arch/seed.c", _C + '#include "arch/riscv/csr.h"\n'),
     "hv/arch/seed.c:2: must not include hv/arch/riscv/csr.h"),
    (boundary.check_includes, _remove("hv/arch/riscv/own_map.h"), ': "own_map.h" is not in the tree'),
    (boundary.check_includes, _new("hv/fw/sbi_seed.c", _C + '#include "vdev/vplic.h"\n'),
     "hv/fw/sbi_seed.c:2: must not include hv/vdev/vplic.h"),
    (boundary.check_includes, _new("tests/walker/seed.c", _C + '#include "hv/types.h"\n'),
     "tests/walker/seed.c:2: must not include hv/include/hv/types.h"),
    (boundary.check_includes, lambda root: (_new("hv/arch/armv8/seed.h", _C)(root),
                                            _append("hv/arch/armv8/s2_format.c", '\n#include "seed.h"\n')(root)),
     "must not include hv/arch/armv8/seed.h"),
    (boundary.check_includes, _new("guests/linux/module/seed.c", _C + '#include "hv/plan.h"\n'),
     "guests/linux/module/seed.c:2: must not include hv/include/hv/plan.h"),
    (boundary.check_conditionals, _append("hv/core/s2.c", "\n#ifdef __aarch64__\n#endif\n"), "#ifdef __aarch64__"),
    (boundary.check_conditionals, _append("hv/core/s2.h", "\n#if defined(__riscv)\n#endif\n"), "#if defined(__riscv)"),
    (boundary.check_conditionals, _append("hv/core/s2.c", "\n#ifdef HV_SIM\n#endif\n"), "HV_SIM belongs in"),
    (boundary.check_ops, _sub("hv/arch/armv8/include/hv/ops_table.h", r"\.relax\s*=\s*&?\w+\s*,", ""), "ops_table.h: op cpu.relax is not set"),
    (boundary.check_ops, _sub("hv/arch/armv8/include/hv/ops_table.h", r"\.relax\s*=\s*&?\w+", ".relax = NULL"), "op cpu.relax is NULL"),
    (boundary.check_ops, _sub("hv/arch/riscv/include/hv/ops_table.h", r"\.now\s*=\s*\w+,", ""), "ops_table.h: op timer.now is not set"),
    (boundary.check_ops, _sub("hv/arch/riscv/include/hv/ops_table.h", r"\.remote_fence\s*=\s*\w+", ".remote_fence = NULL"),
     "ops_table.h: op isa.remote_fence is NULL"),
    (boundary.check_ops, _sub("hv/arch/riscv/include/hv/isa.h", r"bool \(\*has_sstc\)",
                              "bool (*seeded_op)(void);\n    bool (*has_sstc)"), "ops_table.h: op virq.seeded_op is not set"),
    (boundary.check_ops, _sub("sim/ops.c", r"\.timer\s*=\s*\{[^}]*\}", ".timer = { NULL, timer_freq }"),
     "sim/ops.c: op timer.now is NULL"),
    (boundary.check_ops, _sub("sim/ops.c", r"\.timer\s*=\s*\{[^}]*\}", ".timer = { timer_now }"),
     "sim/ops.c: op timer.freq is not set"),
    (boundary.check_ops, _sub("hv/include/hv/arch_ops.h", r"void \(\*relax\)\(void\);",
                              "void (*relax)(void);\n    void (*seeded_op)(void);"), "op cpu.seeded_op is not set"),
    (pointers.check_pointers, _new("hv/core/seed.c", _C + '#include "hv/types.h"\nvoid *seed(paddr_t p);\n'
                                   "void *seed(paddr_t p)\n{\n    return (void *)p.v;\n}\n"), "hv/core/seed.c: 1 conv"),
    (pointers.check_pointers, _new("hv/core/seed.c", _C + '#include "hv/types.h"\nvoid *seed(paddr_t p);\n'
                                   "void *seed(paddr_t p)\n{\n    uintptr_t a = (uintptr_t)p.v;\n"
                                   "    return (void *)a;\n}\n"), "hv/core/seed.c: 1 conv"),
    (pointers.check_pointers, _new("hv/arch/armv8/seed.c", _C + "#include <stdint.h>\nvoid *seed(uint64_t p);\n"
                                   "void *seed(uint64_t p)\n{\n    return (void *)(uintptr_t)p;\n}\n"),
     "hv/arch/armv8/seed.c: 1 conv"),
    (pointers.check_pointers, _append("hv/arch/riscv/tlb.c", "\nvoid *seed(uint64_t p);\nvoid *seed(uint64_t p)\n{\n"
                                      "    return (void *)p;\n}\n"), "hv/arch/riscv/tlb.c: 1 conv"),
    (pointers.check_pointers, _append("hv/vdev/vplic.c", "\nvoid *seed(uint64_t p);\nvoid *seed(uint64_t p)\n{\n"
                                      "    return (void *)p;\n}\n"), "hv/vdev/vplic.c: 1 conv"),
    (pointers.check_pointers, _append("hv/board/virt-aia.c", "\nvoid *seed(uint64_t p);\nvoid *seed(uint64_t p)\n{\n"
                                      "    return (void *)p;\n}\n"), "hv/board/virt-aia.c: 1 conv"),
    (pointers.check_pointers, _append("hv/vdev/vplic.c", "\n#error seed\n"), "hv/vdev/vplic.c: the compiler cannot read it"),
    (pointers.check_pointers, _append(pointers.ALLOW, "\nhv/arch/riscv/inject.c 1\n"), "riscv/inject.c is portable code"),
    (pointers.check_pointers, _append(pointers.ALLOW, "\nhv/arch/armv8/inject.c 1\n"), "inject.c is portable code"),
    (pointers.check_pointers, _append(pointers.ALLOW, "\nhv/arch/armv8/none.c 1\n"), "none.c has 0 conversions"),
    (text.check_headers, _new("hv/core/seed.c", "int seed;\n"), "hv/core/seed.c: no SPDX line"),
    (text.check_headers, _new("tests/seed.sh", "#!/bin/sh\n"), "tests/seed.sh: no SPDX line"),
    (text.check_headers, _new("guests/rt/seed.c", "/* SPDX-License-Identifier: GPL-2.0-only */\n"), "guests/rt/seed.c: no SPDX line"),
    (text.check_headers, _new("guests/linux/module/Kbuild", "obj-m := seed.o\n"), "guests/linux/module/Kbuild: no SPDX line"),
    (text.check_headers, _new("seed.md", "see /ho" + "me/someone/x\n"), "seed.md:1: names a place of one machine"),
    (text.check_headers, _new("seed.md", "http://deb.deb" + "ian.org/\n"), "seed.md:1: names a place of one machine"),
    (text.check_count, _append("hv/core/s2.c", "\nvoid seed(void) { CHECK(1); }\n"), "lines of hv/ are exempted by CHECK"),
    (text.check_count, _sub(text.COUNT, r"^\d+", "9999"), "but only"),
    (claims.check_claims, _append(claims.DOCUMENT, "\n| WALL-SEED-1 | no test |\n"), "WALL-SEED-1 is carried by no test"),
    (claims.check_claims, _append("tests/system/test_boot.c", "\n/* WALL-SEED-2 */\n"),
     "tests/system/test_boot.c: carries WALL-SEED-2"),
    (claims.check_claims, _append(claims.DOCUMENT, "\n| WALL-MEM-1 | again |\n"), "WALL-MEM-1 stands there 2 times"),
    (edits.check_edits, _sub("hv/vdev/vaplic.c", r"arch_ops\.virq\.file_reset\(\)", "(arch_ops.virq.file_reset)()"),
     "canaries: canary rv-file: the edit"),
    (edits.check_edits, _sub("hv/exit.c", r"counter64_step\(&v->exits\[kind\]\);", "counter64_step(&(v->exits[kind]));"),
     "walls: wall exits"),
    (edits.check_edits, _sub("hv/vdev/vconsole.c", r"if \(line != c->line\)", "if (c->line != line)"), "fuzz defect: defect.sh: the edit"),
    (edits.check_edits, _sub("hv/core/s2_colour.c", r"c->eights = true;", "c->eights = !false;"), "explained mutants: explained.txt: no mutant"),
    (text.check_count, _append("hv/core/s2.c", "\n/* GCOVR_" + "EXCL_START */\n"), "exempted by CHECK alone"),
]

# Of each ISA: what is counted and what is not, in one function and in a compiler's clone of another.
_BRANCHES = {"armv8": """
    .text
    .global seed_call
    .type seed_call, %function
seed_call:
    blr x3
    br x4
    bl seed_call
    ret
    .global seed_clone.constprop.0
    .type seed_clone.constprop.0, %function
seed_clone.constprop.0:
    ret x5
    ret
""", "riscv": """
    .option norelax
    .text
    .global seed_call
    .type seed_call, %function
seed_call:
    jalr a5
    jr 8(t1)
    call seed_call
    tail seed_call
    j seed_call
    .option norvc
    ret
    .option rvc
    ret
    .global seed_clone.constprop.0
    .type seed_clone.constprop.0, %function
seed_clone.constprop.0:
    auipc t1, 0
    nop
    .option norvc
    jr t1
    .option rvc
    ret
"""}
_GCC = {"armv8": ["aarch64-linux-gnu-gcc"], "riscv": ["riscv64-linux-gnu-gcc", "-march=rv64imac", "-mabi=lp64"]}
# The list, and how many findings it has to give.
_LISTS = (("seed_call 2\n%s seed_clone 1\n", 0), ("seed_call 1\n%s seed_clone 1\n", 1), ("seed_call 2\n", 1),
          ("seed_call 2\n%s seed_clone 1\n%s other 1\n", 1), ("seed_call 3\n", 2))


def _elf_findings(folder):
    """Seeded branches found, both missing and extra; a list of what went wrong."""
    wrong = []
    for isa in tree.ISAS:
        source = os.path.join(folder, "seed.S")
        with open(source, "w", encoding="utf-8") as f:
            f.write(_BRANCHES[isa])
        obj = os.path.join(folder, "seed.elf")
        # Where the image is: at an address of all digits, before which objdump writes no blank.
        subprocess.run([*_GCC[isa], "-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0xffffff8000200000", "-Wl,-e,seed_call",
                        "-Wl,--build-id=none", source, "-o", obj], check=True)
        if elf.isa_of(obj) != isa:
            wrong.append("self-test: an object of %s is taken for one of %s" % (isa, elf.isa_of(obj)))
        counts, _ = elf.indirect_branches(isa, elf.disassemble(isa, obj))
        for allow, expect in _LISTS:
            found = elf.compare(isa, counts, isa + " " + allow.replace("%s", isa) + "other_isa seed_call 7\n")
            if len(found) != expect:
                wrong.append("self-test: %s, indirect branches with the list %r: %d findings, not %d: %s"
                             % (isa, allow, len(found), expect, counts))
    return wrong


def _copy(root, top, name):
    copy = os.path.join(top, name)
    os.mkdir(copy)
    for folder in ("hv", "sim", "tests", "guests"):
        shutil.copytree(os.path.join(root, folder), os.path.join(copy, folder), ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def run(root):
    """(number of seeds tried, list of what was not found)."""
    wrong = []
    with tempfile.TemporaryDirectory() as top:
        whole = _copy(root, top, "whole")
        unseeded = {check: check(whole) for check in {seed[0] for seed in SEEDS}}
        for n, (check, seed, expect) in enumerate(SEEDS):
            copy = _copy(root, top, str(n))
            if any(expect in f for f in unseeded[check]):
                wrong.append("self-test %d: %s finds %r without a seed" % (n, check.__name__, expect))
            try:
                seed(copy)
            except (ValueError, OSError) as e:
                wrong.append("self-test %d: %s could not be seeded: %s" % (n, check.__name__, e))
                continue
            findings = check(copy)
            if not any(expect in f for f in findings):
                wrong.append("self-test %d: %s did not find %r" % (n, check.__name__, expect))
            shutil.rmtree(copy)
        wrong += _elf_findings(top)
        kept_seeds, kept_wrong = selftest_kept.run(top)
    return len(SEEDS) + len(tree.ISAS) * (len(_LISTS) - 1) + kept_seeds, wrong + kept_wrong
