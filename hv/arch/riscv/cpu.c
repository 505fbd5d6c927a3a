/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/inject.h"
#include "arch/riscv/own_fault.h"
#include "hv.h"

#define CAUSE_LOAD_GPF  21U
#define CAUSE_STORE_GPF 23U

/* No register of this level tells the hart id: the firmware said it when the hart came. */
static uint64_t harts[HV_MAX_CPUS];

/* tp holds the bare logical number: a QEMU plugin or a debugger can read it off. */
unsigned cpu_id(void)
{
    uint64_t id;

    __asm__ volatile("mv %0, tp" : "=r"(id));
    return (unsigned)id;
}

void cpu_set_id(unsigned id)
{
    harts[id] = harts[cpu_id()];
    __asm__ volatile("mv tp, %0" : : "r"((uint64_t)id) : "memory");
}

__attribute__((used)) void cpu_set_hart(uint64_t hart)
{
    harts[cpu_id()] = hart;
}

uint64_t cpu_hw_id(void)
{
    return harts[cpu_id()];
}

uint64_t cpu_hart_of(unsigned cpu)
{
    return harts[cpu];
}

/* Wakes for an interrupt that sie enables although sstatus.SIE masks it (privileged architecture 1.13, 3.3.3). */
void cpu_wait(void)
{
    __asm__ volatile("fence rw, rw\n\twfi" : : : "memory");
}

void cpu_relax(void)
{
    __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" : : : "memory"); /* PAUSE: a hint, else a fence */
}

void cpu_fence(void)
{
    __asm__ volatile("fence iorw, iorw" : : : "memory");
}

uint64_t cpu_syndrome(void)
{
    return CSR_READ(CSR_SCAUSE);
}

void cpu_read_access(struct exit_raw *out)
{
    out->source = EXIT_SRC_SYNC;
    out->esr = CSR_READ(CSR_SCAUSE);
    out->far = CSR_READ(CSR_STVAL);
    out->hpfar = CSR_READ(CSR_HTVAL);
    out->insn = CSR_READ(CSR_HTINST) & 0xffffffffU;
}

void cpu_read_exit(enum exit_source source, struct exit_raw *out)
{
    cpu_read_access(out);
    out->source = source;
    if (out->insn == 0U && (out->esr == CAUSE_LOAD_GPF || out->esr == CAUSE_STORE_GPF)) {
        out->insn = guest_fetch();
    }
}

/* What the exception does is decided in inject.c; here it meets the registers. The frame need not have the processor state, and the
 * vectors need not load it. */
void cpu_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    const struct inject_guest guest = {
        .vsstatus = CSR_READ(CSR_VSSTATUS),
        .vstvec = CSR_READ(CSR_VSTVEC),
        .store = CSR_READ(CSR_SCAUSE) == CAUSE_STORE_GPF,
    };
    struct inject_result r;

    regs->pstate = CSR_READ(CSR_SSTATUS);
    inject_exception(regs, kind, va, &guest, &r);
    CSR_WRITE(CSR_VSSTATUS, r.vsstatus);
    CSR_WRITE(CSR_VSEPC, r.vsepc);
    CSR_WRITE(CSR_VSCAUSE, r.vscause);
    CSR_WRITE(CSR_VSTVAL, r.vstval);
    CSR_WRITE(CSR_SSTATUS, r.pstate);
    regs->pc = r.pc;
    regs->pstate = r.pstate;
}

/* What stage 2 can translate. */
unsigned cpu_pa_bits(void)
{
    return features.s2_bits;
}

/* Called by vectors.S on a fresh stack. */
_Noreturn void cpu_own_fault(uint64_t cause, uint64_t pc, uint64_t address);
__attribute__((used)) _Noreturn void cpu_own_fault(uint64_t cause, uint64_t pc, uint64_t address)
{
    hv_own_fault(own_fault_text(cause, mmu_is_guard(address)), cause, pc, address);
}

void cpu_halt(void)
{
    for (;;) { /* no bound, by contract; nothing is enabled that could wake it */
        CSR_WRITE(CSR_SIE, 0);
        __asm__ volatile("wfi" : : : "memory");
    }
}
