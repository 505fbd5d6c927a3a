/* SPDX-License-Identifier: Apache-2.0 */
/* Base extension: SBI 2.0 chapter 4. */
#include "fw/sbi.h"
#include "hv/arch_ops.h"

#define SPEC_2_0 0x02000000U /* major in bits 30:24, minor in 23:0 */

enum base_function { SPEC_VERSION = 0, IMPL_ID, IMPL_VERSION, PROBE, MVENDORID, MARCHID, MIMPID };

int64_t sbi_base(struct vcpu *v, uint64_t fid, struct sbi_value *value)
{
    switch (fid) {
    case SPEC_VERSION:
        value->a1 = SPEC_2_0;
        return SBI_SUCCESS;
    case IMPL_ID:
        value->a1 = SBI_IMPL_ID;
        return SBI_SUCCESS;
    case IMPL_VERSION:
        value->a1 = SBI_IMPL_VERSION;
        return SBI_SUCCESS;
    case PROBE:
        value->a1 = sbi_available(v->vm, sbi_arg(v, 0)) ? 1U : 0U;
        return SBI_SUCCESS;
    case MVENDORID:
    case MARCHID:
    case MIMPID:
        value->a1 = arch_ops.isa.machine_id((unsigned)fid - (unsigned)MVENDORID);
        return SBI_SUCCESS;
    default:
        return SBI_ERR_NOT_SUPPORTED;
    }
}
