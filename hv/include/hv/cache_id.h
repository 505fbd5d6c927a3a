/* SPDX-License-Identifier: Apache-2.0 */
/* What the cache identification registers of Armv8 say (arch/armv8/cache_id.c). Pure. */
#ifndef HV_CACHE_ID_H
#define HV_CACHE_ID_H

#include "hv/llc.h"

/* The last level (1..7) up to the level of coherency that is a unified cache, by CLIDR_EL1 (DDI 0487J.a D19.2.27); 0: none. */
unsigned cache_id_level(uint64_t clidr);

/* CSSELR_EL1 for the unified cache of a level (1..7): Level is one less, InD 0 (D19.2.33). */
static inline uint64_t cache_id_select(unsigned level)
{
    return (uint64_t)(level - 1U) << 1;
}

/* CCSIDR_EL1 (D19.2.26) in the format that ID_AA64MMFR2_EL1.CCIDX tells; level 0: all zero. Any bits are decoded: none
 * overflow. */
struct llc_report cache_id_report(unsigned level, uint64_t ccsidr, uint64_t mmfr2);

#endif
