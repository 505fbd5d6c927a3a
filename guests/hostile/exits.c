/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of exits that are not its own: of vCPUs that it does not have, and for reasons that there are not. */
#include "hostile.h"

void attack_exit_counts(const struct attack *self)
{
    static const uint64_t vcpus[] = {2, 3, 4, 7, 8, 0x100, 0x100000000, 0x100000001, (uint64_t)1 << 63, UINT64_MAX};
    static const uint64_t beyond[] = {0, 1, 7, 0xfffffff7, 0x100000000, (uint64_t)1 << 63, UINT64_MAX};
    uint64_t reasons = (uint64_t)exit_reasons();
    for (unsigned i = 0; i < sizeof(vcpus) / sizeof(vcpus[0]); i++) {
        for (uint64_t r = 0; r <= reasons; r++) {
            fact(self, "vcpu", vcpus[i], (struct outcome){.value = (uint64_t)exit_count(vcpus[i], r)});
        }
    }
    for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
        uint64_t r = beyond[i] > reasons ? beyond[i] : reasons + beyond[i];
        fact(self, "reason", r, (struct outcome){.value = (uint64_t)exit_count(i % 2U, r)});
    }
}
