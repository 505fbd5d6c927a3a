/* SPDX-License-Identifier: Apache-2.0 */
/* Base extension: SBI 2.0 chapter 4. */
#include "fw/sbi.h"
#include "hv/arch_ops.h"

#define SPEC_2_0 0x02000000U /* major in bits 30:24, minor in 23:0 */

enum base_function { SPEC_VERSION = 0, IMPL_ID, IMPL_VERSION, PROBE, MVENDORID, MARCHID, MIMPID };

struct sbi_result sbi_base(struct vcpu *v, uint64_t fid)
{
    switch (fid) {
    case SPEC_VERSION:
        return sbi_value(SPEC_2_0);
    case IMPL_ID:
        return sbi_value(SBI_IMPL_ID);
    case IMPL_VERSION:
        return sbi_value(SBI_IMPL_VERSION);
    case PROBE:
        return sbi_value(sbi_available(v->vm, sbi_arg(v, 0)) ? 1U : 0U);
    case MVENDORID:
    case MARCHID:
    case MIMPID:
        return sbi_value(arch_ops.isa.machine_id((unsigned)fid - (unsigned)MVENDORID));
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}
