/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own calls, in SBI's space of firmware-specific extensions. */
#include "core/exits.h"
#include "fw/sbi.h"
#include "vdev/doorbell.h"

static __attribute__((noinline)) int64_t exits(const struct vcpu *v, uint64_t *count)
{
    switch (exits_of(v->vm, sbi_arg(v, 0), sbi_arg(v, 1), count)) {
    case EXITS_OK:
        return SBI_SUCCESS;
    case EXITS_NO_VCPU:
        return SBI_ERR_INVALID_PARAM;
    case EXITS_NO_REASON:
    default:
        return SBI_ERR_NOT_SUPPORTED;
    }
}

_Static_assert(CHANNEL_NONE == SBI_ERR_INVALID_PARAM && CHANNEL_DENIED == SBI_ERR_DENIED, "what a ring is answered with");
_Static_assert(CHANNEL_STOPPED == SBI_ERR_INVALID_STATE && CHANNEL_BUSY == SBI_ERR_TIMEOUT, "the same");

int64_t sbi_bulkhead(struct vcpu *v, uint64_t fid, struct sbi_value *value)
{
    if (fid == SBI_BULKHEAD_NULL) { /* for measuring: what the others need is not asked first */
        return SBI_SUCCESS;
    }
    if (fid == SBI_BULKHEAD_RING) {
        return doorbell_ring(v->vm, sbi_arg(v, 0), sbi_arg(v, 1));
    }
    switch (fid) {
    case SBI_BULKHEAD_VERSION:
        value->a1 = SBI_IMPL_VERSION;
        return SBI_SUCCESS;
    case SBI_BULKHEAD_REASONS:
        value->a1 = EXITS_REASONS;
        return SBI_SUCCESS;
    case SBI_BULKHEAD_EXITS:
        return exits(v, &value->a1);
    default:
        return SBI_ERR_NOT_SUPPORTED;
    }
}
