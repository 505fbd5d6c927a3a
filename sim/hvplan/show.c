/* SPDX-License-Identifier: Apache-2.0 */
/* `hvplan show`: what the plan gives to whom, where it lies, and what that costs, as text. */
#include "map.h"

#include <inttypes.h>
#include <libfdt.h>

static void show_ranges(const struct run *r, FILE *f, const char *title, unsigned n, const struct map_range *t, bool devices)
{
    fprintf(f, "\n%s\n", title);
    for (unsigned i = 0; i < n; i++) {
        fprintf(f, "  0x%010" PRIx64 "-0x%010" PRIx64 "  ", t[i].base, t[i].base + (t[i].size - 1U));
        if (devices) {
            fprintf(f, "%s: %s%s%s%s\n", map_owner(r, t[i].owner), t[i].text, t[i].irqs[0] != '\0' ? " (" : "", t[i].irqs,
                    t[i].irqs[0] != '\0' ? ")" : "");
        } else {
            fprintf(f, "%s\n", t[i].text);
        }
    }
}

/* A row of all colours for each VM, and one for the hypervisor. */
static void show_colours(struct run *r, FILE *f)
{
    const struct plan_llc *l = &r->llc;

    if (l->size == 0U) {
        return;
    }
    fprintf(f, "\ncolours: %" PRIu32 ", of %s of the cache each, and of %s in", l->colours, size_text(&r->arena, l->size / l->colours),
            size_text(&r->arena, l->size / l->ways / l->colours));
    fprintf(f, " each %s of memory\n", size_text(&r->arena, l->size / l->ways));
    for (unsigned i = 0; i <= r->nr_vms; i++) {
        const struct vm *v = i < r->nr_vms ? &r->vm[i] : NULL;
        uint64_t mask = colours_of(r, v);

        fprintf(f, "  %-16s", v != NULL ? v->sys->name : "hypervisor");
        for (uint32_t c = 0; c < l->colours; c++) {
            fputc((mask >> c & 1U) != 0U ? '#' : '.', f);
        }
        fprintf(f, "  %s\n", colours_text(&r->arena, mask));
    }
}

static void show_cpus(const struct run *r, FILE *f, const struct map *m)
{
    fprintf(f, "\ncpus\n");
    for (uint32_t i = 0; i < r->board.nr_cpus; i++) {
        fprintf(f, "  cpu %" PRIu32 " (0x%" PRIx64 "): ", i, r->board.cpu[i].hw_id);
        if (m->cpu[i].owner >= 0) {
            fprintf(f, "%s vcpu %" PRIu32, map_owner(r, m->cpu[i].owner), m->cpu[i].vcpu);
        } else {
            fprintf(f, "nobody");
        }
        fprintf(f, "%s\n", m->cpu[i].console ? ", serves the console" : "");
    }
}

static void show_irqs(const struct run *r, FILE *f, const struct map *m)
{
    fprintf(f, "\ninterrupts\n");
    for (unsigned i = 0; i < m->nr_irqs; i++) {
        fprintf(f, "  %s %" PRIu32 "  %s: %s\n", map_irq_word(r), m->irqs[i].number, map_owner(r, m->irqs[i].owner), m->irqs[i].text);
    }
}

/* What could still be given to a VM. */
static void show_free(struct run *r, FILE *f)
{
    fprintf(f, "\ndevices that nobody has\n");
    for (int node = fdt_next_node(r->board.fdt, 0, NULL); node >= 0; node = fdt_next_node(r->board.fdt, node, NULL)) {
        struct device d;
        bool dma = device_read(&r->arena, &r->board, node, false, &d) != NULL;

        if ((!dma || device_read(&r->arena, &r->board, node, true, &d) == NULL) && !device_taken(r, node)) {
            fprintf(f, "  %s%s\n", d.path, dma ? " (with trusted-dma)" : "");
        }
    }
}

/* Files as they were found, and what they were taken for. */
static void show_files(const struct run *r, FILE *f)
{
    fprintf(f, "\nimages\n");
    for (unsigned i = 0; i < r->nr_vms; i++) {
        const struct vm *v = &r->vm[i];

        fprintf(f, "  %s: %s, %s of %zu bytes, at IPA 0x%" PRIx64 ", entry 0x%" PRIx64 "\n", v->sys->name, v->image_path,
                v->linux_header ? "with the header of a Linux Image," : "a raw program", v->image.size, v->piece[0].ipa, v->entry);
        if (v->initrd.data != NULL) {
            fprintf(f, "  %s: %s, initrd of %zu bytes, at IPA 0x%" PRIx64 "\n", v->sys->name, v->initrd_path, v->initrd.size, v->initrd_ipa);
        }
        if (v->dtb_ipa != 0U) {
            fprintf(f, "  %s: device tree of %zu bytes, at IPA 0x%" PRIx64 ", console %s\n", v->sys->name, v->dtb.size, v->dtb_ipa,
                    v->shared ? "shared" : v->console >= 0 ? v->dev[v->console].path : "none");
        }
    }
}

