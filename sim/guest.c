/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests: C functions whose every action goes the way an instruction goes, through TLB and stage 2, and on a fault or
 * trap into hv_trap() with the syndrome that the hardware would give, which is the ISA's (sim/<isa>/guest.c).
 */
#include <string.h>

#include "hv.h"
#include "sim/internal.h"

/* More interrupts in a row than the board has lines: one is not being handled. IPIs are other CPUs' doing, each
 * time, and may
 * be many. */
#define MAX_IRQS_IN_A_ROW 1024U
#define MAX_IPIS_IN_A_ROW (1U << 20)

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

struct core *sim_guest_core(const struct sim_guest *g)
{
    struct core *c = &sim_cores[g->cpu];
    if (c != sim_self()) {
        sim_fail("guest of CPU %u used on CPU %u", g->cpu, sim_cpu());
    }
    return c;
}

static void entering(struct core *c)
{
    sim_isa_enter(c);
    watch(&c->guest, true);
}

/* What the frame holds of registers that the vectors have not saved. */
static void hide_kept(struct vcpu_regs *regs)
{
    for (unsigned i = 0; i < 32U; i++) {
        if (((VCPU_REGS_KEPT >> i) & 1U) != 0U) {
            regs->x[i] = SIM_UNKNOWN;
        }
    }
}

/* The vectors: what hv.h says of a guest that left, and of how it goes on. */
static void trap(struct core *c, enum exit_source source)
{
    struct vcpu_regs *regs = c->guest.regs;
    struct vcpu_regs before = *regs;
    uint64_t resets = c->resets;
    enum hv_resume how;
    hide_kept(regs);
    if (source == EXIT_SRC_IRQ) {
        uint32_t intid = hv_irq(regs);
        how = intid == HV_IRQ_DONE ? HV_RESUME : hv_irq_taken(regs, intid);
    } else {
        how = hv_trap(regs, source);
    }
    if (how == HV_RESUME_ALL) {
        if (c->resets == resets) {
            sim_fail("CPU %u: all registers are to be loaded, and the frame has not all", c->index);
        }
        return;
    }
    for (unsigned i = 0; i < 32U; i++) { /* in the registers all the while */
        if (((VCPU_REGS_KEPT >> i) & 1U) != 0U) {
            if (regs->x[i] != SIM_UNKNOWN) {
                sim_fail("CPU %u: x%u was written to a frame from which it is not loaded", c->index, i);
            }
            regs->x[i] = before.x[i];
        }
    }
    if (how == HV_SAVE_ALL) {
        if (memcmp(regs, &before, sizeof(before)) != 0 || c->injected) {
            sim_fail("CPU %u: something was done of an exit that needs all registers", c->index);
        }
        hv_trap_all(regs);
    } else if (how == HV_RESUME && (regs->pc != before.pc || regs->pstate != before.pstate)) {
        sim_fail("CPU %u: PC or processor state were written to a frame from which they are not loaded", c->index);
    } else {
        /* as the frame has it */
    }
}

/* Into the hypervisor and back; registers outside `may_change` must come back as they were. */
static void enter_hypervisor(struct core *c, enum exit_source source, uint64_t may_change)
{
    struct vcpu_regs before = *c->guest.regs;
    uint64_t resets = c->resets;
    c->injected = false;
    watch(&c->guest, false);
    trap(c, source);
    if (c->resets != resets) {
        longjmp(c->restart, 1); /* stopped in there, and started again */
    }
    entering(c);
    for (unsigned i = 0; i < 32U; i++) {
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
        if (sim_irq_is_ipi(c)) {
            ipis++;
            i = 0;
        } else {
            i++;
        }
        if (i == MAX_IRQS_IN_A_ROW || ipis == MAX_IPIS_IN_A_ROW) {
            sim_fail("CPU %u: the same physical interrupt for ever", c->index);
        }
        c->raw = (struct exit_raw){ .esr = SIM_UNKNOWN, .far = SIM_UNKNOWN, .hpfar = SIM_UNKNOWN, .insn = SIM_UNKNOWN };
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
    take_irqs(sim_guest_core(g));
}

bool sim_guest_exit(struct core *c, const struct sim_exit *e)
{
    struct vcpu_regs *regs = c->guest.regs;
    uint64_t pc = regs->pc;
    c->raw = e->raw;
    regs->pc += e->past ? e->len : 0U;
    enter_hypervisor(c, EXIT_SRC_SYNC, e->may_change);
    if (c->injected) {
        regs->pc = pc + e->len; /* the guest's handler skips what it may not do */
        return true;
    }
    if (regs->pc != pc && regs->pc != pc + e->len) {
        sim_fail("exit with syndrome 0x%lx moved the PC from 0x%lx to 0x%lx", e->raw.esr, pc, regs->pc);
    }
    return regs->pc == pc + e->len;
}

enum sim_guest_result sim_guest_result(const struct core *c)
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

/* One data access of the guest; true: done or answered. */
static bool access_once(struct core *c, uint64_t ipa, unsigned size, bool write, bool known, uint64_t *value)
{
    struct sim_translation t = sim_translate(c, ipa, write ? SIM_ACC_WRITE : SIM_ACC_READ);
    if (t.fault) {
        return sim_isa_data_fault(c, &t, ipa, size, write, known, value);
    }
    void *p = ram_or_null(t.pa, size);
    c->injected = false;
    if (p != NULL) {
        sim_llc_access(sim_s2_vmid(&c->s2), t.pa, size);
    }
    if (p == NULL) {
        if (!sim_isa_device(c, t.pa, size, write, value)) {
            *value = write ? *value : 0U; /* a device of the board */
        }
    } else if (write) {
        memcpy(p, value, size);
        c->unfinished = true;
    } else {
        *value = 0;
        memcpy(value, p, size);
    }
    return true;
}

static enum sim_guest_result access(struct sim_guest *g, uint64_t ipa, unsigned size, bool write, bool known,
                                    uint64_t *value)
{
    struct core *c = sim_guest_core(g);
    for (unsigned i = 0; i < 16U; i++) {
        sim_guest_step(g);
        if (access_once(c, ipa, size, write, known, value)) {
            return sim_guest_result(c);
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
    struct core *c = sim_guest_core(g);
    sim_guest_step(g);
    struct sim_translation t = sim_translate(c, ipa, SIM_ACC_FETCH);
    c->injected = false;
    if (t.fault && !sim_isa_fetch_fault(c, &t, ipa)) {
        sim_fail("guest fetch from IPA 0x%lx: not answered", ipa);
    }
    if (!t.fault && sim_is_ram(t.pa, 4)) {
        sim_llc_access(sim_s2_vmid(&c->s2), t.pa, 4);
    }
    return sim_guest_result(c);
}

static bool any_line(struct core *c)
{
    return sim_irq_line(c) || sim_virq_line(c);
}

void sim_guest_wfi(struct sim_guest *g)
{
    struct core *c = sim_guest_core(g);
    sim_guest_step(g);
    while (!sim_virq_line(c)) {
        sim_sleep(any_line);
        take_irqs(c);
    }
}

_Noreturn void sim_guest_main(struct core *c)
{
    struct sim_guest *g = &c->guest;
    (void)setjmp(c->restart);
    g->pc = g->regs->pc;
    g->arg = g->regs->x[SIM_ARG_REG];
    g->starts++;
    entering(c);
    if (c->script != NULL) {
        c->script(g);
    }
    for (;;) { /* done: waits, interrupts masked */
        sim_sleep(sim_irq_line);
        take_irqs(c);
    }
}
