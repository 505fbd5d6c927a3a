/* SPDX-License-Identifier: Apache-2.0 */
/* SBI 2.0 as a guest calls it. */
#include <string.h>

#include "sim/riscv/hart.h"

#define CAUSE_ECALL_VS 10U

#define SBI_TIME 0x54494d45U
#define SBI_HSM  0x48534dU
#define SBI_SRST 0x53525354U

#define A0 10U
#define A1 11U
#define A6 16U
#define A7 17U
#define LEGACY_LAST 15U

/* All registers but a0 and a1 are preserved, and a1 as well by calls of v0.1 (SBI 2.0 3, 5). */
struct sim_sbi sim_guest_sbi(struct sim_guest *g, uint64_t extension, uint64_t function, const uint64_t args[5])
{
    struct core *c = sim_guest_core(g);
    uint64_t *x = g->regs->x;
    sim_guest_step(g);
    memcpy(&x[A0], args, 5U * sizeof(args[0]));
    x[A6] = function;
    x[A7] = extension;
    uint64_t may_change = extension <= LEGACY_LAST ? 1ULL << A0 : 3ULL << A0;
    if (!sim_guest_exit(c, &(struct sim_exit){ .raw = { .esr = CAUSE_ECALL_VS }, .len = 4, .may_change = may_change })) {
        sim_fail("SBI call 0x%lx, %lu: the PC did not move on", extension, function);
    }
    if (c->injected) {
        sim_fail("SBI call 0x%lx, %lu: answered by an exception", extension, function);
    }
    return (struct sim_sbi){ (int64_t)x[A0], x[A1] };
}

struct sim_sbi sim_guest_sbi3(struct sim_guest *g, uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2)
{
    return sim_guest_sbi(g, extension, function, (const uint64_t[5]){ a0, a1, a2, sim_random(), sim_random() });
}

void sim_guest_timer(struct sim_guest *g, uint64_t ticks)
{
    uint64_t when = ticks != 0U ? sim_now() + ticks : ~0ULL;
    if (sim_cfg.sstc) {
        sim_guest_core(g)->timer = ticks != 0U ? when : 0U;
    } else {
        (void)sim_guest_sbi3(g, SBI_TIME, 0, when, 0, 0);
    }
}

int64_t sim_guest_start_vcpu(struct sim_guest *g, uint64_t vcpu, uint64_t pc, uint64_t arg)
{
    return sim_guest_sbi3(g, SBI_HSM, 0, vcpu, pc, arg).error;
}

bool sim_guest_vcpu_is_off(struct sim_guest *g, uint64_t vcpu)
{
    struct sim_sbi r = sim_guest_sbi3(g, SBI_HSM, 2, vcpu, 0, 0);
    return r.error == 0 && r.value == 1U;
}

int64_t sim_guest_suspend(struct sim_guest *g)
{
    return sim_guest_sbi3(g, SBI_HSM, 3, 0, 0, 0).error;
}

void sim_guest_stop_vcpu(struct sim_guest *g)
{
    (void)sim_guest_sbi3(g, SBI_HSM, 1, 0, 0, 0);
}

void sim_guest_off(struct sim_guest *g)
{
    (void)sim_guest_sbi3(g, SBI_SRST, 0, 0, 0, 0);
}

void sim_guest_reset_vm(struct sim_guest *g)
{
    (void)sim_guest_sbi3(g, SBI_SRST, 0, 1, 0, 0);
}
