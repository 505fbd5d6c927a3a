/* SPDX-License-Identifier: Apache-2.0 */
/* Stage-2 invalidation (DDI 0487 D8.14). The instructions act on the current VMID, so the VM's VTTBR_EL2 is
 * put in place for their duration; at EL2 nothing is translated by it. */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"
#include "lib/pte_run.h"

static uint64_t enter_vmid(const struct s2_hw *s2)
{
    uint64_t old = SYSREG_READ(vttbr_el2);
    dsb_ishst(); /* the descriptor change is visible to walks before anything is invalidated */
    if (old != s2->base) {
        SYSREG_WRITE(vttbr_el2, s2->base);
        isb();
    }
    return old;
}

static void leave_vmid(const struct s2_hw *s2, uint64_t old)
{
    if (old != s2->base) {
        SYSREG_WRITE(vttbr_el2, old);
    }
    isb();
}

void tlb_pte_write(uint64_t *slot, uint64_t pte)
{
    *(volatile uint64_t *)slot = pte;
    dsb_ishst();
}

void tlb_pte_fill(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n)
{
    pte_run(slot, first, step, n);
    dsb_ishst();
}

/* Stage-2 entries by IPA first, then what stage 1 combined with them: the order D8.14.5 asks for. */
void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    uint64_t old = enter_vmid(s2);
    __asm__ volatile("tlbi ipas2e1is, %0" : : "r"(ipa.v >> PAGE_SHIFT) : "memory");
    dsb_ish();
    __asm__ volatile("tlbi vmalle1is" : : : "memory");
    dsb_ish();
    leave_vmid(s2, old);
}

void tlb_flush_vm(const struct s2_hw *s2)
{
    uint64_t old = enter_vmid(s2);
    __asm__ volatile("tlbi vmalls12e1is" : : : "memory");
    dsb_ish();
    leave_vmid(s2, old);
}
