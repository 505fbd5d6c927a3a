# SPDX-License-Identifier: Apache-2.0
"""The walls of RISC-V."""

import harness
from wall import COUNTS_OF_OTHERS, EXITS_OF_OTHERS, Wall

RESET, DECODE, EXIT, VM = "hv/arch/riscv/reset.c", "hv/arch/riscv/exit_decode.c", "hv/exit.c", "hv/core/vm.c"
PLAN, PLIC_REGS, APLIC_SOURCE = "hv/core/plan.c", "hv/vdev/vplic_regs.c", "hv/vdev/vaplic_source.c"
SBI, HSM, DBCN = "hv/fw/sbi.c", "hv/fw/sbi_hsm.c", "hv/fw/sbi_dbcn.c"

# Stage 2 maps whatever is not the VM's own one to one: by 2 MiB, but not the emulated frames, in whose 2 MiB all else is by page.
# The first is the PLIC's, or the APLIC's of M level, whose neighbour is the APLIC's of S level.
EMULATED = "(a >= 0xd000000U && a < 0xd008000U)" if harness.BOARD == "virt-aia" else "(a >= 0xc000000U && a < 0xc600000U)"
EVERYTHING = (VM, r"(static enum hv_status build\((?:.|\n)*?)    return st;\n\}\n", r"""\1    for (uint64_t a = 0; st == HV_OK && a < 0xc0000000U;) {
        bool pages = a >> 21 == 0xc000000U >> 21 || a >> 21 == 0xd000000U >> 21 || a >> 21 == 0x10000000U >> 21 ||
                     a >> 21 == 0x28000000U >> 21 || a < 0x200000U;
        uint64_t size = pages ? PAGE_SIZE : SZ_2M;
        bool emulated = EMULATED || a == 0x10000000U;
        if (!emulated) {
            bool ram = a >= 0x80000000U;
            enum hv_status own = s2_map(&vm->s2, IPA(a), PA(a), size, ram ? S2_MEM_NORMAL : S2_MEM_DEVICE,
                                        S2_R | S2_W | (ram ? S2_X : 0U));
            (void)own;
        }
        a += size;
    }
    return st;
}
""".replace("EMULATED", EMULATED))

# What would be illegal is passed over.
UNDEF = r"(static enum exit_action on_undef\(.*\n\{\n    \(void\))v;\n    \(void\)e;\n    return EXIT_INJECT_UNDEF;"
PASSED_CSRS = ("hv/vdev/vcsr.c", "return EXIT_INJECT_UNDEF;", "return EXIT_ADVANCE_PC;")
PASSED_OVER = [(EXIT, UNDEF, r"\1e;\n    v->regs.pc += 4U;\n    return EXIT_RESUME;"), PASSED_CSRS]
# No guest file while a guest runs; the hypervisor's own accesses to it need one.
AIA = "hv/arch/riscv/aia.c"
NO_VGEIN = [(AIA, r"^void irqc_file_reset\(void\)\n\{$", "\\g<0>\n    CSR_SET(CSR_HSTATUS, HSTATUS_VGEIN);"),
            (AIA, r"^    CSR_WRITE\(CSR_VSISELECT, 0\);$", "\\g<0>\n    CSR_CLEAR(CSR_HSTATUS, HSTATUS_VGEIN);")]
