/* SPDX-License-Identifier: Apache-2.0 */
/* Timer extension: SBI 2.0 chapter 6. */
#include "fw/sbi.h"
#include "vdev/vhart.h"

#define SET_TIMER 0U

struct sbi_result sbi_time(struct vcpu *v, uint64_t fid)
{
    if (fid != SET_TIMER) {
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
    vhart_set_timer(v, sbi_arg(v, 0));
    return sbi_code(SBI_SUCCESS);
}
