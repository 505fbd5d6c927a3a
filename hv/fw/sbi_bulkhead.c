/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own calls, in SBI's space of firmware-specific extensions. */
#include "core/exits.h"
#include "fw/sbi.h"
#include "vdev/doorbell.h"

static __attribute__((noinline)) struct sbi_result exits(const struct vcpu *v)
{
    uint64_t count = 0;

    switch (exits_of(v->vm, sbi_arg(v, 0), sbi_arg(v, 1), &count)) {
    case EXITS_OK:
        return sbi_value(count);
    case EXITS_NO_VCPU:
        return sbi_code(SBI_ERR_INVALID_PARAM);
    case EXITS_NO_REASON:
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}

_Static_assert(CHANNEL_NONE == SBI_ERR_INVALID_PARAM && CHANNEL_DENIED == SBI_ERR_DENIED, "what a ring is answered with");
_Static_assert(CHANNEL_STOPPED == SBI_ERR_INVALID_STATE && CHANNEL_BUSY == SBI_ERR_TIMEOUT, "the same");

/* But those that fw_constant() answers. */
struct sbi_result sbi_bulkhead(struct vcpu *v, uint64_t fid)
{
    switch (fid) {
    case SBI_BULKHEAD_RING:
        return sbi_code(doorbell_ring(v->vm, sbi_arg(v, 0), sbi_arg(v, 1)));
    case SBI_BULKHEAD_EXITS:
        return exits(v);
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}
