/* SPDX-License-Identifier: Apache-2.0 */
/* What a VM's memory must leave alone in the guest's addresses. */
#include "hvplan.h"

#include <inttypes.h>

static const char *address_prop(const struct vm *v, const struct ram *m)
{
    return m->region != NULL || v->sys->has_ram ? "memory-address" : "memory";
}

/* True, and said, if the memory covers a byte of [base, base + size). */
static bool covers(struct run *r, const struct vm *v, const struct ram *m, const char *what, uint64_t base, uint64_t size)
{
    if (!ranges_overlap(m->ipa, m->size, base, size)) {
        return false;
    }
    ram_error(r, v, m, address_prop(v, m),
              "%s, %s from 0x%" PRIx64 ", overlaps %s at 0x%" PRIx64 "; write another memory-address, or less memory",
              ram_name(&r->arena, m), size_text(&r->arena, m->size), m->ipa, what, base);
    return true;
}

/* The first clash is told. */
static void check_clashes(struct run *r, const struct vm *v, unsigned k)
{
    const struct board_facts *b = &r->board;
    const struct ram *m = &v->ram[k];
    bool told = v->shared && covers(r, v, m, "the VM's emulated console", b->console_base, PAGE_SIZE);

    for (unsigned i = 0; i < k && !told; i++) {
        told = covers(r, v, m, ram_name(&r->arena, &v->ram[i]), v->ram[i].ipa, v->ram[i].size);
    }
    for (unsigned i = 0; i < 2U && !told; i++) {
        told = b->irqc_size[i] != 0U &&
               covers(r, v, m, "the VM's interrupt controller", b->irqc_base[i], b->irqc_size[i]);
    }
    for (unsigned i = 0; i < v->nr_devices; i++) {
        for (unsigned q = 0; q < v->dev[i].nr_regs && !told; q++) {
            told = covers(r, v, m, v->dev[i].path, v->dev[i].reg[q].base, v->dev[i].reg[q].size);
        }
    }
}

/* Also keeps the sum over all VMs from wrapping. */
static bool has_space(struct run *r, const struct vm *v, const struct ram *m)
{
    if (m->ipa < IPA_LIMIT && m->size <= IPA_LIMIT - m->ipa) {
        return true;
    }
    ram_error(r, v, m, m->ipa >= IPA_LIMIT ? "memory-address" : "memory",
              "%s at 0x%" PRIx64 " reaches beyond 1 TiB of guest addresses; give less, or start lower",
              size_text(&r->arena, m->size), m->ipa);
    return false;
}

void layout_check(struct run *r, const struct vm *v)
{
    bool good = true;

    for (unsigned i = 0; i < v->nr_ram; i++) {
        good = has_space(r, v, &v->ram[i]) && good;
    }
    for (unsigned i = 0; good && !v->sys->trusted_dma && i < v->nr_ram; i++) { /* else it is the board's RAM, where nothing else is */
        check_clashes(r, v, i);
    }
}
