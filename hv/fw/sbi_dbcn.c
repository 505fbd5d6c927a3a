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

static struct sbi_result console_write(struct vcpu *v)
{
    uint8_t bytes[SBI_DBCN_MAX];
    uint32_t n = share(v);
    if (!buffer_ok(v, S2_R)) {
        return sbi_code(SBI_ERR_INVALID_PARAM);
    }
    if (n != 0U && !arch_ops.isa.read_guest(bytes, IPA(sbi_arg(v, 1)), n)) {
        return sbi_code(SBI_ERR_FAILED);
    }
    return sbi_value(vconsole_write(v, bytes, n));
}

static struct sbi_result console_read(struct vcpu *v)
{
    uint8_t bytes[SBI_DBCN_MAX];
    if (!buffer_ok(v, S2_W)) {
        return sbi_code(SBI_ERR_INVALID_PARAM);
    }
    uint32_t n = vconsole_read(v, bytes, share(v));
    if (n != 0U && !arch_ops.isa.write_guest(IPA(sbi_arg(v, 1)), bytes, n)) {
        return sbi_code(SBI_ERR_FAILED);
    }
    return sbi_value(n);
}

struct sbi_result sbi_dbcn(struct vcpu *v, uint64_t fid)
{
    uint8_t byte = (uint8_t)sbi_arg(v, 0);
    switch (fid) {
    case CONSOLE_WRITE:
        return console_write(v);
    case CONSOLE_READ:
        return console_read(v);
    case CONSOLE_WRITE_BYTE:
        (void)vconsole_write(v, &byte, 1);
        return sbi_code(SBI_SUCCESS);
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}
