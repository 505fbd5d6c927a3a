/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G-stage invalidation (HFENCE.GVMA, privileged architecture 1.13, 18.3.2) on all harts, and the fences of guests at other harts, by the
 * firmware (SBI 2.0 chapter 8): no hart can do it to another, and the firmware does it whatever that one is doing.
 */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi_call.h"
#include "lib/pte_run.h"

#define RFENCE_I           0U
#define RFENCE_GVMA_VMID   3U
#define RFENCE_VVMA_ASID   5U
#define RFENCE_VVMA        6U
#define ALL_HARTS          UINT64_MAX /* hart_mask_base */
#define HGATP_VMID(hgatp)  (((hgatp) >> 44) & 0x3fffU)

void tlb_pte_write(uint64_t *slot, uint64_t pte)
{
    *(volatile uint64_t *)slot = pte;
    __asm__ volatile("fence w, w" : : : "memory");
}

void tlb_pte_fill(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n)
{
    pte_run(slot, first, step, n);
    __asm__ volatile("fence w, w" : : : "memory");
}

static void flush(const struct s2_hw *s2, uint64_t start, uint64_t size)
{
    __asm__ volatile("fence w, w" : : : "memory");
    (void)sbi_call(SBI_RFENCE, RFENCE_GVMA_VMID, SBI_WITH(0, ALL_HARTS, start, size, HGATP_VMID(s2->base)));
}

void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    flush(s2, ipa.v, PAGE_SIZE);
}

void tlb_flush_vm(const struct s2_hw *s2)
{
    flush(s2, 0, UINT64_MAX);
}

/* The harts of these CPUs that one call can name: those less than 64 above the lowest. They are taken out of *cpus. */
static uint64_t hart_mask(uint32_t *cpus, uint64_t *base)
{
    uint64_t mask = 0;

    *base = UINT64_MAX;
    for (uint32_t set = *cpus; set != 0U; set &= set - 1U) { /* at most HV_MAX_CPUS turns, as the next */
        uint64_t hart = cpu_hart_of((unsigned)__builtin_ctz(set));

        *base = hart < *base ? hart : *base;
    }
    for (uint32_t set = *cpus; set != 0U; set &= set - 1U) {
        uint64_t above = cpu_hart_of((unsigned)__builtin_ctz(set)) - *base;

        if (above < 64U) {
            mask |= (uint64_t)1 << above;
            *cpus ^= set & (~set + 1U);
        }
    }
    return mask;
}

/* The firmware takes the VMID from the caller's hgatp, which is the guest's while its exit is answered. */
enum hv_status tlb_remote_fence(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid)
{
    static const uint8_t functions[RISCV_SFENCE_VMA_ASID + 1] = {
        [RISCV_FENCE_I] = RFENCE_I, [RISCV_SFENCE_VMA] = RFENCE_VVMA, [RISCV_SFENCE_VMA_ASID] = RFENCE_VVMA_ASID};
    uint32_t left = cpus;
    enum hv_status st = HV_OK;

    while (left != 0U) { /* each turn takes one at least */
        uint64_t base;
        uint64_t mask = hart_mask(&left, &base);

        if (sbi_call(SBI_RFENCE, functions[what], SBI_WITH(mask, base, start, size, asid)).error != 0) {
            st = HV_ERR_FIRMWARE;
        }
    }
    return st;
}
