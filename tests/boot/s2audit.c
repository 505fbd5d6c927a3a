/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The independent stage-2 walker of an ISA (tests/walker) over a page-table pool saved from a machine, as a
 * host program: this file, tests/system/ISA/system_walk.c and the walker.
 *
 *   s2audit IMAGE POOL VM CTRL BASE
 *
 * IMAGE is the file that hvplan packed, POOL the bytes of its page-table pool in the running machine, VM the
 * VM's name, CTRL and BASE are VTCR_EL2 and VTTBR_EL2, on RISC-V 0 and hgatp. Says "VM: TABLES pages of
 * tables grant exactly the plan's GRANTS regions" and "IPA PA SIZE RIGHTS" of each, and returns 0 if so; 1
 * with the reason if not; 2 if used wrongly. Of the hypervisor it knows the layout of the plan alone, and in what
 * order a region in colours goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/plan.h"
#include "system_walk.h"

#define RIGHT_R 1U
#define RIGHT_W 2U
#define RIGHT_X 4U

struct file {
    uint8_t *bytes;
    size_t size;
};

#define REGION_PAGES (HV_REGION_SIZE / PAGE_SIZE)

struct pool {
    struct file file;
    uint64_t page[REGION_PAGES]; /* physical address of each page of the file */
};

static bool read_file(const char *name, struct file *out)
{
    FILE *f = fopen(name, "rb");
    long n = -1;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0) {
        n = ftell(f);
        rewind(f);
    }
    out->size = n > 0 ? (size_t)n : 0U;
    out->bytes = n > 0 ? malloc(out->size) : NULL;
    bool ok = out->bytes != NULL && fread(out->bytes, 1, out->size, f) == out->size;
    if (f != NULL) {
        fclose(f);
    }
    return ok;
}

static const struct plan *find_plan(const struct file *f)
{
    for (size_t at = 0; at + PLAN_MAX_BYTES <= f->size && at < HV_REGION_SIZE; at += PAGE_SIZE) {
        const struct plan *p = (const void *)(f->bytes + at);
        if (p->magic == PLAN_MAGIC && p->plan_pa - p->hv_base == at && p->length <= PLAN_MAX_BYTES) {
            return p;
        }
    }
    return NULL;
}

static const void *entry(const struct plan *p, struct plan_table t, size_t size, size_t i)
{
    return (const uint8_t *)p + t.offset + (i * size);
}

/* system_walk.c asks for it; the hypervisor's own is not linked. */
const struct plan_cpu *plan_cpu(const struct plan *p, uint32_t i)
{
    return entry(p, p->cpus, sizeof(struct plan_cpu), i);
}

const struct plan_vm *plan_vm(const struct plan *p, uint32_t i)
{
    return entry(p, p->vms, sizeof(struct plan_vm), i);
}

const struct plan_channel *plan_channel(const struct plan *p, uint32_t i)
{
    return entry(p, p->channels, sizeof(struct plan_channel), i);
}

static bool read_pool(void *ctx, uint64_t pa, uint64_t *word)
{
    const struct pool *pool = ctx;
    for (size_t i = 0; i < pool->file.size / PAGE_SIZE; i++) {
        if (pa / PAGE_SIZE == pool->page[i] / PAGE_SIZE) {
            memcpy(word, pool->file.bytes + i * PAGE_SIZE + pa % PAGE_SIZE, sizeof(*word));
            return true;
        }
    }
    return false;
}

/* The pool is the end of the hypervisor's region, which lies in a row where it was loaded; or goes up page by page through
 * what has one of its colours, which address bits tell. */
static bool find_pages(const struct plan *p, struct pool *pool)
{
    uint64_t skip = (p->pool_pa - p->hv_base) / PAGE_SIZE;
    uint64_t pa = p->hv_colours == 0U ? p->hv_base : p->hv_home;
    for (uint64_t n = 0; n < skip + p->pool_pages && n < REGION_PAGES; pa += PAGE_SIZE) {
        uint64_t unit = p->hv_colours == 0U ? 0U : p->llc.size / p->llc.ways / p->llc.colours;
        if (unit != 0U && (p->hv_colours >> (pa / unit % p->llc.colours) & 1U) == 0U) {
            continue;
        }
        if (n >= skip) {
            pool->page[n - skip] = pa;
        }
        n++;
    }
    return p->llc.hash[0] == 0U && p->llc.hash[1] == 0U;
}

