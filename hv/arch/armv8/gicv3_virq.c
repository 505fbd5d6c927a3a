/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 virtual CPU interface control (IHI 0069H 12.4): the ICH_*_EL2 registers. */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"

#define ICH_HCR_EN  (1U << 0)
#define ICH_HCR_UIE (1U << 1)

#define ICH_HCR_READ()    SYSREG_READ(s3_4_c12_c11_0)
#define ICH_HCR_WRITE(v)  SYSREG_WRITE(s3_4_c12_c11_0, (v))
#define ICH_VTR_READ()    SYSREG_READ(s3_4_c12_c11_1)
#define ICH_ELRSR_READ()  SYSREG_READ(s3_4_c12_c11_5)
#define ICH_VMCR_WRITE(v) SYSREG_WRITE(s3_4_c12_c11_7, (v))

unsigned gic_virq_nr_lrs(void)
{
    return ((unsigned)ICH_VTR_READ() & 0x1fU) + 1U; /* ListRegs; at most 16 are architected */
}

unsigned gic_virq_priority_bits(void)
{
    return ((unsigned)(ICH_VTR_READ() >> 29) & 0x7U) + 1U; /* PRIbits */
}

uint64_t gic_virq_read_lr(unsigned n)
{
    switch (n) {
    case 0:
        return SYSREG_READ(s3_4_c12_c12_0);
    case 1:
        return SYSREG_READ(s3_4_c12_c12_1);
    case 2:
        return SYSREG_READ(s3_4_c12_c12_2);
    case 3:
        return SYSREG_READ(s3_4_c12_c12_3);
    case 4:
        return SYSREG_READ(s3_4_c12_c12_4);
    case 5:
        return SYSREG_READ(s3_4_c12_c12_5);
    case 6:
        return SYSREG_READ(s3_4_c12_c12_6);
    case 7:
        return SYSREG_READ(s3_4_c12_c12_7);
    case 8:
        return SYSREG_READ(s3_4_c12_c13_0);
    case 9:
        return SYSREG_READ(s3_4_c12_c13_1);
    case 10:
        return SYSREG_READ(s3_4_c12_c13_2);
    case 11:
        return SYSREG_READ(s3_4_c12_c13_3);
    case 12:
        return SYSREG_READ(s3_4_c12_c13_4);
    case 13:
        return SYSREG_READ(s3_4_c12_c13_5);
    case 14:
        return SYSREG_READ(s3_4_c12_c13_6);
    default:
        return SYSREG_READ(s3_4_c12_c13_7);
    }
}

static void write_high_lr(unsigned n, uint64_t lr)
{
    switch (n) {
    case 1:
        SYSREG_WRITE(s3_4_c12_c12_1, lr);
        break;
    case 2:
        SYSREG_WRITE(s3_4_c12_c12_2, lr);
        break;
    case 3:
        SYSREG_WRITE(s3_4_c12_c12_3, lr);
        break;
    case 4:
        SYSREG_WRITE(s3_4_c12_c12_4, lr);
        break;
    case 5:
        SYSREG_WRITE(s3_4_c12_c12_5, lr);
        break;
    case 6:
        SYSREG_WRITE(s3_4_c12_c12_6, lr);
        break;
    case 7:
        SYSREG_WRITE(s3_4_c12_c12_7, lr);
        break;
    case 8:
        SYSREG_WRITE(s3_4_c12_c13_0, lr);
        break;
    case 9:
        SYSREG_WRITE(s3_4_c12_c13_1, lr);
        break;
    case 10:
        SYSREG_WRITE(s3_4_c12_c13_2, lr);
        break;
    case 11:
        SYSREG_WRITE(s3_4_c12_c13_3, lr);
        break;
    case 12:
        SYSREG_WRITE(s3_4_c12_c13_4, lr);
        break;
    case 13:
        SYSREG_WRITE(s3_4_c12_c13_5, lr);
        break;
    case 14:
        SYSREG_WRITE(s3_4_c12_c13_6, lr);
        break;
    default:
        SYSREG_WRITE(s3_4_c12_c13_7, lr);
        break;
    }
}

/* The first is most often the one. */
void gic_virq_write_lr(unsigned n, uint64_t lr)
{
    if (n == 0U) {
        SYSREG_WRITE(s3_4_c12_c12_0, lr);
    } else {
        write_high_lr(n, lr);
    }
}

uint32_t gic_virq_empty(void)
{
    isb(); /* the guest's last effects and our own list register writes are in it */
    return (uint32_t)ICH_ELRSR_READ(); /* bits 31 to 16 are RES0 */
}

/* Active priorities: one register up to 5 priority bits, two with 6, four with 7 (ICH_AP0R<n>_EL2, 12.4.1).
 */
static void clear_active_priorities(void)
{
    unsigned bits = ((unsigned)(ICH_VTR_READ() >> 26) & 0x7U) + 1U; /* PREbits */
    SYSREG_WRITE(s3_4_c12_c8_0, 0);
    SYSREG_WRITE(s3_4_c12_c9_0, 0);
    if (bits >= 6U) {
        SYSREG_WRITE(s3_4_c12_c8_1, 0);
        SYSREG_WRITE(s3_4_c12_c9_1, 0);
    }
    if (bits >= 7U) {
        SYSREG_WRITE(s3_4_c12_c8_2, 0);
        SYSREG_WRITE(s3_4_c12_c8_3, 0);
        SYSREG_WRITE(s3_4_c12_c9_2, 0);
        SYSREG_WRITE(s3_4_c12_c9_3, 0);
    }
}

/* ICH_HCR_EL2: on, no traps of the CPU interface but what the architecture traps anyway (SGI generation goes
 * to EL2 by HCR_EL2.IMO/FMO). ICH_VMCR_EL2 = 0: groups disabled, priority mask closed, as after reset. */
void gic_virq_reset(void)
{
    unsigned lrs = gic_virq_nr_lrs();
    for (unsigned n = 0; n < lrs; n++) {
        gic_virq_write_lr(n, 0);
    }
    clear_active_priorities();
    ICH_VMCR_WRITE(0);
    ICH_HCR_WRITE(ICH_HCR_EN);
    isb();
}
