/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2 as a hart with Svade and without Svpbmt and Svnapot walks it: Sv39x4 and Sv48x4 (privileged architecture
 * 1.13, 18.5.1). */
#include "sim/internal.h"

#define V (1ULL << 0)
#define R (1ULL << 1)
#define W (1ULL << 2)
#define X (1ULL << 3)
#define U (1ULL << 4)
#define A (1ULL << 6)
#define D (1ULL << 7)

#define MODE(s2) ((s2)->base >> 60)
#define PPN(pte) ((pte) >> 10 & 0xfffffffffffULL)
#define RESERVED (0x3ffULL << 54)

const uint64_t sim_s2_harmless = A | D | (3ULL << 8); /* and those for software */

bool sim_s2_on(const struct s2_hw *s2)
{
    return s2->base != 0U;
}

uint16_t sim_s2_vmid(const struct s2_hw *s2)
{
    return (uint16_t)(s2->base >> 44 & 0x3fffU);
}

uint64_t sim_s2_root(const struct s2_hw *s2)
{
    return (s2->base & 0xfffffffffffULL) << PAGE_SHIFT;
}

unsigned sim_s2_level(const struct s2_hw *s2)
{
    if (MODE(s2) != 8U && MODE(s2) != 9U) {
        sim_fail("hgatp 0x%lx: neither Sv39x4 nor Sv48x4", s2->base);
    }
    return MODE(s2) == 8U ? 1U : 0U;
}

uint64_t sim_s2_table(uint64_t desc)
{
    return (desc & (V | R | W | X)) == V ? PPN(desc) << PAGE_SHIFT : 0U;
}

static const struct sim_translation guest_page_fault = { .fault = true };

/* 12.3.2, steps 5 to 8: every access is one of user mode. */
struct sim_translation sim_s2_check(const struct sim_leaf *e, uint64_t ipa, enum sim_access access)
{
    uint64_t need = access == SIM_ACC_WRITE ? W | D : access == SIM_ACC_FETCH ? X : R;
    need |= U | A;
    if ((e->desc & need) != need) {
        return guest_page_fault;
    }
    return (struct sim_translation){ .pa = (PPN(e->desc) << PAGE_SHIFT) | (ipa & (e->size - 1U)) };
}

bool sim_s2_walk(const struct s2_hw *s2, uint64_t ipa, struct sim_leaf *leaf, struct sim_translation *bad)
{
    unsigned level = sim_s2_level(s2);
    uint64_t table = sim_s2_root(s2);
    uint64_t index_mask = 0x7ff; /* the root is four pages */
    *bad = guest_page_fault;
    if ((table & 0x3fffU) != 0U || (MODE(s2) == 9U && sim_cfg.pa_bits < 50U)) {
        sim_fail("hgatp 0x%lx: the root is not aligned to 16 KiB, or the CPU has no such mode", s2->base);
    }
    if (ipa >> (level == 1U ? 41U : 50U) != 0U) {
        return false;
    }
    for (;; level++) {
        unsigned shift = 12U + (9U * (3U - level));
        uint64_t slot = table + (((ipa >> shift) & index_mask) * 8U);
        if (!sim_is_ram(slot, 8)) {
            sim_fail("stage-2 walk of IPA 0x%lx reads a table at 0x%lx, which is not RAM", ipa, slot);
        }
        sim_llc_walk(sim_s2_vmid(s2), slot);
        uint64_t d = sim_ram_read(slot);
        if ((d & V) == 0U || (d & (R | W)) == W || (d & RESERVED) != 0U) {
            return false;
        }
        if ((d & (R | X)) != 0U) {
            uint64_t size = 1ULL << shift;
            *leaf = (struct sim_leaf){ ipa & ~(size - 1U), size, d, level, (d & A) != 0U };
            return ((PPN(d) << PAGE_SHIFT) & (size - 1U)) == 0U;
        }
        if (level == 3U || (d & (U | A | D)) != 0U) {
            return false;
        }
        table = PPN(d) << PAGE_SHIFT;
        index_mask = 0x1ffU;
    }
}