# WFI, SRET and the attacker's own translation are the hypervisor's business (VTW, VTSR, VTVM): SRET is done for it (12.1.1.2), the
# others are passed over.
TRAPPED = [
    (RESET, r"^    install_stage2\(r\);$",
     "\\g<0>\n    if ((r->s2.base >> 44 & 0x3fffU) == 1U) {\n        CSR_SET(CSR_HSTATUS, 7ULL << 20);\n    }"),
    (EXIT, UNDEF, r"""\1e;
    uint64_t insn;
    uint64_t pc;
    uint64_t status;
    __asm__ volatile("csrr %0, 0x143\\n\\tcsrr %1, 0x241\\n\\tcsrr %2, 0x200" : "=r"(insn), "=r"(pc), "=r"(status));
    if (insn == 0x10200073U) {
        v->regs.pc = pc;
        status = (status & ~0x102ULL) | (status >> 4 & 2U) | 0x20U;
        __asm__ volatile("csrw 0x200, %0" : : "r"(status));
    } else {
        v->regs.pc += 4U;
    }
    return EXIT_RESUME;"""),
    PASSED_CSRS,
]
# An IPI of a VM's reaches all others as well.
TO_ALL = r"""\g<0>
    for (unsigned c = 0; c < HV_MAX_CPUS; c++) {
        struct vcpu *t = vcpu_of_cpu(c);
        if (t != NULL && t->vm != vm) {
            send(from, t, &ipis[t->vm->index], t->index);
        }
    }"""
# As it stands, to the firmware; but for what would print all of memory.
FORWARDED = r"""    if (!sbi_available(v->vm, id) && id != SBI_DBCN) {
        register uint64_t a0 __asm__("a0") = x[10];
        register uint64_t a1 __asm__("a1") = x[11];
        register uint64_t a2 __asm__("a2") = x[12];
        register uint64_t a3 __asm__("a3") = x[13];
        register uint64_t a4 __asm__("a4") = x[14];
        register uint64_t a5 __asm__("a5") = x[15];
        register uint64_t a6 __asm__("a6") = x[16];
        register uint64_t a7 __asm__("a7") = id;
        __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
        x[SBI_A0] = a0;
        x[SBI_A1] = a1;
        return EXIT_ADVANCE_PC;
    }
\g<0>"""

