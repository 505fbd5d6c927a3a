/* SPDX-License-Identifier: Apache-2.0 */
/* What an Armv8 guest's instructions do: syndromes of its exits (DDI 0487 D24.2.40 ESR_EL2), system registers,
 * calls. */
#include <string.h>

#include "sim/internal.h"

#define EC_HVC         0x16ULL
#define EC_SMC         0x17ULL
#define EC_SYSREG      0x18ULL
#define EC_INSN_ABORT  0x20ULL
#define EC_DATA_ABORT  0x24ULL
#define ESR(ec, iss)   (((ec) << 26) | (1ULL << 25) | (uint64_t)(iss))
#define ISS_ISV        (1ULL << 24)
#define ISS_SF         (1ULL << 15)
#define ISS_WNR        (1ULL << 6)
#define FSC_PERMISSION 0x0cU

#define PSCI_CPU_SUSPEND   0xc4000001U
#define PSCI_CPU_OFF       0x84000002U
#define PSCI_CPU_ON        0xc4000003U
#define PSCI_AFFINITY_INFO 0xc4000004U
#define PSCI_SYSTEM_OFF    0x84000008U
#define PSCI_SYSTEM_RESET  0x84000009U

/* The preferred return address of HVC is the next instruction. */
static bool sync_exit(struct core *c, uint64_t esr, uint64_t far, uint64_t hpfar, uint64_t may_change)
{
    return sim_guest_exit(c, &(struct sim_exit){ .raw = { .esr = esr, .far = far, .hpfar = hpfar },
                                                 .len = 4,
                                                 .past = esr >> 26 == EC_HVC,
                                                 .may_change = may_change });
}

static uint64_t hpfar_of(const struct sim_translation *t, uint64_t ipa)
{
    /* Permission faults leave HPFAR_EL2 UNKNOWN (DDI 0487, HPFAR_EL2, Hypervisor IPA Fault Address Register). */
    return (t->fsc & 0x3cU) == FSC_PERMISSION ? SIM_UNKNOWN & 0xfffffffff0ULL : (ipa >> 12) << 4;
}

bool sim_isa_data_fault(struct core *c, const struct sim_translation *t, uint64_t ipa, unsigned size, bool write, bool known,
                        uint64_t *value)
{
    unsigned reg = (unsigned)(sim_random() % 31U);
    unsigned sas = size == 8U ? 3U : size / 2U;
    uint64_t iss = t->fsc | (write ? ISS_WNR : 0U);
    if (known) {
        iss |= ISS_ISV | ((uint64_t)sas << 22) | ((uint64_t)reg << 16) | (size == 8U ? ISS_SF : 0U);
    }
    uint64_t saved = c->guest.regs->x[reg];
    c->guest.regs->x[reg] = write ? *value : SIM_UNKNOWN;
    bool done = sync_exit(c, ESR(EC_DATA_ABORT, iss), ipa, hpfar_of(t, ipa),
                          write || !known ? 0U : 1ULL << reg);
    if (done && !write && !c->injected) {
        *value = c->guest.regs->x[reg];
    }
    c->guest.regs->x[reg] = saved;
    return done;
}

bool sim_isa_fetch_fault(struct core *c, const struct sim_translation *t, uint64_t ipa)
{
    return sync_exit(c, ESR(EC_INSN_ABORT, t->fsc), ipa, hpfar_of(t, ipa), 0);
}

enum sim_guest_result sim_guest_trap(struct sim_guest *g, uint64_t esr, uint64_t far, uint64_t hpfar)
{
    struct core *c = sim_guest_core(g);
    sim_guest_step(g);
    (void)sync_exit(c, esr, far, hpfar, ~0ULL);
    return sim_guest_result(c);
}

