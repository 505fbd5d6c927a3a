# SPDX-License-Identifier: Apache-2.0
"""The walls of Armv8."""

import harness
from wall import COUNTS_OF_OTHERS, EXITS_OF_OTHERS, Wall

RESET, VM, VGIC = "hv/arch/armv8/reset.c", "hv/core/vm.c", "hv/vdev/vgic.c"
PSCI, SMCCC, SYSREG = "hv/fw/psci.c", "hv/fw/smccc.c", "hv/vdev/vsysreg.c"

# Stage 2 maps whatever is not the VM's own one to one: RAM by 2 MiB, devices by page, but not the emulated frames.
EMULATED = """(a >= 0x8000000U && a < 0x8010000U) ||
                        (a >= 0x80a0000U && a < 0x80a0000U + 0x20000U * vm->nr_vcpus)""" if harness.GIC == 3 else "a == 0x8000000U"
EVERYTHING = r"""\1    for (uint64_t a = 0; st == HV_OK && a < 0x80000000U;) {
        uint64_t size = a >= 0x8000000U && a < 0xb000000U ? PAGE_SIZE : SZ_2M;
        bool emulated = EMULATED;
        if (!emulated) {
            bool ram = a >= 0x40000000U;
            enum hv_status own = s2_map(&vm->s2, IPA(a), PA(a), size, ram ? S2_MEM_NORMAL : S2_MEM_DEVICE,
                                        S2_R | S2_W | (ram ? S2_X : 0U));
            (void)own;
        }
        a += size;
    }
    return st;
}
""".replace("EMULATED", EMULATED)

# And what need not leave it, does.
SHARED_EXITS = [
    *EXITS_OF_OTHERS,
    (RESET, r"^     HCR_RW\)$", "     HCR_RW | 1ULL << 13 | 1ULL << 14 | 1ULL << 22 | 1ULL << 25)"),
    (RESET, r"= MDCR_TPMCR \| MDCR_TPM ", "= MDCR_TPMCR | MDCR_TPM | 1ULL << 8 | 7ULL << 9 "),
    (SYSREG, r"    default:\n        return EXIT_INJECT_UNDEF;", "    default:\n        return EXIT_ADVANCE_PC;"),
]

