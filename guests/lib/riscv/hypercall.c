/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own calls: hv/fw/sbi.h. */
#include "guest.h"

#define EXTENSION 0x0a42484bU
#define NULL_CALL 0U
#define REASONS   2U
#define EXITS     3U
#define RING      4U

static int64_t call(uint64_t fid, uint64_t a, uint64_t b)
{
    struct sbi r = sbi(EXTENSION, fid, a, b, 0);
    return r.error == 0 ? (int64_t)r.value : r.error;
}

void hypercall_null(void)
{
    (void)call(NULL_CALL, 0, 0);
}

int64_t exit_reasons(void)
{
    return call(REASONS, 0, 0);
}

int64_t exit_count(uint64_t vcpu, uint64_t reason)
{
    return call(EXITS, vcpu, reason);
}

int64_t hypercall_ring(uint64_t channel, uint64_t end)
{
    return call(RING, channel, end);
}