/* ISS of a trapped MRS/MSR: op0, op2, op1, CRn, Rt, CRm, direction (D24.2.40). */
static uint64_t sysreg_iss(uint32_t enc, unsigned reg, bool read)
{
    uint64_t op0 = (enc >> 14) & 3U, op1 = (enc >> 11) & 7U, crn = (enc >> 7) & 15U, crm = (enc >> 3) & 15U;
    uint64_t op2 = enc & 7U;
    return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | (uint64_t)reg << 5 | crm << 1 | (read ? 1U : 0U);
}

static enum sim_guest_result sysreg(struct sim_guest *g, uint32_t enc, bool read, uint64_t *value)
{
    struct core *c = sim_guest_core(g);
    unsigned reg = (unsigned)(sim_random() % 31U);
    sim_guest_step(g);
    uint64_t saved = g->regs->x[reg];
    g->regs->x[reg] = read ? SIM_UNKNOWN : *value;
    if (!sync_exit(c, ESR(EC_SYSREG, sysreg_iss(enc, reg, read)), SIM_UNKNOWN, SIM_UNKNOWN, read ? 1ULL << reg : 0U)) {
        sim_fail("system register 0x%x: neither emulated nor refused", enc);
    }
    if (read && !c->injected) {
        *value = g->regs->x[reg];
    }
    g->regs->x[reg] = saved;
    return sim_guest_result(c);
}

enum sim_guest_result sim_guest_mrs(struct sim_guest *g, uint32_t enc, uint64_t *value)
{
    return sysreg(g, enc, true, value);
}

enum sim_guest_result sim_guest_msr(struct sim_guest *g, uint32_t enc, uint64_t value)
{
    return sysreg(g, enc, false, &value);
}

/* SMCCC 1.1 and later: x0..x3 carry results, x4..x17 are kept (DEN 0028 2.6). */
static uint64_t call(struct sim_guest *g, uint64_t ec, const uint64_t a[4])
{
    struct core *c = sim_guest_core(g);
    sim_guest_step(g);
    memcpy(g->regs->x, a, 4U * sizeof(a[0]));
    if (!sync_exit(c, ESR(ec, 0), SIM_UNKNOWN, SIM_UNKNOWN, 0xf)) {
        sim_fail("call 0x%lx: the PC did not move on", a[0]);
    }
    return c->injected ? SIM_UNKNOWN : g->regs->x[0];
}

uint64_t sim_guest_hvc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return call(g, EC_HVC, (const uint64_t[]){ fid, a1, a2, a3 });
}

uint64_t sim_guest_smc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return call(g, EC_SMC, (const uint64_t[]){ fid, a1, a2, a3 });
}

void sim_guest_timer(struct sim_guest *g, uint64_t ticks)
{
    struct core *c = sim_guest_core(g);
    c->timer = ticks != 0U ? sim_now() + ticks : 0U;
}

static uint64_t firmware(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return sim_guest_hvc(g, fid, a1, a2, a3);
}

int64_t sim_guest_start_vcpu(struct sim_guest *g, uint64_t vcpu, uint64_t pc, uint64_t arg)
{
    return (int64_t)firmware(g, PSCI_CPU_ON, vcpu, pc, arg);
}

bool sim_guest_vcpu_is_off(struct sim_guest *g, uint64_t vcpu)
{
    return firmware(g, PSCI_AFFINITY_INFO, vcpu, 0, 0) == 1U;
}

int64_t sim_guest_suspend(struct sim_guest *g)
{
    return (int64_t)firmware(g, PSCI_CPU_SUSPEND, 0, 0, 0);
}

void sim_guest_stop_vcpu(struct sim_guest *g)
{
    (void)firmware(g, PSCI_CPU_OFF, 0, 0, 0);
}

void sim_guest_off(struct sim_guest *g)
{
    (void)firmware(g, PSCI_SYSTEM_OFF, 0, 0, 0);
}

void sim_guest_reset_vm(struct sim_guest *g)
{
    (void)firmware(g, PSCI_SYSTEM_RESET, 0, 0, 0);
}
