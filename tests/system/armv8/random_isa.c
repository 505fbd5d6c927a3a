/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's system registers, its calls of firmware (PSCI, SMCCC), and exceptions of any syndrome. */
#include "hv/sysreg_enc.h"
#include "psci_calls.h"
#include "random_acts.h"

void act_register(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t enc = one_in(2) ? SYSREG_ENC(3, 0, 0, (uint32_t)below(8), (uint32_t)below(8)) : (uint32_t)below(1U << 16);
    uint64_t v = act_value(vm);
    bool read = !one_in(3);
    enum sim_guest_result r = read ? sim_guest_mrs(g, enc, &v) : sim_guest_msr(g, enc, v);
    TRACE("system register", enc, read, r, v);
}

#define EXITS 0xc6000003U /* a vCPU's count of exits for a reason */

static void call(struct sim_guest *g, const char *what, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    uint64_t r = one_in(2) ? sim_guest_hvc(g, fid, a1, a2, a3) : sim_guest_smc(g, fid, a1, a2, a3);
    TRACE(what, fid, a1, a2, a3, r, g->regs->x[1]);
}

void act_firmware(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t ids[] = { PSCI_VERSION, PSCI_AFFINITY_INFO, PSCI_FEATURES, 0x80000000, 0x80000001, 0x86000000,
                                    0x86000001,   0x8600ff01,         0x8600ff03,    0x84000006, 0x84000004,
                                    EXITS,        EXITS };
    uint64_t fid = ids[below(ARRAY_SIZE(ids))];
    fid = one_in(4) ? (sim_random() & 0xffffffe0U) | 0x1fU : fid; /* none of those that end it */
    uint64_t a2 = fid == EXITS ? below(12) : act_value(vm);
    call(g, "call", fid, one_in(2) ? below(4) : act_value(vm), a2, sim_random());
}

void act_cpu_on(struct sim_guest *g, uint64_t vcpu, uint64_t pc)
{
    call(g, "cpu_on", PSCI_CPU_ON, vcpu, pc, sim_random());
}

void act_trap(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t ec = below(64);
    if (ec == 0x16U || ec == 0x17U || ec == 0x2fU) { /* calls and SError have their own */
        return;
    }
    uint64_t esr = ec << 26 | 1U << 25 | (one_in(2) ? below(1U << 25) : 1U << 24 | 6U | below(0x100) << 16);
    uint64_t ipa = act_ipa(vm);
    uint64_t far = one_in(2) ? ipa : sim_random();
    TRACE("trap", esr, far, ipa, sim_guest_trap(g, esr, far, (ipa >> 12) << 4));
}

void act_suspend(struct sim_guest *g, struct random_vm *vm)
{
    act_wakeable(g, vm);
    call(g, "suspend", PSCI_CPU_SUSPEND, one_in(4) ? act_value(vm) : 0U, 0, 0);
}

void act_serror(struct sim_guest *g)
{
    TRACE("serror", sim_guest_trap(g, 0x2fULL << 26 | 1U << 25, 0, 0));
}
