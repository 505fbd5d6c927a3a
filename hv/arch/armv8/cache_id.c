/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: the cache identification registers, decoded. */
#include "hv/cache_id.h"

#define CTYPE_NONE    0U
#define CTYPE_UNIFIED 4U

static uint64_t field(uint64_t reg, unsigned shift, unsigned bits)
{
    return (reg >> shift) & (((uint64_t)1 << bits) - 1U);
}

unsigned cache_id_level(uint64_t clidr)
{
    unsigned loc = (unsigned)field(clidr, 24, 3);
    unsigned last = 0;

    for (unsigned level = 1; level <= loc; level++) {
        uint64_t type = field(clidr, 3U * (level - 1U), 3);

        if (type == CTYPE_NONE) {
            break; /* what is said of levels beyond that is to be ignored */
        }
        last = type == CTYPE_UNIFIED ? level : last;
    }
    return last;
}

struct llc_report cache_id_report(unsigned level, uint64_t ccsidr, uint64_t mmfr2)
{
    bool wide = field(mmfr2, 20, 4) != 0U; /* FEAT_CCIDX */
    uint64_t ways = 1U + field(ccsidr, 3, wide ? 21 : 10);
    uint64_t sets = 1U + field(ccsidr, wide ? 32 : 13, wide ? 24 : 15);
    unsigned line = 4U + (unsigned)field(ccsidr, 0, 3);

    return level == 0U ? (struct llc_report){0, 0, 0, 0}
                       : (struct llc_report){sets * ways << line, (uint32_t)ways, 1U << line, level};
}
