/* SPDX-License-Identifier: Apache-2.0 */
/* The virq ops: hvip, the guest's comparator and its interrupt file, and the APLIC's targets. */
#include "sim/riscv/hart.h"

static struct hart *own_hvip(const char *op, uint64_t bits)
{
    (void)sim_op(op, false);
    if ((bits & ~(HVIP_VSSIP | HVIP_VSTIP | HVIP_VSEIP)) != 0U) {
        sim_fail("%s of 0x%lx: hvip has no such bits", op, bits);
    }
    return &sim_harts[sim_cpu()];
}

static void virq_set(uint64_t bits)
{
    struct hart *h = own_hvip("virq.set", bits);
    if (((bits & HVIP_VSEIP) != 0U && sim_has_aia()) || ((bits & HVIP_VSTIP) != 0U && sim_cfg.sstc)) {
        sim_fail("virq.set of 0x%lx, which the guest's interrupt file or comparator asserts", bits);
    }
    h->hvip |= bits;
}

static void virq_clear(uint64_t bits)
{
    struct hart *h = own_hvip("virq.clear", bits);
    h->hvip &= ~bits;
}

static uint64_t virq_pending(void)
{
    (void)sim_op("virq.pending", false);
    return sim_hip(sim_self());
}

static uint64_t virq_enabled(void)
{
    (void)sim_op("virq.enabled", false);
    return sim_harts[sim_cpu()].vsie;
}

static void virq_timer(uint64_t when)
{
    struct core *c = sim_self();
    (void)sim_op("virq.timer", false);
    c->timer = when == UINT64_MAX ? 0U : when == 0U ? 1U : when;
    if (!sim_cfg.sstc && c->timer != 0U) {
        sim_harts[c->index].stie = true;
    }
}

static bool virq_has_sstc(void)
{
    (void)sim_op("virq.has_sstc", false);
    return sim_cfg.sstc;
}

static unsigned virq_guest_files(void)
{
    (void)sim_op("virq.guest_files", false);
    return sim_has_aia() ? 1U : 0U;
}

static void aia_alone(const char *op)
{
    (void)sim_op(op, false);
    if (!sim_has_aia()) {
        sim_fail("%s on a machine with a PLIC", op);
    }
}

static void virq_file_reset(void)
{
    aia_alone("virq.file_reset");
    sim_aia_file_reset(sim_cpu());
    sim_harts[sim_cpu()].vsiselect = 0;
    sim_harts[sim_cpu()].file_reset = true;
}

static void virq_source_mode(uint32_t intid, enum aplic_mode mode)
{
    aia_alone("virq.source_mode");
    sim_aia_mode(sim_source_of("source_mode", intid), mode);
}

static void virq_target(uint32_t intid, unsigned cpu, uint32_t identity)
{
    aia_alone("virq.target");
    sim_aia_target(sim_source_of("target", intid), sim_core_of(cpu), true, identity);
}

static void virq_send_msi(unsigned cpu, uint32_t identity)
{
    aia_alone("virq.send_msi");
    sim_aia_msi(sim_core_of(cpu), identity);
}

static uint32_t virq_inputs(unsigned word)
{
    (void)sim_op("virq.inputs", false);
    if (word == 0U || 32U * word >= sim_cfg.nr_irqs) {
        return 0;
    }
    return sim_has_aia() ? sim_aia_inputs(word - 1U) : sim_plic_get(IRQC_PENDING, word - 1U);
}

const struct virq_ops sim_virq_ops = {
    .set = virq_set,
    .clear = virq_clear,
    .pending = virq_pending,
    .enabled = virq_enabled,
    .timer = virq_timer,
    .has_sstc = virq_has_sstc,
    .guest_files = virq_guest_files,
    .file_reset = virq_file_reset,
    .source_mode = virq_source_mode,
    .target = virq_target,
    .send_msi = virq_send_msi,
    .inputs = virq_inputs,
};