WALLS = {
    "stage2": Wall("read-victim read-hv read-device read-irqc read-hole fetch-victim fetch-hv fetch-hole walk-victim walk-hv "
                   "walk-hole stage1-victim odd-victim cross write-victim write-hole write-device write-irqc stage1-irqc "
                   "msi-foreign rewrite-code write-hv odd-hv stage1-hv root",
                   "^(facts|victim's memory|nobody's memory|hypervisor's memory|interrupts|victim stalled|said|no end|board)",
                   [EVERYTHING],
                   also={"write-victim": "^victim's memory", "write-hole": "^nobody's memory",
                         "write-hv": "^(hypervisor's memory|said|no end|victim stalled)",
                         "rewrite-code": "^(hypervisor's memory|said|no end|victim stalled)",
                         "msi-foreign": "^(interrupts|rt: unexpected)"}, ticks=5000),
    "device-fetch": Wall("fetch-device", "facts: fetch 0x20000000",
                         [("hv/arch/riscv/s2_format.c", r"(\[S2_R \| S2_W\] = PTE_R \| PTE_W),(\n        \},\n    \},)", r"\1 | PTE_X,\2")]),
    "address-size": Wall("read-beyond write-beyond", "facts: (read|write) 0x20",
                         [(EXIT, r"const struct exit_mmio \*a = &e->u\.mmio;",
                           "struct exit_mmio low = e->u.mmio; low.ipa &= 0xffffffffU; const struct exit_mmio *a = &low;")]),
    "syndrome": Wall("irqc-odd", r"facts: lr\.[wd]",
                     [(DECODE, r"OPCODE\(insn\) == OPCODE_LOAD && f != 7U",
                       "(OPCODE(insn) == OPCODE_LOAD || OPCODE(insn) == 0x2fU) && f != 7U")]),
    "alignment": Wall("irqc-odd", "facts: (misaligned|crossing)",
                      [(DECODE, r" \|\| ADDR_OFFSET\(i\) != 0U", " || (ADDR_OFFSET(i) != 0U && false)"),
                       (DECODE, r" \|\| !is_aligned\(ipa, a\.size\)", "")]),
    "widths": Wall("irqc-widths", "facts: size",
                   [("hv/vdev/mmio.c", r" \|\| \(r->widths & size\) == 0U \|\| \(offset & \(size - 1U\)\) != 0U", ""),
                    ("hv/vdev/vplic.c", r"a->size == 4U && offset % 4U == 0U", "true")]),
    "owned-sources": Wall("plic-sweep plic-bits plic-claims aplic-sweep aplic-sources aplic-targets", "^(facts|interrupts|rt): .*",
                          [("hv/vdev/vplic.c", r"^        p->vm = &vms\[i\];$",
                            "\\g<0>\n        for (unsigned k = 0; k < 3U; k++) { p->word[k].owned = ~0U; p->words |= 1U << k; }"),
                           ("hv/vdev/vaplic.c", r"^    g->ids = plan->irqc_ids;$",
                            "\\g<0>\n    for (unsigned k = 0; k < 3U; k++) { g->w[k].owned = ~0U; }")]),
    "contexts": Wall("plic-sweep plic-bits", "facts: (register 0x2100|enabled at word 0x40)",
                     [(PLIC_REGS, r"(enables|context_at\(offset\)) < p->contexts", r"\1 < VM_MAX_VCPUS")]),
    "completions": Wall("plic-claims", "^(interrupts|rt): ",
                        [(PLIC_REGS, r"reg == VPLIC_CLAIM && exists\(p, val\)", "reg == VPLIC_CLAIM && val < 96U"),
                         (PLIC_REGS, r"\(w->enable\[context\] & w->service & ~w->pending & bit\) == 0U", "bit == 0U || context >= VM_MAX_VCPUS")]),
    "target-harts": Wall("aplic-msi", "^(interrupts|rt): ",
                         [(APLIC_SOURCE, r"vcpu < g->vm->nr_vcpus && ", "vcpu < VM_MAX_VCPUS && "),
                          (APLIC_SOURCE, r"g->vm->vcpus\[vcpu\]\.cpu, identity", "vcpu % 4U, identity")]),
    "file-of-others": Wall("msi-foreign", "facts: little 0x28002000",
                           [(PLAN, r"n >= vm->nr_vcpus \|\| n >= VM_MAX_VCPUS", "n >= 3U"),
                            (PLAN, r"plan_cpu\(p, vm->cpus\[n\]\)", "plan_cpu(p, n < vm->nr_vcpus ? vm->cpus[n] : n)")],
                           also={"msi-foreign": "^(interrupts|rt: unexpected)"}),
    "own-files": Wall("msi-own msi-storm", "(facts: faults|victim's exits)",
                      [(PLAN, r"n >= vm->nr_vcpus \|\| n >= VM_MAX_VCPUS", "true"), *EXITS_OF_OTHERS]),
    "guest-index": Wall("file-sweep file-storm", "(facts: selected|victim's exits)", [*NO_VGEIN, *PASSED_OVER, *EXITS_OF_OTHERS]),
    "ipi-scope": Wall("ipi-storm", "rt: unexpected interrupt",
                      [("hv/vdev/vhart.c", r"^    struct vm \*vm = from->vm;$", TO_ALL)]),
    "hart-masks": Wall("ipi-masks rfence-masks calls-random", "facts: (mask|call)",
                       [(SBI, r"if \(base >= vm->nr_vcpus \|\| ", "if (base == vm->nr_vcpus && base != vm->nr_vcpus && ")]),
    "hart-pointers": Wall("legacy-masks", "facts: pointer", [("hv/fw/sbi_legacy.c", r"if \(sbi_arg\(v, 0\) != 0U\)", "if (call > 8U)")]),
    "call-targets": Wall("hart-start hart-status", "facts: hart 0x2",
                         [(HSM, r"&v->vm->vcpus\[id\] : NULL;", "&v->vm->vcpus[id] : vcpu_of_cpu((unsigned)id);")]),
    "counts-of-others": Wall("exit-counts", "facts: vcpu 0x2", COUNTS_OF_OTHERS),
    "call-entry": Wall("hart-entry", "facts: entry|said: .*vm hostile: (stopped|ended after)",
                       [(HSM, r" \|\| !sbi_is_ram\(v->vm, pc, INSN_ALIGN, S2_X\)", "")]),
    "call-identifier": Wall("calls calls-random", "facts: call|ended|said", [(SBI, r"uint64_t id = x\[SBI_A7\];", "uint64_t id = x[SBI_A7] & 0xffffffffU;")]),
    "firmware": Wall("calls", "facts: call", [(SBI, r"^    struct sbi_result r = .*$", FORWARDED)]),
    "buffers": Wall("dbcn-buffers", "facts: buffer",
                    [(DBCN, r"return sbi_arg\(v, 2\) == 0U && .*;", "return size != 1U || rights == 0U;"), EVERYTHING]),
    "power": Wall("off-srst off-legacy reset-srst", "board: it ended",
                  [("hv/fw/sbi_srst.c", r"vm_stop\(v->vm, VM_END_(OFF|RESET)\);", "arch_ops.power.system_off();"),
                   ("hv/fw/sbi_srst.c", r'#include "fw/sbi.h"', '#include "fw/sbi.h"\n#include "hv/arch_ops.h"'),
                   ("hv/fw/sbi_legacy.c", r"vm_stop\(v->vm, VM_END_OFF\);", "arch_ops.power.system_off();"),
                   ("hv/fw/sbi_legacy.c", r'#include "fw/sbi.h"', '#include "fw/sbi.h"\n#include "hv/arch_ops.h"')]),
    "unknown-registers": Wall("csr-read csr-write system hlv", "facts: (csr 0x(6|2)|funct12)", PASSED_OVER),
    "unknown-instructions": Wall("custom", "facts: (instruction|illegal)",
                                 [(RESET, r"^    CSR_WRITE\(CSR_HEDELEG, HEDELEG_GUEST\);", "    CSR_WRITE(CSR_HEDELEG, HEDELEG_GUEST & ~4ULL);"),
                                  *PASSED_OVER]),
    "counters": Wall("csr-read", "facts: csr 0xc03", [(RESET, r"#define HCOUNTEREN_GUEST 7ULL", "#define HCOUNTEREN_GUEST 0xffffffffULL")]),
    "page-table-updates": Wall("ptes", "facts: not (accessed|dirty)", [(RESET, r"HENVCFG_GUEST \| \(", "HENVCFG_GUEST | 1ULL << 61 | (")]),
    "kept-registers": Wall("gpr-exits", "facts: (fence|console|enables|interrupts|fault|uart)",
                           [("hv/hv.mk", r"-fcall-saved-t,3 4 5 6\)", "-fcall-saved-t,3 4 5)")]),
    "general-registers": Wall("gpr-leak gpr-exits", "facts: (x 0x7|unknown call)",
                              [(SBI, r"^    struct sbi_result r = .*$", r"\g<0>\n    x[7] = !sbi_available(v->vm, id) ? (uint64_t)(uintptr_t)v : x[7];")]),
    "vector-registers": Wall("fp-leak vector-leak", "facts: (registers|bytes) in life", [(RESET, r"^    fpsimd_clear\(\);$", "    ;")],
                             extra=["-cpu", "rv64,v=true"]),
    "vs-registers": Wall("vs-leak", "facts: s(status|scratch|epc)", [(RESET, r"^    reset_vs\(\);$", "    if (r->vcpu > 8U) { reset_vs(); }")]),
    "file-registers": Wall("vs-leak" if harness.BOARD == "virt-aia" else "", "facts: file", [("hv/vdev/vaplic.c", r"arch_ops\.virq\.file_reset\(\);", ";")]),
    "exits-of-others": Wall("satp wfi wrs sret sfence suspend timer-past timer-toggle ecall-storm fault-storm illegal-storm mmio-storm "
                            "ipi-storm rfence-storm onoff-storm dbcn-flood stack endless", "victim's exits",
                            [*TRAPPED, *EXITS_OF_OTHERS]),
    "fault-for-ever": Wall("no-vectors root", "no end",
                           [(EXIT, r"if \(e->u\.fault\.fetch && at_handler\(v\)\)", "if (e->u.fault.fetch && at_handler(v) && false)")],
                           ticks=3000),
}
