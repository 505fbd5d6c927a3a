/* SPDX-License-Identifier: Apache-2.0 */
#include "core/restart.h"

#include "hv/arch_ops.h"

static uint64_t seconds(uint64_t n)
{
    return n * arch_ops.timer.freq();
}

static uint32_t policy(const struct vm *vm, enum vm_end why)
{
    if (why == VM_END_RESET) {
        return vm->plan->on_reset;
    }
    return why == VM_END_FAULT ? vm->plan->on_fault : (uint32_t)PLAN_POLICY_HALT;
}

enum restart_verdict restart_decide(struct vm *vm, enum vm_end why)
{
    if (policy(vm, why) != (uint32_t)PLAN_POLICY_RESTART) {
        return RESTART_NO;
    }
    if (why == VM_END_FAULT) {
        bool quick = arch_ops.timer.now() - vm->lives.started_at < seconds(RESTART_QUICK_SECONDS);
        vm->lives.quick_faults = quick ? vm->lives.quick_faults + 1U : 0U;
        if (vm->lives.quick_faults > RESTART_QUICK_FAULTS) {
            return RESTART_GIVEN_UP;
        }
    }
    return RESTART_GO;
}

void restart_note_start(struct vm *vm)
{
    vm->lives.started_at = arch_ops.timer.now();
}

bool restart_count(struct vm *vm)
{
    uint64_t now = arch_ops.timer.now();

    vm->lives.restarts++;
    if (vm->lives.restarts == 1U || now - vm->lives.told_at >= seconds(1)) {
        vm->lives.told_at = now;
        vm->lives.lines = 0;
    }
    if (vm->lives.lines == RESTART_LINES) {
        return false;
    }
    vm->lives.lines++;
    return true;
}

struct restart restart_begin(const struct vm *vm)
{
    return (struct restart){.vm = vm};
}

static void zero(uint64_t *to)
{
    for (uint64_t i = 0; i < PLAN_RESTART_BLOCK / sizeof(*to); i++) {
        to[i] = 0;
    }
}

/* What of an image lies in the block at `block`: at most two turns, since the copy may lie across two blocks. */
static void put_back(const struct plan_image *m, uint64_t block, uint8_t *to)
{
    uint64_t at = m->pa > block ? m->pa : block;
    uint64_t end = m->pa + m->size < block + PLAN_RESTART_BLOCK ? m->pa + m->size : block + PLAN_RESTART_BLOCK;

    while (at < end) {
        uint64_t copy = m->pristine_pa + (at - m->pa);
        uint64_t offset = copy % PLAN_RESTART_BLOCK;
        uint64_t n = end - at < PLAN_RESTART_BLOCK - offset ? end - at : PLAN_RESTART_BLOCK - offset;
        const uint8_t *from = arch_ops.mmu.window_open(MMU_WINDOW_FROM, PA(copy - offset));
        const uint64_t *src = (const uint64_t *)(const void *)&from[offset];
        uint64_t *dst = (uint64_t *)(void *)&to[at - block];

        for (uint64_t i = 0; i < n / sizeof(*dst); i++) { /* plan_validate(): multiples of 8, aligned to 8 */
            dst[i] = src[i];
        }
        arch_ops.mmu.window_close(MMU_WINDOW_FROM);
        at += n;
    }
}

static void restore_block(const struct vm *vm, uint64_t block)
{
    uint8_t *to = arch_ops.mmu.window_open(MMU_WINDOW_TO, PA(block));

    zero((uint64_t *)(void *)to);
    for (uint32_t i = 0; i < vm->plan->nr_images; i++) { /* at most PLAN_MAX_IMAGES turns */
        put_back(plan_image(vm->binary, vm->plan->first_image + i), block, to);
    }
    arch_ops.cache.clean(to, PLAN_RESTART_BLOCK);
    arch_ops.mmu.window_close(MMU_WINDOW_TO);
}

bool restart_step(struct restart *r)
{
    const struct plan_vm *p = r->vm->plan;

    while (r->region < p->nr_regions) { /* at most PLAN_MAX_REGIONS turns */
        const struct plan_region *g = plan_region(r->vm->binary, p->first_region + r->region);

        if (g->kind == (uint32_t)PLAN_REGION_RAM && r->done < g->size) {
            restore_block(r->vm, g->pa + r->done);
            r->done += PLAN_RESTART_BLOCK;
            return true;
        }
        r->region++;
        r->done = 0;
    }
    return false;
}
