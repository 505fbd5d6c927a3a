/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/armv8/arch.h"
#include "arch/armv8/inject.h"
#include "arch/armv8/own_fault.h"
#include "arch/armv8/sysreg.h"
#include "hv.h"

/* TPIDR_EL2 holds the bare logical number: a QEMU plugin or a debugger can read it off. */
unsigned cpu_id(void)
{
    return (unsigned)SYSREG_READ(tpidr_el2);
}

void cpu_set_id(unsigned id)
{
    SYSREG_WRITE(tpidr_el2, id);
}

/* Wakes for an interrupt that is routed to EL2 although PSTATE masks it (DDI 0487 D1.6.2). */
void cpu_wait(void)
{
    dsb_sy();
    __asm__ volatile("wfi" : : : "memory");
}

void cpu_relax(void)
{
    __asm__ volatile("yield" : : : "memory");
}

void cpu_fence(void)
{
    dsb_sy();
}

uint64_t cpu_syndrome(void)
{
    return SYSREG_OF_EXIT(esr_el2);
}

void cpu_read_exit(enum exit_source source, struct exit_raw *out)
{
    out->source = source;
    out->esr = SYSREG_OF_EXIT(esr_el2);
    out->far = SYSREG_OF_EXIT(far_el2);
    out->hpfar = SYSREG_OF_EXIT(hpfar_el2);
    out->insn = 0;
}

/* What the exception does is decided in inject.c; here it meets the registers. */
void cpu_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    const struct inject_guest guest = {
        .vbar = SYSREG_READ(vbar_el1),
        .sctlr = SYSREG_READ(sctlr_el1),
        .features = inject_features(SYSREG_READ(id_aa64pfr1_el1), SYSREG_READ(id_aa64mmfr1_el1)),
    };
    struct inject_result r;
    inject_exception(regs, kind, va, &guest, &r);
    SYSREG_WRITE(elr_el1, r.elr);
    SYSREG_WRITE(spsr_el1, r.spsr);
    SYSREG_WRITE(esr_el1, r.esr);
    if (r.far_valid) {
        SYSREG_WRITE(far_el1, r.far);
    }
    regs->pc = r.pc;
    regs->pstate = r.pstate;
}

unsigned cpu_pa_bits(void)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48}; /* ID_AA64MMFR0_EL1.PARange (D19.2.64) */
    unsigned range = sysreg_field(SYSREG_READ(id_aa64mmfr0_el1), 0);
    /* 52 bits and more need another descriptor format: what is used is 48. */
    return range < sizeof(bits) ? bits[range] : 48U;
}

/* No plan for this ISA needs anything (plan.h). */
uint32_t cpu_lacks(uint32_t needs)
{
    return needs;
}

uint64_t cpu_hw_id(void)
{
    return SYSREG_READ(mpidr_el1) & 0xff00ffffffULL; /* Aff3, Aff2, Aff1, Aff0 */
}

/* Called by vectors.S on a fresh stack; vector as in own_fault.h. */
_Noreturn void cpu_own_fault(uint64_t vector, uint64_t esr, uint64_t pc, uint64_t far);
__attribute__((used)) _Noreturn void cpu_own_fault(uint64_t vector, uint64_t esr, uint64_t pc, uint64_t far)
{
    hv_own_fault(own_fault_text(vector, esr, mmu_is_guard(far)), esr, pc, far);
}

void cpu_halt(void)
{
    for (;;) { /* no bound, by contract */
        __asm__ volatile("msr daifset, #0xf\n\twfi" : : : "memory");
    }
}
