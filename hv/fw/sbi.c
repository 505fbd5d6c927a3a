/* SPDX-License-Identifier: Apache-2.0 */
/* The door for ECALL from VS-mode, and what several extensions need. */
#include "fw/sbi.h"

#include "core/exits.h"
#include "fw/fw.h"
#include "vdev/vconsole.h"

bool sbi_available(const struct vm *vm, uint64_t extension)
{
    switch (extension) {
    case SBI_BASE:
    case SBI_TIME:
    case SBI_IPI:
    case SBI_RFENCE:
    case SBI_HSM:
    case SBI_SRST:
    case SBI_BULKHEAD:
        return true;
    case SBI_DBCN:
    case SBI_LEGACY_PUTCHAR:
    case SBI_LEGACY_GETCHAR:
        return vconsole_shared(vm);
    default:
        return extension <= SBI_LEGACY_SHUTDOWN;
    }
}

static inline struct sbi_result call(struct vcpu *v, uint64_t id, uint64_t fid)
{
    switch (id) {
    case SBI_TIME:
        return sbi_time(v, fid);
    case SBI_IPI:
        return sbi_ipi(v, fid);
    case SBI_RFENCE:
        return sbi_rfence(v, fid);
    case SBI_BULKHEAD:
        return sbi_bulkhead(v, fid);
    case SBI_HSM:
        return sbi_hsm(v, fid);
    case SBI_DBCN:
        return vconsole_shared(v->vm) ? sbi_dbcn(v, fid) : sbi_code(SBI_ERR_NOT_SUPPORTED);
    case SBI_BASE:
        return sbi_base(v, fid);
    case SBI_SRST:
        return sbi_srst(v, fid);
    default:
        return id <= SBI_LEGACY_LAST ? sbi_legacy(v, id) : sbi_code(SBI_ERR_NOT_SUPPORTED);
    }
}

enum exit_action fw_call(struct vcpu *v, uint16_t imm)
{
    uint64_t *x = v->regs.x;
    uint64_t id = x[SBI_A7];
    (void)imm; /* every ECALL is one and the same exit */
    struct sbi_result r = call(v, id, x[SBI_A6]);
    if (r.code == SBI_NO_ANSWER) {
        return EXIT_RESUME;
    }
    x[SBI_A0] = (uint64_t)r.code;
    x[SBI_A1] = r.value;
    return EXIT_ADVANCE_PC;
}

bool fw_constant(struct vcpu *v, uint16_t imm)
{
    static const uint32_t own[SBI_BULKHEAD_REASONS + 1] = {
        [SBI_BULKHEAD_NULL] = 0, [SBI_BULKHEAD_VERSION] = SBI_IMPL_VERSION, [SBI_BULKHEAD_REASONS] = EXITS_REASONS};
    uint64_t *x = v->regs.x;
    uint64_t fid = x[SBI_A6];

    (void)imm;
    if (x[SBI_A7] != SBI_BULKHEAD || fid >= ARRAY_SIZE(own)) {
        return false;
    }
    x[SBI_A0] = SBI_SUCCESS;
    x[SBI_A1] = own[fid];
    return true;
}

uint32_t sbi_all_harts(const struct vm *vm)
{
    return ((uint32_t)1 << vm->nr_vcpus) - 1U; /* VM_MAX_VCPUS at most */
}

int64_t sbi_harts(const struct vm *vm, uint64_t mask, uint64_t base, uint32_t *harts)
{
    uint64_t all = ((uint64_t)1 << vm->nr_vcpus) - 1U; /* sbi_all_harts() */
    uint64_t set = mask << (base % 64U);
    if (base == UINT64_MAX) {
        set = all; /* the mask is ignored */
    } else if (base >= vm->nr_vcpus || (mask & ~(all >> base)) != 0U) {
        return SBI_ERR_INVALID_PARAM;
    } else {
        /* all of them are the VM's */
    }
    *harts = (uint32_t)set;
    return SBI_SUCCESS;
}

/* The RAM region with these rights that an address lies in, or NULL. */
static const struct plan_region *region_of(const struct vm *vm, uint64_t ipa, uint32_t rights)
{
    for (uint32_t i = 0; i < vm->plan->nr_regions; i++) {
        const struct plan_region *r = plan_region(vm->binary, vm->plan->first_region + i);
        if (r->kind == (uint32_t)PLAN_REGION_RAM && (r->rights & rights) == rights && ipa >= r->ipa &&
            ipa - r->ipa < r->size) {
            return r;
        }
    }
    return NULL;
}

bool sbi_is_ram(const struct vm *vm, uint64_t ipa, uint64_t size, uint32_t rights)
{
    uint64_t at = ipa;
    uint64_t left = size;
    if (!range_ok(ipa, size)) {
        return false;
    }
    for (uint32_t i = 0; i < vm->plan->nr_regions && left != 0U; i++) { /* each turn is one region further */
        const struct plan_region *r = region_of(vm, at, rights);
        if (r == NULL) {
            return false;
        }
        uint64_t here = r->size - (at - r->ipa);
        here = here < left ? here : left;
        at += here;
        left -= here;
    }
    return left == 0U;
}
