/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of SBI v0.1: SBI 2.0 chapter 5. Each is the newer extension's under another number, but for hart masks.
 * Those are in the guest's virtual memory, which is not read here: a pointer that is not NULL is answered
 * SBI_ERR_NOT_SUPPORTED, and NULL, as firmware before v0.2 took it, is all harts.
 */
#include "core/lifecycle.h"
#include "fw/sbi.h"
#include "vdev/vconsole.h"
#include "vdev/vhart.h"

#define NO_CHARACTER (-1)

enum legacy_call {
    SET_TIMER = 0,
    CONSOLE_PUTCHAR,
    CONSOLE_GETCHAR,
    CLEAR_IPI,
    SEND_IPI,
    REMOTE_FENCE_I,
    REMOTE_SFENCE_VMA,
    REMOTE_SFENCE_VMA_ASID,
    SHUTDOWN
};

static int64_t get_character(struct vcpu *v)
{
    uint8_t c;
    return vconsole_read(v, &c, 1) == 1U ? (int64_t)c : NO_CHARACTER;
}

/* The calls whose first argument points to a hart mask. */
static int64_t with_mask(struct vcpu *v, uint64_t call)
{
    uint32_t all = sbi_all_harts(v->vm);
    struct sbi_fence f;
    if (sbi_arg(v, 0) != 0U) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    switch (call) {
    case SEND_IPI:
        vhart_send_ipi(v, all);
        return SBI_SUCCESS;
    case REMOTE_SFENCE_VMA:
        f = (struct sbi_fence){RISCV_SFENCE_VMA, sbi_arg(v, 1), sbi_arg(v, 2), 0};
        break;
    case REMOTE_SFENCE_VMA_ASID:
        f = (struct sbi_fence){RISCV_SFENCE_VMA_ASID, sbi_arg(v, 1), sbi_arg(v, 2), sbi_arg(v, 3)};
        break;
    default: /* FENCE.I, which has no further arguments */
        f = (struct sbi_fence){RISCV_FENCE_I, 0, 0, 0};
        break;
    }
    return sbi_fence(v, all, &f);
}

static int64_t call(struct vcpu *v, uint64_t id)
{
    uint8_t byte = (uint8_t)sbi_arg(v, 0);
    switch (id) {
    case SET_TIMER:
        vhart_set_timer(v, sbi_arg(v, 0));
        return SBI_SUCCESS;
    case CONSOLE_PUTCHAR:
        (void)vconsole_write(v, &byte, 1);
        return SBI_SUCCESS;
    case CONSOLE_GETCHAR:
        return get_character(v);
    case CLEAR_IPI:
        return vhart_clear_ipi(v) ? 1 : 0;
    case SHUTDOWN:
        vm_stop(v->vm, VM_END_OFF);
        return SBI_NO_ANSWER;
    default: /* SEND_IPI to REMOTE_SFENCE_VMA_ASID: no others get here */
        return with_mask(v, id);
    }
}

struct sbi_result sbi_legacy(struct vcpu *v, uint64_t id)
{
    int64_t code = sbi_available(v->vm, id) ? call(v, id) : SBI_ERR_NOT_SUPPORTED;

    return (struct sbi_result){code, sbi_arg(v, 1)};
}
