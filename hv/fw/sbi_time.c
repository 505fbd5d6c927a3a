/* SPDX-License-Identifier: Apache-2.0 */
/* Timer extension: SBI 2.0 chapter 6. */
#include "fw/sbi.h"
#include "vdev/vhart.h"

#define SET_TIMER 0U

int64_t sbi_time(struct vcpu *v, uint64_t fid, struct sbi_value *value)
{
    (void)value;
    if (fid != SET_TIMER) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    vhart_set_timer(v, sbi_arg(v, 0));
    return SBI_SUCCESS;
}
