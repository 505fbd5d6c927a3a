/* SPDX-License-Identifier: Apache-2.0 */
#include "core/restart.h"

#include "hv/arch_ops.h"
#include "hv/extent.h"

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

/* An image, by the offsets at which it begins in its region, and its copy among the pristine copies. */
struct piece {
    const struct plan_image *image;
    uint64_t start;
    uint64_t copy;
};

/* A block of RAM being restored, and that of the pristine copies that is open: most pieces of an image come from the same. */
struct block {
    struct extent region;
    struct extent copies;
    uint8_t *to;
    uint64_t pa;
    const uint8_t *from; /* NULL: none is open */
    uint64_t from_pa;
    uint32_t nr_pieces;
    struct piece piece[VM_MAX_IMAGES]; /* of the region */
};

static void zero(uint8_t *p, uint64_t n)
{
    uint64_t *to = (uint64_t *)(void *)p;

    for (uint64_t i = 0; i < n / sizeof(*to); i++) {
        to[i] = 0;
    }
}

static void close_source(struct block *b)
{
    if (b->from != NULL) {
        arch_ops.mmu.window_close(MMU_WINDOW_FROM);
        b->from = NULL;
    }
}

/* n bytes from pa on, all in one block. */
static void copy_from(struct block *b, uint8_t *to, uint64_t pa, uint64_t n)
{
    uint64_t base = align_down(pa, PLAN_RESTART_BLOCK);

    if (b->from == NULL || b->from_pa != base) {
        close_source(b);
        b->from = arch_ops.mmu.window_open(MMU_WINDOW_FROM, PA(base));
        b->from_pa = base;
    }
    const uint64_t *src = (const uint64_t *)(const void *)&b->from[pa - base];
    uint64_t *dst = (uint64_t *)(void *)to;

    for (uint64_t i = 0; i < n / sizeof(*dst); i++) { /* plan_validate(): multiples of 8, aligned to 8 */
        dst[i] = src[i];
    }
}

/* What of an image lies in [offset, end) of its region, which is at `to`. Each turn is a block, or a unit of colour, further. */
static void put_back(struct block *b, const struct piece *m, uint64_t offset, uint64_t end, uint8_t *to)
{
    uint64_t at = m->start > offset ? m->start : offset;

    uint64_t last = m->start + m->image->size < end ? m->start + m->image->size : end;

    while (at < last) {
        uint64_t copy = m->copy + (at - m->start);
        uint64_t pa = extent_pa(&b->copies, copy).v;
        uint64_t n = PLAN_RESTART_BLOCK - pa % PLAN_RESTART_BLOCK;

        n = n < extent_run(&b->copies, copy) ? n : extent_run(&b->copies, copy);
        n = n < last - at ? n : last - at;
        copy_from(b, &to[at - offset], pa, n);
        at += n;
    }
}

/* [offset, end) of the region, which is contiguous and in the block. */
static void restore(struct block *b, uint64_t offset, uint64_t end)
{
    uint8_t *to = &b->to[extent_pa(&b->region, offset).v - b->pa];

    zero(to, end - offset);
    for (uint32_t i = 0; i < b->nr_pieces; i++) { /* at most VM_MAX_IMAGES turns */
        put_back(b, &b->piece[i], offset, end, to);
    }
    arch_ops.cache.clean(to, end - offset);
}

static void begin_block(struct block *b, const struct vm *vm, const struct plan_region *g, uint64_t block)
{
    const struct plan *p = vm->binary;

    b->region = extent_of_region(p, g);
    b->copies = extent_of_pristine(p, vm->plan);
    b->pa = block;
    b->from = NULL;
    b->nr_pieces = 0;
    for (uint32_t i = 0; i < vm->plan->nr_images; i++) { /* at most VM_MAX_IMAGES turns */
        const struct plan_image *m = plan_image(p, vm->plan->first_image + i);
        struct piece *next = &b->piece[b->nr_pieces];

        if (extent_of_image(p, vm->plan, m, &next->start) == g && extent_offset(&b->copies, PA(m->pristine_pa), &next->copy)) {
            next->image = m;
            b->nr_pieces++;
        }
    }
    b->to = arch_ops.mmu.window_open(MMU_WINDOW_TO, PA(block));
}

/* What of the region lies in the block at `block`: all of it, or the pages of its colours. */
static void restore_block(const struct vm *vm, const struct plan_region *g, uint64_t block)
{
    uint64_t unit = g->colours != 0U ? PAGE_SIZE : PLAN_RESTART_BLOCK;
    struct block b;

    begin_block(&b, vm, g, block);
    for (uint64_t pa = block; pa < block + PLAN_RESTART_BLOCK; pa += unit) {
        uint64_t offset;

        if (extent_offset(&b.region, PA(pa), &offset)) {
            restore(&b, offset, offset + unit);
        }
    }
    close_source(&b);
    arch_ops.mmu.window_close(MMU_WINDOW_TO);
}

bool restart_step(struct restart *r)
{
    const struct plan_vm *p = r->vm->plan;

    while (r->region < p->nr_regions) { /* at most PLAN_MAX_REGIONS turns */
        const struct plan_region *g = plan_region(r->vm->binary, p->first_region + r->region);
        struct extent e = extent_of_region(r->vm->binary, g);
        uint64_t first = align_down(g->pa, PLAN_RESTART_BLOCK);

        if (g->kind == (uint32_t)PLAN_REGION_RAM && first + r->done < g->pa + extent_span(&e)) {
            restore_block(r->vm, g, first + r->done);
            r->done += PLAN_RESTART_BLOCK;
            return true;
        }
        r->region++;
        r->done = 0;
    }
    return false;
}