WALLS = {
    "stage2": Wall("read-victim read-hv read-device read-gic read-hole fetch-victim fetch-hv fetch-hole walk-victim walk-hv "
                   "walk-hole stage1-victim odd-victim write-victim write-hole write-device write-gic stage1-gic "
                   "rewrite-code write-hv odd-hv stage1-hv",
                   "^(facts|victim's memory|nobody's memory|hypervisor's memory|interrupts|victim stalled|said|no end)",
                   [(VM, r"(static enum hv_status build\((?:.|\n)*?)    return st;\n\}\n", EVERYTHING)],
                   also={"write-victim": "^victim's memory", "write-hole": "^nobody's memory", "write-gic": "^(interrupts|no end)",
                         "write-hv": "^hypervisor's memory", "rewrite-code": "^hypervisor's memory"}),
    "device-fetch": Wall("fetch-device", "facts: fetch",
                         [("hv/arch/armv8/s2_format.c", r"^(#define DEVICE .*) \| ATTR_XN\)", r"\1)")]),
    "address-size": Wall("read-beyond write-beyond", "facts: (read|write) 0x108000004",
                         [("hv/exit.c", r"const struct exit_mmio \*a = &e->u\.mmio;",
                           "struct exit_mmio low = e->u.mmio; low.ipa &= 0xffffffffU; const struct exit_mmio *a = &low;")]),
    "syndrome": Wall("gic-odd", "facts: ldp",
                     [("hv/arch/armv8/exit_decode.c", r"\(iss & ISS_ISV\) == 0U \|\| ", "")]),
    "widths": Wall("gicd-widths gicr-widths", "facts: size",
                   [("hv/vdev/mmio.c", r" \|\| \(r->widths & size\) == 0U \|\| \(offset & \(size - 1U\)\) != 0U", "")]),
    "frames": Wall("gicr-foreign", "facts: (read|write)",
                   [(VGIC, r"redist < GICR_SIZE \* v->vm->nr_vcpus", "redist < GICR_SIZE * VM_MAX_VCPUS")]),
    "owned-spi": Wall("gicd-sweep spi-bits spi-route spi-targets spi-priority", "(facts|interrupts): .*",
                      [(VGIC, r"^    reset_words\(g\);\n    reset_spis\(g\);\n\}\n\nvoid virqc_init_all",
                        "    for (unsigned w = 1; w < g->nr_words; w++) { g->spi[w].owned = ~0U; }\n\\g<0>")]),
    "owned-ppi": Wall("gicr-sweep ppi-bits", "facts: ",
                      [(VGIC, r"\.owned = VGIC_SGIS \| ppi_bits\(plan\);", ".owned = ~0U | ppi_bits(plan);")]),
    "sgi-targets": Wall("sgi-sweep sgi-group0 sgi-broadcast sgir-sweep", "rt: unexpected interrupt",
                        [("hv/vdev/vgic_sgi.c", r"if \(set == 0U \|\| \(val & ~view->plain_sgir\) != 0U\) \{", "if (true) {"),
                         ("hv/vdev/vgic_sgi.c", r"^    uint32_t set = named;$",
                          r"""\g<0>
    for (unsigned c = 0; c < HV_MAX_CPUS; c++) {
        struct vcpu *t = vcpu_of_cpu(c);
        if (t != NULL && t->vm != v->vm) {
            struct vgic_bank other = vgic_bank(vgic_of(t), t->index, 0);
            vgic_source_set(&other, intid, 1);
            vgic_kick(t);
        }
    }""")]),
    "virtual-interface": Wall("icc-end", "interrupts: active",
                              [(RESET, r"HCR_FMO \| HCR_IMO \| HCR_AMO \| HCR_TID3", "HCR_AMO | HCR_TID3")]),
    "cpu-interface": Wall("gicc-sweep gicc-end", "(facts|interrupts): ",
                          [("hv/core/plan.c", r"plan_gic_cpu_frame\(p, PLAN_GICV\)",
                            "plan_gic_cpu_frame(p, vm == plan_vm(p, 0) ? PLAN_GICC : PLAN_GICV)")]),
    "sgi-sources": Wall("sgi-sources", "facts: sources",
                        [("hv/vdev/vgic_v2.c", r"\(set >> \(8U \* i\)\) & all_vcpus\(b\.g\)", "(set >> (8U * i)) & 0xffU")]),
    "call-targets": Wall("cpu-on-foreign affinity", "facts: (hvc|target) 0x2",
                         [(PSCI, r"&v->vm->vcpus\[affinity\] : NULL;",
                           "&v->vm->vcpus[affinity] : vcpu_of_cpu((unsigned)affinity);")]),
    "counts-of-others": Wall("exit-counts", "facts: vcpu 0x2", COUNTS_OF_OTHERS),
    "call-entry": Wall("cpu-on-entry", "facts: entry|said: .*vm hostile: (stopped|ended after)",
                       [(PSCI, r"(static bool is_entry\((?:.|\n)*?)    return false;\n\}\n\nstatic int64_t cpu_on",
                         r"\1    return true;\n}\n\nstatic int64_t cpu_on")]),
    "call-identifier": Wall("ranges-hvc random-hvc", "facts: call|ended|said",
                            [(SMCCC, r"uint32_t fid = \(uint32_t\)x\[0\];",
                              "uint32_t fid = (uint32_t)x[0] & 0xc600001fU;")]),
    "call-immediate": Wall("immediates", "facts: call|ended|said", [(SMCCC, r"if \(imm == 0U\)", "if (imm == 0U || fid != ~0U)")]),
    "smc": Wall("ranges-smc random-smc off-smc reset-smc", "facts: call|said: .*(unexpected|QEMU ended)|board: it ended",
                [(RESET, r"HCR_TID3 \| HCR_TSC \|", "HCR_TID3 |")]),
    "power": Wall("off-hvc reset-hvc", "board: it ended",
                  [(PSCI, r"vm_stop\(v->vm, VM_END_(OFF|RESET)\);", "arch_ops.power.system_off();")]),
    "identity": Wall("idregs sysreg-read", "facts: S3_0_C0",
                     [(RESET, r"HCR_AMO \| HCR_TID3 \|", "HCR_AMO |")]),
    "unknown-registers": Wall("sysreg-write sysinsn", "facts: S",
                              [(SYSREG, r"return EXIT_INJECT_UNDEF;", "return EXIT_ADVANCE_PC;")]),
    "kept-registers": Wall("gpr-exits", "facts: (hvc|smc|affinity|sgi|read|enables|uart|fault|undefined|interrupts)",
                           [("hv/hv.mk", r"-fcall-saved-x,10 11 12 13 14 15\)", "-fcall-saved-x,10 11 12 13 14)")]),
    "general-registers": Wall("gpr-leak gpr-exits", "facts: (x 0x1[01]|hvc)",
                              [("hv/arch/armv8/vectors.S", r"^    ldp     x16, x17, \[x1, #REGS_X \+ 8 \* 16\]$",
                                "    adrp    x16, vectors\n    mov     x17, sp")]),
    "vector-registers": Wall("fp-leak", "facts: vector", [(RESET, r"^        fpsimd_clear\(\);$", "        ;")]),
    "el1-registers": Wall("el1-leak", "facts: ", [(RESET, r"^    reset_el1\(\);$", "    ;")]),
    "debug": Wall("debug", "facts: brk|said: .*unexpected",
                  [(RESET, r"= MDCR_TPMCR \| MDCR_TPM ", "= MDCR_TPMCR | MDCR_TPM | 1ULL << 8 | 7ULL << 9 ")]),
    "os-lock": Wall("debug", "facts: osdlr", [(RESET, r" \| MDCR_TDOSA \| MDCR_TDRA;", " | MDCR_TDRA;")],
                    also={"debug": "^debug registers: OSLSR_EL1"}),
    "semihosting": Wall("hlt", "board: it ended|facts|said: .*QEMU ended",
                        extra=["-semihosting-config", "enable=on,target=native"]),
    "vector-length": Wall("sve", "facts: (cntb|smstart)",
                          [(RESET, r"CPTR_RES1 \| CPTR_TZ \| CPTR_TSM \|", "(CPTR_RES1 & ~(CPTR_TZ | CPTR_TSM)) |")],
                          extra=["-cpu", "max"]),
    "exits-of-others": Wall("setway tlbi wfi wfe suspend timer-past timer-toggle hvc-storm fault-storm brk-storm mmio-storm "
                            "recall-storm sgi-storm onoff-storm stack endless", "victim's exits", SHARED_EXITS),
    "fault-for-ever": Wall("no-vectors", "no end",
                           [("hv/exit.c", r"if \(e->u\.fault\.fetch && at_handler\(v\)\)", "if (e->u.fault.fetch && at_handler(v) && false)")], ticks=3000),
}
