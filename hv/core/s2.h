/* SPDX-License-Identifier: Apache-2.0 */
/* Stage-2 page tables over any format of hv/s2_format.h. Boot CPU or vm.lock held; no allocation after boot. */
#ifndef HV_CORE_S2_H
#define HV_CORE_S2_H

#include "core/pages.h"
#include "hv/s2_format.h"

struct s2 {
    struct s2_geometry geo;
    struct s2_hw hw;
    paddr_t root;
    struct pages *pool;
    /* All that was ever mapped, or was to be, lies in [low, high): elsewhere there is no leaf, and no table that stands for it alone. */
    uint64_t low;
    uint64_t high;
};

/* An empty tree for ipa_bits on a CPU with pa_bits. HV_ERR_RANGE, HV_ERR_NOMEM. */
enum hv_status s2_init(struct s2 *s, struct pages *pool, unsigned ipa_bits, unsigned pa_bits, vmid_t vmid) MUST_CHECK;

/*
 * Maps [ipa, ipa+size) to pa with the largest blocks that fit. HV_ERR_ALIGN unless all three are page-aligned,
 * HV_ERR_RANGE outside the IPA size or on wrap, HV_ERR_INVAL for rights the format cannot express,
 * HV_ERR_OVERLAP if any page is mapped already (nothing changes then), HV_ERR_NOMEM (what was mapped is undone).
 */
enum hv_status s2_map(struct s2 *s, ipaddr_t ipa, paddr_t pa, uint64_t size, enum s2_mem mem,
                      unsigned rights) MUST_CHECK;

/* Removes [ipa, ipa+size), splitting blocks where needed with break-before-make, and completes the invalidation.
 * HV_ERR_NOENT if a page in it is not mapped (nothing changes then); HV_ERR_NOMEM if a block cannot be split for want of
 * a table page (every translation stays). */
enum hv_status s2_unmap(struct s2 *s, ipaddr_t ipa, uint64_t size) MUST_CHECK;

struct s2_mapping {
    paddr_t pa;
    uint64_t attr; /* attribute bits of the leaf */
    unsigned level;
};

/* Software walk: HV_OK and the mapping, or HV_ERR_NOENT. */
enum hv_status s2_walk(const struct s2 *s, ipaddr_t ipa, struct s2_mapping *out) MUST_CHECK;

#endif
