# SPDX-License-Identifier: Apache-2.0
"""kept.py on functions that break what calls keep, each in its way, on some that do not, and on vectors that forget a register."""
import os
import re
import subprocess

import frames
import kept
import tree

_GCC = {"armv8": ["aarch64-linux-gnu-gcc"], "riscv": ["riscv64-linux-gnu-gcc", "-march=rv64imac_zicsr", "-mabi=lp64"]}

# Name, what its finding says (None: it has none), text. `never` does not return, `other` keeps all.
_FUNCTIONS = {"armv8": (
    ("never", None, "1: wfi\n b 1b"),
    ("other", None, "mov x17, #1\n ret"),
    ("plain", "changes x15", "mov x15, #1\n ret"),
    ("one_path", "changes x15", "str x15, [sp, #-16]!\n mov w15, #1\n cbz x0, 1f\n ldr x15, [sp], #16\n ret\n"
                                "1: add sp, sp, #16\n ret"),
    ("both_paths", None, "stp x14, x15, [sp, #-16]!\n cbz x0, 1f\n mov x15, #1\n bl other\n ldp x14, x15, [sp], #16\n ret\n"
                         "1: mov x14, #1\n ldp x14, x15, [sp], #16\n ret"),
    ("loop", "changes x15", "1: sub x0, x0, #1\n cbz x0, 2f\n mov x15, #1\n b 1b\n2: ret"),
    ("swapped", "changes x14 x15", "stp x14, x15, [sp, #-16]!\n ldp x15, x14, [sp], #16\n ret"),
    ("half", "changes x15", "str x15, [sp, #-16]!\n ldr w15, [sp], #16\n ret"),
    ("overwritten", "changes x15", "str x15, [sp, #-16]!\n str wzr, [sp, #4]\n ldr x15, [sp], #16\n ret"),
    ("beside", None, "sub sp, sp, #16\n str x15, [sp, #8]\n str wzr, [sp, #4]\n mov x15, #0\n ldr x15, [sp, #8]\n add sp, sp, #16\n ret"),
    ("below", "changes x15", "stur x15, [sp, #-8]\n bl other\n ldur x15, [sp, #-8]\n ret"),
    ("negative", None, "sub sp, sp, #64\n add x9, sp, #64\n stur x15, [x9, #-32]\n mov x15, #1\n ldur x15, [x9, #-32]\n"
                       " add sp, sp, #64\n ret"),
    ("pointer_lost", "changes x15", "sub sp, sp, #64\n add x9, sp, #32\n str x15, [x9]\n bl other\n mov x15, #1\n ldr x15, [x9]\n"
                                    " add sp, sp, #64\n ret"),
    ("frame_pointer", None, "stp x29, x30, [sp, #-32]!\n mov x29, sp\n str x15, [x29, #16]\n sub sp, sp, x0\n mov x15, #1\n"
                            " ldr x15, [x29, #16]\n mov sp, x29\n ldp x29, x30, [sp], #32\n ret"),
    ("base_moved", "changes x15", "ldr x0, [x15], #8\n ret"),
    ("atomic", "changes x15", "stxr w15, x0, [x1]\n ret"),
    ("firmware", "changes x10 x11 x12 x13 x14 x15", "smc #0\n ret"),
    ("sp_left", "leaves sp elsewhere", "sub sp, sp, #16\n ret"),
    ("tail", "changes x15", "mov x15, #1\n b other"),
    ("tail_maybe", "changes x15", "mov x15, #1\n cbz x0, other\n b never"),
    ("tail_never", None, "mov x15, #1\n b never"),
    ("call_never", None, "mov x15, #1\n bl never"),
    ("by_register", "changes x15", "mov x15, #1\n br x1"),
    ("runs_on", "changes x15", "mov x15, #1"),
    ("into", None, "ret"),
    ("named", "names x18", "mov w0, w18\n ret"),
), "riscv": (
    ("never", None, "1: wfi\n j 1b"),
    ("other", None, "li t2, 1\n ret"),
    ("plain", "changes x31", "li t6, 1\n ret"),
    ("one_path", "changes x31", "addi sp, sp, -16\n sd t6, 8(sp)\n li t6, 1\n beqz a0, 1f\n ld t6, 8(sp)\n1: addi sp, sp, 16\n ret"),
    ("both_paths", None, "addi sp, sp, -16\n sd t6, 8(sp)\n sd s0, 0(sp)\n li t6, 1\n beqz a0, 1f\n call other\n ld t6, 8(sp)\n"
                         " addi sp, sp, 16\n ret\n1: li s0, 1\n ld t6, 8(sp)\n ld s0, 0(sp)\n addi sp, sp, 16\n ret"),
    ("loop", "changes x31", "1: addi a0, a0, -1\n beqz a0, 2f\n li t6, 1\n j 1b\n2: ret"),
    ("swapped", "changes x30 x31", "addi sp, sp, -16\n sd t6, 8(sp)\n sd t5, 0(sp)\n"
                                   " ld t5, 8(sp)\n ld t6, 0(sp)\n addi sp, sp, 16\n ret"),
    ("half", "changes x31", "addi sp, sp, -16\n sd t6, 8(sp)\n lw t6, 8(sp)\n addi sp, sp, 16\n ret"),
    ("overwritten", "changes x31", "addi sp, sp, -16\n sd t6, 8(sp)\n sw zero, 12(sp)\n ld t6, 8(sp)\n addi sp, sp, 16\n ret"),
    ("beside", None, "addi sp, sp, -16\n sd t6, 8(sp)\n sw zero, 4(sp)\n li t6, 1\n ld t6, 8(sp)\n addi sp, sp, 16\n ret"),
    ("below", "changes x31", "sd t6, -8(sp)\n call other\n ld t6, -8(sp)\n ret"),
    ("frame_pointer", None, "addi sp, sp, -32\n sd s0, 24(sp)\n addi s0, sp, 32\n sd t6, -16(s0)\n sub sp, sp, a0\n li t6, 1\n"
                            " ld t6, -16(s0)\n addi sp, s0, -32\n ld s0, 24(sp)\n addi sp, sp, 32\n ret"),
    ("atomic", "changes x31", "sc.d t6, a0, (a1)\n ret"),
    ("csr", "changes x31", "csrr t6, scause\n ret"),
    ("sp_left", "leaves sp elsewhere", "addi sp, sp, -16\n ret"),
    ("tail", "changes x31", "li t6, 1\n j other"),
    ("tail_maybe", "changes x31", "li t6, 1\n beqz a0, other\n j never"),
    ("tail_never", None, "li t6, 1\n j never"),
    ("call_never", None, "li t6, 1\n jal never"),
    ("by_register", "changes x31", "li t6, 1\n jr a1"),
    ("other_link", "calls through another link register", "jal t0, other\n ret"),
    ("runs_on", "changes x31", "li t6, 1"),
    ("into", None, "ret"),
    ("named", "names gp (x3)", "mv a0, gp\n ret"),
)}
_NEVER = {"never", "tail_never", "call_never", "_start"}

