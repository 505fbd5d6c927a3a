/* SPDX-License-Identifier: Apache-2.0 */
/* How s2.c and s2_colour.c read a tree: slots, and the walk from the root to one. Of nobody else's use. */
#ifndef HV_CORE_S2_SLOT_H
#define HV_CORE_S2_SLOT_H

#include "core/s2.h"
#include "hv/arch_ops.h"
#include "hv/check.h"

#define INDEX_BITS 9U
#define ENTRIES    512U
_Static_assert(ENTRIES == 1U << INDEX_BITS, "each index has an entry");

/* Where a walk ended. */
struct slot {
    uint64_t *pte;
    unsigned level;
};

static inline uint64_t span(unsigned level)
{
    return PAGE_SIZE << (INDEX_BITS * (s2_format.last_level - level));
}

static inline bool is_valid(uint64_t pte)
{
    return (pte & s2_format.valid_mask) == s2_format.valid_mask;
}

static inline bool is_table(uint64_t pte, unsigned level)
{
    return is_valid(pte) && level < s2_format.last_level && (pte & s2_format.leaf_mask) != s2_format.leaf_value;
}

static inline uint64_t encode(paddr_t pa)
{
    return (pa.v >> s2_format.addr_rshift) & s2_format.addr_mask;
}

static inline paddr_t decode(uint64_t pte)
{
    return PA((pte & s2_format.addr_mask) << s2_format.addr_rshift);
}

static inline uint64_t leaf(paddr_t pa, uint64_t attr, unsigned level)
{
    uint64_t type = level == s2_format.last_level ? s2_format.page_bits : s2_format.block_bits;
    return encode(pa) | attr | type;
}

/* What tells a leaf from a table may be an attribute (RISC-V: the right to read): not the type's, it stays. */
static inline uint64_t attr_of(uint64_t pte, unsigned level)
{
    uint64_t type = level == s2_format.last_level ? s2_format.page_bits : s2_format.block_bits;
    return pte & ~(s2_format.addr_mask | type);
}

/* Table pages lie in the hypervisor's own region, which is always mapped (arch_ops.h). */
static inline uint64_t *entries(paddr_t table, unsigned pages)
{
    uint64_t *p = arch_ops.mmu.map(table, pages * PAGE_SIZE, MAP_RW);
    CHECK(p != NULL);
    return p;
}

/* Root tables are concatenated, so their index is wider than 9 bits (DDI 0487 D8.2.2). */
static inline struct slot root_slot(const struct s2 *s, uint64_t ipa)
{
    uint64_t i = ipa / span(s->geo.start_level);
    return (struct slot){ &entries(s->root, s->geo.root_pages)[i], s->geo.start_level };
}

/* In a table that is not a root. */
static inline uint64_t index_in_table(uint64_t ipa, unsigned level)
{
    return (ipa / span(level)) % ENTRIES;
}

/* One level down; the slot must hold a table. */
static inline struct slot child(struct slot at, uint64_t ipa)
{
    unsigned level = at.level + 1U;
    return (struct slot){ &entries(decode(*at.pte), 1)[index_in_table(ipa, level)], level };
}

/* The next one, which decides about ipa; false if the table may end before. */
static inline bool next_slot(struct slot *at, uint64_t ipa)
{
    at->pte = &at->pte[1];
    return index_in_table(ipa, at->level) != 0U;
}

/* The slot that decides about ipa: an invalid entry or a leaf, or whatever stands at level `deepest`. */
static inline struct slot find(const struct s2 *s, uint64_t ipa, unsigned deepest)
{
    struct slot at = root_slot(s, ipa);
    while (at.level < deepest && is_table(*at.pte, at.level)) {
        at = child(at, ipa);
    }
    return at;
}

/* First address after the part of the IPA space that a slot covers. */
static inline uint64_t after(struct slot at, uint64_t ipa)
{
    return align_down(ipa, span(at.level)) + span(at.level);
}

/* Goes down to a slot for a leaf of level `want`, adding tables. Ends deeper where a table stands in the way. HV_ERR_NOMEM. */
enum hv_status s2_descend(struct s2 *s, uint64_t ipa, unsigned want, struct slot *out) MUST_CHECK;

/* What s2_map() says of its arguments but for the physical address: HV_ERR_ALIGN, HV_ERR_RANGE, HV_ERR_INVAL, HV_ERR_OVERLAP. */
enum hv_status s2_may_map(const struct s2 *s, uint64_t ipa, uint64_t size, enum s2_mem mem, unsigned rights) MUST_CHECK;

/* [ipa, end), which may be mapped, is going to be: s2.low, s2.high. */
void s2_widen(struct s2 *s, uint64_t ipa, uint64_t end);

/* Takes back a map of [ipa, end) that ran out of pages: its leaves, and the tables it added, which are the pages of
 * the pool from `mark` on. */
void s2_undo_map(struct s2 *s, uint64_t ipa, uint64_t end, uint64_t mark);

#endif
