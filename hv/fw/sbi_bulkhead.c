/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own calls, in SBI's space of firmware-specific extensions. */
#include "fw/sbi.h"

int64_t sbi_bulkhead(struct vcpu *v, uint64_t fid, struct sbi_value *value)
{
    (void)v;
    switch (fid) {
    case SBI_BULKHEAD_NULL:
        return SBI_SUCCESS;
    case SBI_BULKHEAD_VERSION:
        value->a1 = SBI_IMPL_VERSION;
        return SBI_SUCCESS;
    default:
        return SBI_ERR_NOT_SUPPORTED;
    }
}
