/* SPDX-License-Identifier: Apache-2.0 */
/* The door for ECALL from VS-mode, and what several extensions need. */
#include "fw/sbi.h"

#include "fw/fw.h"
#include "vdev/vconsole.h"

struct extension {
    uint64_t first; /* identifiers */
    uint64_t last;
    bool console; /* of VMs with a shared console alone */
    int64_t (*call)(struct vcpu *v, uint64_t fid, struct sbi_value *value);
};

/* Searched from the top: what running guests call most often comes first. */
static const struct extension extensions[] = {
    {SBI_TIME, SBI_TIME, false, sbi_time},
    {SBI_IPI, SBI_IPI, false, sbi_ipi},
    {SBI_RFENCE, SBI_RFENCE, false, sbi_rfence},
    {SBI_BULKHEAD, SBI_BULKHEAD, false, sbi_bulkhead},
    {SBI_HSM, SBI_HSM, false, sbi_hsm},
    {SBI_DBCN, SBI_DBCN, true, sbi_dbcn},
    {SBI_BASE, SBI_BASE, false, sbi_base},
    {SBI_SRST, SBI_SRST, false, sbi_srst},
    {0x00, 0x00, false, sbi_legacy},
    {0x01, 0x02, true, sbi_legacy},
    {0x03, 0x08, false, sbi_legacy},
};

static const struct extension *find(const struct vm *vm, uint64_t id)
{
    for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++) {
        const struct extension *x = &extensions[i];
        if (id >= x->first && id <= x->last) {
            return !x->console || vconsole_shared(vm) ? x : NULL;
        }
    }
    return NULL;
}

bool sbi_available(const struct vm *vm, uint64_t extension)
{
    return find(vm, extension) != NULL;
}

enum exit_action fw_call(struct vcpu *v, const struct exit *e)
{
    uint64_t *x = v->regs.x;
    uint64_t id = x[SBI_A7];
    const struct extension *ext = find(v->vm, id);
    struct sbi_value value = {id <= SBI_LEGACY_LAST ? x[SBI_A1] : 0U}; /* v0.1 preserves a1 */
    int64_t code = ext != NULL ? ext->call(v, x[SBI_A6], &value) : SBI_ERR_NOT_SUPPORTED;
    (void)e; /* every ECALL is one and the same exit */
    if (code == SBI_NO_ANSWER) {
        return EXIT_RESUME;
    }
    x[SBI_A0] = (uint64_t)code;
    x[SBI_A1] = value.a1;
    return EXIT_ADVANCE_PC;
}

uint32_t sbi_all_harts(const struct vm *vm)
{
    return ((uint32_t)1 << vm->nr_vcpus) - 1U; /* HV_MAX_CPUS at most */
}

int64_t sbi_harts(const struct vm *vm, uint64_t mask, uint64_t base, uint32_t *harts)
{
    uint64_t all = sbi_all_harts(vm);
    if (base == UINT64_MAX) {
        *harts = (uint32_t)all; /* the mask is ignored */
        return SBI_SUCCESS;
    }
    if (base >= vm->nr_vcpus || (mask & ~(all >> base)) != 0U) {
        return SBI_ERR_INVALID_PARAM;
    }
    *harts = (uint32_t)(mask << base);
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
