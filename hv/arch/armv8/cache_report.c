/* SPDX-License-Identifier: Apache-2.0 */
/* Asks this CPU what its last unified cache is. */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"
#include "hv/cache_id.h"

bool cache_report(struct llc_report *out)
{
    unsigned level = cache_id_level(SYSREG_READ(clidr_el1));

    if (level != 0U) { /* of what is not there CCSIDR_EL1 is UNKNOWN */
        SYSREG_WRITE(csselr_el1, cache_id_select(level));
        isb();
    }
    *out = cache_id_report(level, SYSREG_READ(ccsidr_el1), SYSREG_READ(s3_0_c0_c7_2)); /* ID_AA64MMFR2_EL1 */
    return true;
}
