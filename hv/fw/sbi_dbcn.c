/* SPDX-License-Identifier: Apache-2.0 */
/* Debug Console extension: SBI 2.0 chapter 12. Buffers are guest-physical. */
#include "fw/sbi.h"
#include "hv/arch_ops.h"
#include "vdev/vconsole.h"

enum dbcn_function { CONSOLE_WRITE = 0, CONSOLE_READ, CONSOLE_WRITE_BYTE };

/* The buffer of a call is RAM of the VM, the whole of it, however little of it this call will move. */
static bool buffer_ok(const struct vcpu *v, uint32_t rights)
{
    uint64_t size = sbi_arg(v, 0);
    return sbi_arg(v, 2) == 0U && (size == 0U || sbi_is_ram(v->vm, sbi_arg(v, 1), size, rights));
}

/* Bytes that this call moves at most. */
static uint32_t share(const struct vcpu *v)
{
    uint64_t size = sbi_arg(v, 0);
    return size < SBI_DBCN_MAX ? (uint32_t)size : SBI_DBCN_MAX;
}

static int64_t console_write(struct vcpu *v, struct sbi_value *value)
{
    uint8_t bytes[SBI_DBCN_MAX];
    uint32_t n = share(v);
    if (!buffer_ok(v, S2_R)) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (n != 0U && !arch_ops.isa.read_guest(bytes, IPA(sbi_arg(v, 1)), n)) {
        return SBI_ERR_FAILED;
    }
    value->a1 = vconsole_write(v, bytes, n);
    return SBI_SUCCESS;
}

static int64_t console_read(struct vcpu *v, struct sbi_value *value)
{
    uint8_t bytes[SBI_DBCN_MAX];
    if (!buffer_ok(v, S2_W)) {
        return SBI_ERR_INVALID_PARAM;
    }
    uint32_t n = vconsole_read(v, bytes, share(v));
    if (n != 0U && !arch_ops.isa.write_guest(IPA(sbi_arg(v, 1)), bytes, n)) {
        return SBI_ERR_FAILED;
    }
    value->a1 = n;
    return SBI_SUCCESS;
}

int64_t sbi_dbcn(struct vcpu *v, uint64_t fid, struct sbi_value *value)
{
    uint8_t byte = (uint8_t)sbi_arg(v, 0);
    switch (fid) {
    case CONSOLE_WRITE:
        return console_write(v, value);
    case CONSOLE_READ:
        return console_read(v, value);
    case CONSOLE_WRITE_BYTE:
        (void)vconsole_write(v, &byte, 1);
        return SBI_SUCCESS;
    default:
        return SBI_ERR_NOT_SUPPORTED;
    }
}