static void say(const struct walker_grant *g)
{
    printf("0x%lx 0x%lx 0x%lx %c%c%c\n", g->ipa, g->pa, g->size, g->read ? 'r' : '-', g->write ? 'w' : '-',
           g->execute ? 'x' : '-');
}

/* Coloured memory piece by piece. */
static void say_all(const struct walker_grant *g)
{
    struct walker_grant piece = *g;
    uint64_t offset = 0, said = 0;
    if (g->colours == 0U) {
        say(g);
        return;
    }
    piece.size = PAGE_SIZE;
    for (piece.pa = g->pa; said < g->size; piece.pa += PAGE_SIZE) {
        if (walker_coloured_offset(g, piece.pa, &offset) && offset < g->size) {
            piece.ipa = g->ipa + offset;
            say(&piece);
            said += PAGE_SIZE;
        }
    }
}

static unsigned vm_grants(const struct plan *p, const struct plan_vm *vm, const struct walker_cache *cache,
                          struct walker_grant *grants)
{
    unsigned n = 0;
    for (; n < vm->nr_regions && n < PLAN_MAX_REGIONS; n++) {
        const struct plan_region *r = entry(p, p->regions, sizeof(*r), (size_t)vm->first_region + n);
        grants[n] = (struct walker_grant){
            .ipa = r->ipa,
            .pa = r->pa,
            .size = r->size,
            .read = (r->rights & RIGHT_R) != 0U,
            .write = (r->rights & RIGHT_W) != 0U,
            .execute = (r->rights & RIGHT_X) != 0U,
            .type = r->kind != (uint32_t)PLAN_REGION_DEVICE && r->kind != (uint32_t)PLAN_REGION_SHARED ? WALKER_NORMAL_WB : WALKER_DEVICE,
            .colours = r->colours,
            .cache = cache,
        };
    }
    return n + system_irqc_grants(p, vm, grants + n);
}

static int audit(const struct plan *p, struct pool *pool, const char *name, struct s2_hw hw)
{
    struct walker_grant grants[PLAN_MAX_REGIONS + HV_MAX_CPUS * (1U + PLAN_MAX_CHANNELS)];
    for (unsigned i = 0; i < p->vms.count; i++) {
        const struct plan_vm *vm = entry(p, p->vms, sizeof(*vm), i);
        if (strcmp(vm->name, name) != 0) {
            continue;
        }
        struct walker_cache cache = system_cache(p);
        unsigned n = vm_grants(p, vm, &cache, grants);
        struct system_tree t = {
            .read = read_pool,
            .ctx = pool,
            .hw = hw,
            .ipa_bits = vm->ipa_bits,
            .vmid = i + 1U,
            .tables_base = pool->page[0],
            .tables_size = pool->page[p->pool_pages - 1U] + PAGE_SIZE - pool->page[0],
        };
        if (!system_walk(&t, grants, n)) {
            printf("%s: %s\n", name, t.error);
            return 1;
        }
        printf("%s: %lu pages of tables grant exactly the plan's %u regions\n", name, t.tables, n);
        for (unsigned k = 0; k < n; k++) {
            say_all(&grants[k]);
        }
        return 0;
    }
    fprintf(stderr, "s2audit: the plan has no VM %s\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    struct file image;
    static struct pool pool;
    if (argc != 6) {
        fprintf(stderr, "usage: s2audit IMAGE POOL VM CTRL BASE\n");
        return 2;
    }
    if (!read_file(argv[1], &image) || !read_file(argv[2], &pool.file)) {
        fprintf(stderr, "s2audit: %s or %s cannot be read\n", argv[1], argv[2]);
        return 2;
    }
    const struct plan *p = find_plan(&image);
    if (p == NULL || pool.file.size != p->pool_pages * PAGE_SIZE || p->pool_pages > REGION_PAGES || !find_pages(p, &pool)) {
        fprintf(stderr, "s2audit: no plan in %s, or %s is not its pool\n", argv[1], argv[2]);
        return 2;
    }
    struct s2_hw hw = {.ctrl = strtoull(argv[4], NULL, 0), .base = strtoull(argv[5], NULL, 0)};
    return audit(p, &pool, argv[3], hw);
}