static uint64_t image_bytes(const struct vm *v)
{
    uint64_t bytes = 0;

    for (unsigned k = 0; k < v->nr_pieces; k++) {
        bytes += v->piece[k].size;
    }
    return bytes;
}

/* What the boot path does with memory. Images lie in their places already. */
static void show_boot(struct run *r, FILE *f)
{
    const struct plan *p = r->plan;

    fprintf(f, "\nat boot\n");
    fprintf(f, "  hypervisor: %" PRIu64 " bytes of itself and its plan are checksummed, %" PRIu64 " bytes zeroed at most\n",
            p->hv_image_size + p->length, p->hv_mem_size - p->hv_image_size);
    for (uint32_t i = 0; i < p->vms.count; i++) {
        const struct vm *v = &r->vm[i];
        uint64_t n = plan_s2_pages(p, i);

        fprintf(f, "  %s: %" PRIu64 " page-table pages (%" PRIu64 " bytes) zeroed and filled; 0 bytes of RAM copied, 0 zeroed, %" PRIu64
                   " checksummed\n",
                v->sys->name, n, n * PAGE_SIZE, v->sys->check_image ? image_bytes(v) : 0U);
        if (vm_restarts(v->sys)) {
            fprintf(f, "  %s, at each restart: %" PRIu64 " bytes of RAM zeroed, %" PRIu64 " of them then copied from pristine images\n",
                    v->sys->name, ram_bytes(v), image_bytes(v));
        }
    }
}

/* The sum of 32 words, a turn of its loop (hv/core/plan_sum.c): on Armv8 16 loads of two and as many multiply-adds as words, on RISC-V
 * a load, a multiplication and an addition each. */
static uint64_t sum_instructions(const struct plan *p, uint64_t bytes)
{
    uint64_t turn = p->isa == (uint32_t)PLAN_ISA_RISCV ? 32U * 3U + 2U : 16U + 32U + 3U;

    return bytes / 8U * turn / 32U;
}

static void show_costs(struct run *r, FILE *f, const struct map *m)
{
    const struct plan *p = r->plan;
    uint64_t pages = 0;

    fprintf(f, "\ncosts\n");
    for (uint32_t i = 0; i < p->vms.count; i++) {
        uint64_t n = plan_s2_pages(p, i);

        pages += n;
        fprintf(f, "  %s: %" PRIu64 " page-table pages", r->vm[i].sys->name, n);
        if (r->vm[i].sys->check_image) {
            fprintf(f, "; check-image takes about %" PRIu64 " instructions at boot", sum_instructions(p, image_bytes(&r->vm[i])));
        }
        if (r->vm[i].pristine_size != 0U) {
            fprintf(f, "; pristine copies take %s", size_text(&r->arena, r->vm[i].pristine_size));
        }
        fputc('\n', f);
    }
    fprintf(f, "  page tables: %" PRIu64 " of %" PRIu64 " pages used\n", pages, p->pool_pages);
    fprintf(f, "  hypervisor, for so many CPUs and VMs: %s\n", size_text(&r->arena, plan_own_pages(p) * PAGE_SIZE));
    fprintf(f, "  plan: %" PRIu32 " bytes of %" PRIu64 "; file: %s\n", p->length, PLAN_MAX_BYTES,
            size_text(&r->arena, r->file_size));
    fprintf(f, "  RAM left: %s of %s\n", size_text(&r->arena, m->ram_left), size_text(&r->arena, r->board.ram_size));
    if (r->board.ram_unused != 0U) {
        fprintf(f, "  %s of the board's RAM are in other banks or behind what its tree reserves, and not used by this version\n",
                size_text(&r->arena, r->board.ram_unused));
    }
}

void show(struct run *r, FILE *f)
{
    struct map m;

    map_make(r, &m);
    fputs(r->log != NULL ? r->log : log_text_render(r), f);
    show_files(r, f);
    show_ranges(r, f, "memory", m.nr_memory, m.memory, false);
    show_colours(r, f);
    show_cpus(r, f, &m);
    show_ranges(r, f, "devices", m.nr_devices, m.devices, true);
    show_irqs(r, f, &m);
    show_free(r, f);
    show_boot(r, f);
    show_costs(r, f, &m);
}
