/* SPDX-License-Identifier: Apache-2.0 */
/* What an Armv8 CPU has of its own: identification registers, and what of it is the interrupt controller's at its
 * resets. */
#include "hv/cache_id.h"
#include "hv/sysreg_enc.h"
#include "sim/armv8/gic.h"
#include "sim/internal.h"

#define MAX_ID_REGS 64U

static struct {
    uint32_t enc;
    uint64_t value;
} id_regs[MAX_ID_REGS];
static unsigned nr_id_regs;

void sim_set_id_reg(uint32_t enc, uint64_t value)
{
    for (unsigned i = 0; i < nr_id_regs; i++) {
        if (id_regs[i].enc == enc) {
            id_regs[i].value = value;
            return;
        }
    }
    if (nr_id_regs == MAX_ID_REGS) {
        sim_fail("more than %u identification registers", MAX_ID_REGS);
    }
    id_regs[nr_id_regs].enc = enc;
    id_regs[nr_id_regs++].value = value;
}

static uint64_t pa_range(unsigned bits)
{
    static const unsigned sizes[] = { 32, 36, 40, 42, 44, 48, 52 };
    uint64_t r = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        r = sizes[i] <= bits ? i : r;
    }
    return r;
}

/* A Cortex-A53 with the configured physical address size. */
static void reset_id_regs(void)
{
    nr_id_regs = 0;
    sim_set_id_reg(SYSREG_ENC(3, 0, 0, 0, 0), 0x410fd034); /* MIDR_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 0, 0, 4, 0), 0x01002222); /* ID_AA64PFR0_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 0, 0, 5, 0), 0x10305106); /* ID_AA64DFR0_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 0, 0, 6, 0), 0x00011120); /* ID_AA64ISAR0_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 0, 0, 7, 0), 0x00001120 | pa_range(sim_cfg.pa_bits)); /* ID_AA64MMFR0_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 1, 0, 0, 1), 0x0a200023); /* CLIDR_EL1 */
    sim_set_id_reg(SYSREG_ENC(3, 1, 0, 0, 0), 0x707fe07a); /* CCSIDR_EL1 of level 2, whatever is selected: 1 MiB in 16 ways */
}

static uint64_t isa_id_reg(uint32_t enc)
{
    (void)sim_op("isa.id_reg", false);
    for (unsigned i = 0; i < nr_id_regs; i++) {
        if (id_regs[i].enc == enc) {
            return id_regs[i].value;
        }
    }
    return 0;
}

bool sim_isa_cache(struct llc_report *out)
{
    unsigned level = cache_id_level(isa_id_reg(SYSREG_ENC(3, 1, 0, 0, 1)));

    *out = cache_id_report(level, isa_id_reg(SYSREG_ENC(3, 1, 0, 0, 0)), isa_id_reg(SYSREG_ENC(3, 0, 0, 7, 2)));
    return true;
}

const struct isa_ops sim_isa_ops = {.id_reg = isa_id_reg};

void sim_isa_default(struct sim_config *c)
{
    c->pa_bits = 40;
    c->nr_lrs = 4;
    c->vtimer_irq = 27;
    c->maint_irq = 25;
    c->irqc_version = 3;
    c->htimer_irq = 26;
}

void sim_isa_reset(void)
{
    reset_id_regs();
    sim_gic_reset(&(struct sim_gic_config){ .nr_cpus = sim_cfg.nr_cpus,
                                            .nr_irqs = sim_cfg.nr_irqs,
                                            .nr_lrs = sim_cfg.nr_lrs,
                                            .maint_irq = sim_cfg.maint_irq,
                                            .version = sim_cfg.irqc_version });
}

void sim_isa_reset_guest(struct core *c)
{
    (void)c;
}

void sim_isa_leave_guest(struct core *c)
{
    (void)c;
}

void sim_isa_enter(struct core *c)
{
    (void)c;
}

void sim_isa_timer_off(struct core *c)
{
    c->timer = 0;
    sim_gic_ppi(c->index, sim_cfg.vtimer_irq, false);
}

bool sim_isa_device(struct core *c, uint64_t pa, unsigned size, bool write, uint64_t *value)
{
    (void)c;
    (void)pa;
    (void)size;
    (void)write;
    (void)value;
    return false; /* the virtual CPU interface of a GICv2 is reached by the functions of sim/isa.h */
}
