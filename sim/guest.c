/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests: C functions whose every action goes the way an instruction goes, through TLB and stage 2, and on a fault or
 * trap into hv_trap() with the syndrome the hardware would give (DDI 0487 D24.2.40 ESR_EL2).
 */
#include <string.h>

#include "hv.h"
#include "sim/gic.h"
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

/* More interrupts in a row than the board has lines: one is not being handled. IPIs are other CPUs' doing, each time, and may
 * be many. */
#define MAX_IRQS_IN_A_ROW 1024U
#define MAX_IPIS_IN_A_ROW (1U << 20)
/* What registers that the architecture leaves UNKNOWN hold. */
#define UNKNOWN 0xbad0bad0bad0bad0ULL

static void (*watcher)(const struct sim_guest *g, bool entering);

void sim_guest_watch(void (*fn)(const struct sim_guest *g, bool entering))
{
    watcher = fn;
}

static void watch(const struct sim_guest *g, bool entering)
{
    if (watcher != NULL) {
        watcher(g, entering);
    }
}

void sim_guest_reset(void)
{
    watcher = NULL;
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        sim_cores[i].script = NULL;
    }
}

void sim_guest_script(unsigned cpu, sim_guest_fn fn, void *user)
{
    sim_cores[cpu].script = fn;
    sim_cores[cpu].guest.user = user;
}

static struct core *core_of(const struct sim_guest *g)
{
    struct core *c = &sim_cores[g->cpu];
    if (c != sim_self()) {
        sim_fail("guest of CPU %u used on CPU %u", g->cpu, sim_cpu());
    }
    return c;
}

/* Into the hypervisor and back; registers outside `may_change` must come back as they were. */
static void enter_hypervisor(struct core *c, enum exit_source source, uint64_t may_change)
{
    struct vcpu_regs before = *c->guest.regs;
    uint64_t resets = c->resets;
    c->injected = false;
    watch(&c->guest, false);
    hv_trap(c->guest.regs, source);
    if (c->resets != resets) {
        longjmp(c->restart, 1); /* stopped in there, and started again */
    }
    watch(&c->guest, true);
    for (unsigned i = 0; i < 31U; i++) {
        if (((may_change >> i) & 1U) == 0U && c->guest.regs->x[i] != before.x[i]) {
            sim_fail("exit on CPU %u changed the guest's x%u from 0x%lx to 0x%lx", c->index, i, before.x[i],
                     c->guest.regs->x[i]);
        }
    }
}

static void take_irqs(struct core *c)
{
    unsigned i = 0;
    unsigned ipis = 0;
    while (sim_irq_line(c)) {
        if (sim_gic_highest(c->index) == HV_IPI_INTID) {
            ipis++;
            i = 0;
        } else {
            i++;
        }
        if (i == MAX_IRQS_IN_A_ROW || ipis == MAX_IPIS_IN_A_ROW) {
            sim_fail("CPU %u: the same physical interrupt for ever", c->index);
        }
        c->raw = (struct exit_raw){ .esr = UNKNOWN, .far = UNKNOWN, .hpfar = UNKNOWN };
        uint64_t pc = c->guest.regs->pc;
        enter_hypervisor(c, EXIT_SRC_IRQ, 0);
        if (c->guest.regs->pc != pc) {
            sim_fail("an interrupt moved the guest's PC");
        }
    }
}

void sim_guest_step(struct sim_guest *g)
{
    sim_yield();
    take_irqs(core_of(g));
}

/* A synchronous exit of the instruction at PC. `after` is how far the PC has to have moved unless an exception was
 * injected; false: it has not moved, so the guest executes the instruction again. */
static bool sync_exit(struct core *c, uint64_t esr, uint64_t far, uint64_t hpfar, uint64_t may_change)
{
    struct vcpu_regs *regs = c->guest.regs;
    uint64_t pc = regs->pc;
    c->raw = (struct exit_raw){ .esr = esr, .far = far, .hpfar = hpfar };
    if (esr >> 26 == EC_HVC) {
        regs->pc += 4U; /* the preferred return address of HVC is the next instruction */
    }
    enter_hypervisor(c, EXIT_SRC_SYNC, may_change);
    if (c->injected) {
        regs->pc = pc + 4U; /* the guest's handler skips what it may not do */
        return true;
    }
    if (regs->pc != pc && regs->pc != pc + 4U) {
        sim_fail("exit with ESR 0x%lx moved the PC from 0x%lx to 0x%lx", esr, pc, regs->pc);
    }
    return regs->pc == pc + 4U;
}

static enum sim_guest_result result_of(struct core *c)
{
    static const enum sim_guest_result of[] = {
        [INJECT_UNDEF] = SIM_UNDEF,
        [INJECT_DATA_ABORT] = SIM_DATA_ABORT,
        [INJECT_INSN_ABORT] = SIM_INSN_ABORT,
    };
    return c->injected ? of[c->inject] : SIM_OK;
}

static void *ram_or_null(uint64_t pa, unsigned size)
{
    return sim_is_ram(pa, size) ? sim_ram(pa, size) : NULL;
}

static uint64_t hpfar_of(const struct sim_translation *t, uint64_t ipa)
{
    /* Permission faults leave HPFAR_EL2 UNKNOWN (D19.2.62). */
    return (t->fsc & 0x3cU) == FSC_PERMISSION ? UNKNOWN & 0xfffffffff0ULL : (ipa >> 12) << 4;
}

