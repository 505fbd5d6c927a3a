/* SPDX-License-Identifier: Apache-2.0 */
/* RFENCE extension: SBI 2.0 chapter 8. */
#include "fw/sbi.h"
#include "hv/arch_ops.h"

#define ASID_MASK 0xffffU /* ASIDMAX is 16; bits above are ignored (privileged architecture 1.13, 12.2.1) */

enum rfence_function { FENCE_I = 0, SFENCE_VMA, SFENCE_VMA_ASID };

/* The CPUs of those vCPUs of a set that are on: one that starts later begins with nothing cached (cpu.reset_guest). The
 * exchange stands between what the caller stored before its call, a page table say, and the states read behind it:
 * either we see that a vCPU is on, or what it looks up behind its start is what was stored. */
static uint32_t cpus_on(struct vcpu *v, uint32_t harts)
{
    const struct vm *vm = v->vm;
    uint32_t cpus = 0;
    (void)atomic32_or(&v->request, 0);
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        const struct vcpu *t = &vm->vcpus[i];
        if ((harts & ((uint32_t)1 << i)) != 0U && atomic32_load(&t->state) == (uint32_t)VCPU_ON) {
            cpus |= (uint32_t)1 << t->cpu;
        }
    }
    return cpus;
}

int64_t sbi_fence(struct vcpu *v, uint32_t harts, const struct sbi_fence *f)
{
    if (f->size != 0U && f->size != UINT64_MAX && !range_ok(f->start, f->size)) {
        return SBI_ERR_INVALID_ADDRESS;
    }
    uint32_t cpus = cpus_on(v, harts);
    if (cpus == 0U) {
        return SBI_SUCCESS;
    }
    return arch_ops.isa.remote_fence(f->what, cpus, f->start, f->size, f->asid & ASID_MASK) == HV_OK ? SBI_SUCCESS
                                                                                                     : SBI_ERR_FAILED;
}

struct sbi_result sbi_rfence(struct vcpu *v, uint64_t fid)
{
    struct sbi_fence f;
    uint32_t harts;
    switch (fid) {
    case FENCE_I:
        f = (struct sbi_fence){RISCV_FENCE_I, 0, 0, 0};
        break;
    case SFENCE_VMA:
        f = (struct sbi_fence){RISCV_SFENCE_VMA, sbi_arg(v, 2), sbi_arg(v, 3), 0};
        break;
    case SFENCE_VMA_ASID:
        f = (struct sbi_fence){RISCV_SFENCE_VMA_ASID, sbi_arg(v, 2), sbi_arg(v, 3), sbi_arg(v, 4)};
        break;
    default:
        return sbi_code(SBI_ERR_NOT_SUPPORTED); /* HFENCE among them */
    }
    int64_t code = sbi_harts(v->vm, sbi_arg(v, 0), sbi_arg(v, 1), &harts);
    return sbi_code(code == SBI_SUCCESS ? sbi_fence(v, harts, &f) : code);
}
