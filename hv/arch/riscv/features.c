/* SPDX-License-Identifier: Apache-2.0 */
/* What the CPU and its firmware give, found out by trying: no register of this level tells. */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "hv/plan.h"

#define SSTATUS_VS   ((uint64_t)3 << 9)
#define HGATP_SV48X4 ((uint64_t)9 << 60)

struct features features;

/* hgatp takes the modes that exist (privileged architecture 1.13, 18.2.10). No guest runs yet. */
static unsigned stage2_bits(void)
{
    uint64_t got;

    CSR_WRITE(CSR_HGATP, HGATP_SV48X4);
    got = CSR_READ(CSR_HGATP);
    CSR_WRITE(CSR_HGATP, 0);
    return got == HGATP_SV48X4 ? 50U : 41U;
}

/* hgeie has a bit for each guest interrupt file (18.2.4); without the IMSIC's registers they would be of no use. */
static unsigned count_files(void)
{
    unsigned count = 0;

    if (!probe_csr_siselect()) {
        return 0;
    }
    CSR_WRITE(CSR_HGEIE, ~(uint64_t)0);
    for (uint64_t bits = CSR_READ(CSR_HGEIE) >> 1; bits != 0U; bits >>= 1) { /* at most 63 turns */
        count += (unsigned)(bits & 1U);
    }
    CSR_WRITE(CSR_HGEIE, 0);
    return count;
}

/* sstatus.VS is read-only 0 without vectors (privileged architecture 1.13, 3.1.6.6). */
static bool has_vectors(void)
{
    bool found;

    CSR_SET(CSR_SSTATUS, SSTATUS_VS);
    found = (CSR_READ(CSR_SSTATUS) & SSTATUS_VS) != 0U;
    CSR_CLEAR(CSR_SSTATUS, SSTATUS_VS);
    return found;
}

static void find(struct features *f)
{
    *f = (struct features){
        .sstc = probe_csr_stimecmp(),
        .vectors = has_vectors(),
        .stateen = probe_csr_hstateen(),
        .imsic = probe_csr_siselect(),
        .hvictl = probe_csr_hvictl(),
        .scontext = probe_csr_scontext(),
        .s2_bits = stage2_bits(),
        .guest_files = count_files(),
    };
}

__attribute__((used)) void features_find(void)
{
    find(&features);
}

bool features_same(void)
{
    struct features mine;

    find(&mine);
    return mine.sstc == features.sstc && mine.vectors == features.vectors && mine.stateen == features.stateen &&
           mine.imsic == features.imsic && mine.hvictl == features.hvictl && mine.scontext == features.scontext && mine.s2_bits == features.s2_bits &&
           mine.guest_files == features.guest_files;
}

/* Of this CPU, not of the boot CPU that all have to equal: whoever differs is refused with a reason. */
uint32_t features_lack(uint32_t needs)
{
    return needs & ~((probe_csr_stimecmp() ? PLAN_NEEDS_SSTC : 0U) | (has_vectors() ? PLAN_NEEDS_V : 0U));
}
