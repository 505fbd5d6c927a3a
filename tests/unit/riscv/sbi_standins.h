/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of SBI need of the rest of this ISA: an interrupt controller, the first registers of a hart, and stage 2, which
 * no test of these builds. Weak: the real ones win wherever they are linked.
 */
#ifndef TESTS_UNIT_RISCV_SBI_STANDINS_H
#define TESTS_UNIT_RISCV_SBI_STANDINS_H

#include "hv/arch_ops.h"
#include "vdev/virqc.h"

#define STANDIN __attribute__((weak))

STANDIN bool virqc_pending(struct vcpu *v)
{
    (void)v;
    return (arch_ops.virq.pending() & arch_ops.virq.enabled()) != 0U;
}

STANDIN void virqc_add_virtual(struct vm *vm, uint32_t intid)
{
    (void)vm;
    (void)intid;
}

STANDIN void virqc_set_line(struct vm *vm, uint32_t intid, bool level)
{
    (void)vm;
    (void)intid;
    (void)level;
}

STANDIN void vcpu_regs_start(struct vcpu_regs *regs, unsigned vcpu, uint64_t pc, uint64_t arg)
{
    *regs = (struct vcpu_regs){.pc = pc};
    regs->x[10] = vcpu;
    regs->x[11] = arg;
}

STANDIN const struct s2_format s2_format = {.name = "none"};

STANDIN enum hv_status s2_geometry(unsigned ipa_bits, unsigned pa_bits, struct s2_geometry *out)
{
    (void)ipa_bits;
    (void)pa_bits;
    (void)out;
    return HV_ERR_UNSUPPORTED;
}

STANDIN struct s2_hw s2_hw(const struct s2_geometry *geo, paddr_t root, vmid_t vmid, unsigned pa_bits)
{
    (void)geo;
    (void)root;
    (void)vmid;
    (void)pa_bits;
    return (struct s2_hw){0};
}

#endif