# Pattern of a line of vectors.S, what it becomes, what a finding says.
_VECTORS = {"armv8": (
    ("", "", None),
    (r"stp     x14, x15, .*", "", "guest_exit: up to hv_trap_all"),
    (r"stp     x16, x17, .*", "", "guest_exit: up to hv_trap it stores"),
    (r"stp     x16, x17, .*", "", "guest_irq: up to hv_irq it stores"),
    (r"ldp     x16, x17, .*", "", "guest_irq: up to eret it loads"),
    (r"ldp     x8, x9, .*", r"ldp x9, x8, [x1, #REGS_X + 8 * 8]", "x9 comes from the slot of x8"),
    (r"ldp     x12, x13, .*", "", "guest_resume: up to eret"),
    (r"stp     x10, x11, ", "stp x11, x10, ", "x11 goes into the slot of x10"),
), "riscv": (
    ("", "", None),
    (r"(#define KEPT .*),31", r"\1", "vectors: up to hv_trap_all"),
    (r"(#define KEPT .*),31", r"\1", "guest_resume: up to j"),
    (r"#define SCRATCH 1,", "#define SCRATCH ", "vectors: up to hv_trap it stores"),
    (r"#define SCRATCH 1,", "#define SCRATCH ", "vectors: up to sret it loads"),
    (r"sd      t1, \(REGS_X \+ 8 \* 2\)\(a0\)", "", "vectors: up to hv_trap it stores"),
)}
_OFFSETS = "#define REGS_X 0\n#define REGS_PC 256\n#define REGS_PSTATE 264\n" \
           "#define SRC_SYNC 0\n#define SRC_IRQ 1\n#define SRC_FIQ 2\n#define SRC_SERROR 3\n"
