/* SPDX-License-Identifier: Apache-2.0 */
/* IPI extension: SBI 2.0 chapter 7. */
#include "fw/sbi.h"
#include "vdev/vhart.h"

#define SEND_IPI 0U

struct sbi_result sbi_ipi(struct vcpu *v, uint64_t fid)
{
    uint32_t harts;
    if (fid != SEND_IPI) {
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
    int64_t code = sbi_harts(v->vm, sbi_arg(v, 0), sbi_arg(v, 1), &harts);
    if (code == SBI_SUCCESS) {
        vhart_send_ipi(v, harts);
    }
    return sbi_code(code);
}
