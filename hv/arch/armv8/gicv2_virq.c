/* SPDX-License-Identifier: Apache-2.0 */
/* GICv2 virtual interface control (IHI 0048B 5.3): the GICH registers, of which each CPU sees its own. */
#include "arch/armv8/arch.h"
#include "arch/armv8/gicv2.h"
#include "arch/armv8/gicv2_lr.h"
#include "arch/armv8/sysreg.h"

#define GICH_HCR   0x000U
#define GICH_VTR   0x004U
#define GICH_VMCR  0x008U
#define GICH_ELRSR 0x030U
#define GICH_APR   0x0f0U
#define GICH_LR    0x100U
#define HCR_EN     (1U << 0)
#define MAX_LRS    16U /* what the portable code has room for; GICv2 allows 64 */

static volatile uint32_t *gich;
static unsigned nr_lrs;

enum hv_status gicv2_virq_map(const struct plan *plan)
{
    gich = arch_ops.mmu.map(PA(plan->irqc_base[PLAN_GICH]), PAGE_SIZE, MAP_DEVICE);
    if (gich == NULL) {
        return HV_ERR_NOMEM;
    }
    nr_lrs = (gicv2_read(gich, GICH_VTR) & 0x3fU) + 1U; /* ListRegs */
    nr_lrs = nr_lrs < MAX_LRS ? nr_lrs : MAX_LRS;
    return HV_OK;
}

unsigned gic_virq_nr_lrs(void)
{
    return nr_lrs;
}

unsigned gic_virq_priority_bits(void)
{
    return (gicv2_read(gich, GICH_VTR) >> 29) + 1U; /* PRIbits */
}

uint64_t gic_virq_read_lr(unsigned n)
{
    return gicv2_lr_unpack(gicv2_read(gich, GICH_LR + 4U * n));
}

void gic_virq_write_lr(unsigned n, uint64_t lr)
{
    gicv2_write(gich, GICH_LR + 4U * n, gicv2_lr_pack(lr));
}

uint32_t gic_virq_empty(void)
{
    dsb_sy(); /* the guest's last accesses to its CPU interface have arrived */
    return gicv2_read(gich, GICH_ELRSR) & ((1U << nr_lrs) - 1U);
}

/* On, no maintenance interrupts but those of list registers. GICH_VMCR = 0: groups disabled, priority mask closed, EOImode
 * 0, as after reset. With five bits of priority there is one word of active priorities. */
void gic_virq_reset(void)
{
    for (unsigned n = 0; n < nr_lrs; n++) {
        gic_virq_write_lr(n, 0);
    }
    gicv2_write(gich, GICH_APR, 0);
    gicv2_write(gich, GICH_VMCR, 0);
    gicv2_write(gich, GICH_HCR, HCR_EN);
    dsb_sy();
}