/* One data access of the guest; true: done or answered. */
static bool access_once(struct core *c, uint64_t ipa, unsigned size, bool write, bool syndrome, uint64_t *value)
{
    struct sim_translation t = sim_translate(c, ipa, write ? SIM_ACC_WRITE : SIM_ACC_READ);
    if (!t.fault) {
        void *p = ram_or_null(t.pa, size);
        if (p == NULL) {
            *value = write ? *value : 0U; /* a device */
        } else if (write) {
            memcpy(p, value, size);
            c->unfinished = true;
        } else {
            *value = 0;
            memcpy(value, p, size);
        }
        c->injected = false;
        return true;
    }
    unsigned reg = (unsigned)(sim_random() % 31U);
    unsigned sas = size == 8U ? 3U : size / 2U;
    uint64_t iss = t.fsc | (write ? ISS_WNR : 0U);
    if (syndrome) {
        iss |= ISS_ISV | ((uint64_t)sas << 22) | ((uint64_t)reg << 16) | (size == 8U ? ISS_SF : 0U);
    }
    uint64_t saved = c->guest.regs->x[reg];
    c->guest.regs->x[reg] = write ? *value : UNKNOWN;
    bool done = sync_exit(c, ESR(EC_DATA_ABORT, iss), ipa, hpfar_of(&t, ipa),
                          write || !syndrome ? 0U : 1ULL << reg);
    if (done && !write && !c->injected) {
        *value = c->guest.regs->x[reg];
    }
    c->guest.regs->x[reg] = saved;
    return done;
}

static enum sim_guest_result access(struct sim_guest *g, uint64_t ipa, unsigned size, bool write, bool syndrome,
                                    uint64_t *value)
{
    struct core *c = core_of(g);
    for (unsigned i = 0; i < 16U; i++) {
        sim_guest_step(g);
        if (access_once(c, ipa, size, write, syndrome, value)) {
            return result_of(c);
        }
    }
    sim_fail("guest access to IPA 0x%lx: neither done, emulated nor answered", ipa);
}

enum sim_guest_result sim_guest_read(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t *value)
{
    return access(g, ipa, size, false, true, value);
}

enum sim_guest_result sim_guest_write(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t value)
{
    return access(g, ipa, size, true, true, &value);
}

enum sim_guest_result sim_guest_read_pair(struct sim_guest *g, uint64_t ipa)
{
    uint64_t value;
    return access(g, ipa, 8, false, false, &value);
}

enum sim_guest_result sim_guest_fetch(struct sim_guest *g, uint64_t ipa)
{
    struct core *c = core_of(g);
    sim_guest_step(g);
    struct sim_translation t = sim_translate(c, ipa, SIM_ACC_FETCH);
    c->injected = false;
    if (t.fault && !sync_exit(c, ESR(EC_INSN_ABORT, t.fsc), ipa, hpfar_of(&t, ipa), 0)) {
        sim_fail("guest fetch from IPA 0x%lx: not answered", ipa);
    }
    return result_of(c);
}

enum sim_guest_result sim_guest_trap(struct sim_guest *g, uint64_t esr, uint64_t far, uint64_t hpfar)
{
    struct core *c = core_of(g);
    sim_guest_step(g);
    (void)sync_exit(c, esr, far, hpfar, ~0ULL);
    return result_of(c);
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
    struct core *c = core_of(g);
    unsigned reg = (unsigned)(sim_random() % 31U);
    sim_guest_step(g);
    uint64_t saved = g->regs->x[reg];
    g->regs->x[reg] = read ? UNKNOWN : *value;
    if (!sync_exit(c, ESR(EC_SYSREG, sysreg_iss(enc, reg, read)), UNKNOWN, UNKNOWN, read ? 1ULL << reg : 0U)) {
        sim_fail("system register 0x%x: neither emulated nor refused", enc);
    }
    if (read && !c->injected) {
        *value = g->regs->x[reg];
    }
    g->regs->x[reg] = saved;
    return result_of(c);
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
    struct core *c = core_of(g);
    sim_guest_step(g);
    memcpy(g->regs->x, a, 4U * sizeof(a[0]));
    if (!sync_exit(c, ESR(ec, 0), UNKNOWN, UNKNOWN, 0xf)) {
        sim_fail("call 0x%lx: the PC did not move on", a[0]);
    }
    return c->injected ? UNKNOWN : g->regs->x[0];
}

uint64_t sim_guest_hvc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return call(g, EC_HVC, (const uint64_t[]){ fid, a1, a2, a3 });
}

uint64_t sim_guest_smc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return call(g, EC_SMC, (const uint64_t[]){ fid, a1, a2, a3 });
}

static bool any_line(struct core *c)
{
    return sim_irq_line(c) || sim_virq_line(c);
}

void sim_guest_wfi(struct sim_guest *g)
{
    struct core *c = core_of(g);
    sim_guest_step(g);
    while (!sim_virq_line(c)) {
        sim_sleep(any_line);
        take_irqs(c);
    }
}

void sim_guest_timer(struct sim_guest *g, uint64_t ticks)
{
    struct core *c = core_of(g);
    c->timer = ticks != 0U ? sim_now() + ticks : 0U;
}

_Noreturn void sim_guest_main(struct core *c)
{
    struct sim_guest *g = &c->guest;
    (void)setjmp(c->restart);
    g->pc = g->regs->pc;
    g->arg = g->regs->x[0];
    g->starts++;
    watch(g, true);
    if (c->script != NULL) {
        c->script(g);
    }
    for (;;) { /* done: waits, interrupts masked */
        sim_sleep(sim_irq_line);
        take_irqs(c);
    }
}
