/* SPDX-License-Identifier: Apache-2.0 */
/* System Reset extension: SBI 2.0 chapter 10. */
#include "core/lifecycle.h"
#include "fw/sbi.h"

#define SYSTEM_RESET          0U
#define REASON_SYSTEM_FAILURE 1U /* the last one of those that are defined, behind "no reason" */

enum reset_type { SHUTDOWN = 0, COLD_REBOOT, WARM_REBOOT };

struct sbi_result sbi_srst(struct vcpu *v, uint64_t fid)
{
    if (fid != SYSTEM_RESET) {
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
    if ((uint32_t)sbi_arg(v, 1) > REASON_SYSTEM_FAILURE) {
        return sbi_code(SBI_ERR_INVALID_PARAM);
    }
    switch ((uint32_t)sbi_arg(v, 0)) {
    case SHUTDOWN:
        vm_stop(v->vm, VM_END_OFF);
        return sbi_code(SBI_NO_ANSWER);
    case COLD_REBOOT:
    case WARM_REBOOT:
        vm_stop(v->vm, VM_END_RESET);
        return sbi_code(SBI_NO_ANSWER);
    default:
        return sbi_code(SBI_ERR_INVALID_PARAM);
    }
}