_ELSEWHERE = ("hv_trap", "hv_trap_all", "hv_irq", "hv_irq_taken", "hv_window", "cpu_own_fault")


def _code(isa, folder, text):
    source, out = os.path.join(folder, "kept.S"), os.path.join(folder, "kept.elf")
    with open(source, "w", encoding="utf-8") as f:
        f.write(text)
    subprocess.run([*_GCC[isa], "-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0xffffff8000200000", "-Wl,-e,_start",
                    "-Wl,--build-id=none", "-D__ASSEMBLY__", "-I" + folder, "-I" + tree.ROOT, source, "-o", out], check=True)
    return frames.Code(isa, out)


def _function_findings(isa, folder):
    text = "".join(" .global %s\n%s:\n %s\n" % (name, name, body) for name, _, body in _FUNCTIONS[isa])
    code = _code(isa, folder, " .option norelax\n" * (isa == "riscv") + " .text\n .global _start\n_start: %s _start\n%s"
                 % ({"armv8": "b", "riscv": "j"}[isa], text))
    never = kept.never_return(code)
    found = kept.functions(code, kept.kept_of(tree.ROOT, isa), never)
    wrong = [] if never == _NEVER else ["self-test: %s, what never returns: %s" % (isa, " ".join(sorted(never)))]
    for name, expect, _ in _FUNCTIONS[isa]:
        have = found.get(name)
        if (have is None) != (expect is None) or (expect and ": %s, at " % expect not in have):
            wrong.append("self-test: %s, %s: %s, not %s" % (isa, name, have, expect))
    listed = "".join("%s %s\n" % (isa, name) for name in sorted(never))
    for text, number in ((listed, 0), (listed + isa + " other\nother_isa plain\n", 1), (listed.replace(isa + " never\n", ""), 1)):
        if len(kept.compare(isa, never, text)) != number:
            wrong.append("self-test: %s, list of what never returns: not %d findings of %r" % (isa, number, text))
    return wrong


def _vector_findings(isa, folder):
    with open(os.path.join(folder, "asm_offsets.h"), "w", encoding="utf-8") as f:
        f.write(_OFFSETS)
    whole = tree.read(tree.ROOT, "hv/arch/%s/vectors.S" % isa) + "\n .text\n" + \
        "".join(" .global %s\n%s: ret\n" % (n, n) for n in (*_ELSEWHERE, "_start"))
    mask, wrong = kept.kept_of(tree.ROOT, isa), []
    for pattern, becomes, expect in _VECTORS[isa]:
        code = _code(isa, folder, re.sub(pattern, becomes, whole) if pattern else whole)
        found = kept.vectors(code, mask)
        if not any(expect in f for f in found) if expect else found:
            wrong.append("self-test: %s, vectors with %r: %s" % (isa, pattern, found))
        if expect is None and not kept.vectors(code, mask - {max(mask)}):
            wrong.append("self-test: %s, VCPU_REGS_KEPT without x%d is not found" % (isa, max(mask)))
    return wrong


def run(folder):
    """(number of seeds tried, list of what was not found)."""
    seeds = sum(1 for isa in tree.ISAS for f in _FUNCTIONS[isa] if f[1]) + sum(len(_VECTORS[isa]) + 2 for isa in tree.ISAS)
    return seeds, [w for isa in tree.ISAS for w in _function_findings(isa, folder) + _vector_findings(isa, folder)]
