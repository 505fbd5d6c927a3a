/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own calls: hv/fw/hypercall.h. */
#include "guest.h"

#define HYPERCALL_NULL    0x86000000U
#define HYPERCALL_REASONS 0x86000002U
#define HYPERCALL_EXITS   0xc6000003U
#define HYPERCALL_RING    0x86000004U

void hypercall_null(void)
{
    (void)hvc(HYPERCALL_NULL, 0, 0, 0);
}

int64_t exit_reasons(void)
{
    return (int64_t)hvc(HYPERCALL_REASONS, 0, 0, 0).x[0];
}

int64_t exit_count(uint64_t vcpu, uint64_t reason)
{
    struct smccc r = hvc(HYPERCALL_EXITS, vcpu, reason, 0);
    return r.x[0] == 0U ? (int64_t)r.x[1] : (int64_t)r.x[0];
}

int64_t hypercall_ring(uint64_t channel, uint64_t end)
{
    return (int64_t)hvc(HYPERCALL_RING, channel, end, 0).x[0];
}
