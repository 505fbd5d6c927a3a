/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <inttypes.h>
#include <libfdt.h>

void tree_note(struct tree *t, int rc)
{
    if (t->err == 0 && rc < 0) {
        t->err = rc;
    }
}

void tree_begin(struct tree *t, const char *name)
{
    tree_note(t, fdt_begin_node(t->fdt, name));
}

void tree_end(struct tree *t)
{
    tree_note(t, fdt_end_node(t->fdt));
}

void tree_cells(struct tree *t, const char *prop, unsigned n, const uint32_t *value)
{
    fdt32_t raw[64];

    for (unsigned i = 0; i < n; i++) {
        raw[i] = cpu_to_fdt32(value[i]);
    }
    tree_note(t, fdt_property(t->fdt, prop, raw, (int)n * 4));
}

void tree_cell(struct tree *t, const char *prop, uint32_t value)
{
    tree_cells(t, prop, 1, &value);
}

void tree_string(struct tree *t, const char *prop, const char *value)
{
    tree_note(t, fdt_property_string(t->fdt, prop, value));
}

void tree_bytes(struct tree *t, const char *prop, const void *value, size_t n)
{
    tree_note(t, fdt_property(t->fdt, prop, value, (int)n));
}

void tree_flag(struct tree *t, const char *prop)
{
    tree_note(t, fdt_property(t->fdt, prop, NULL, 0));
}

void tree_reg(struct tree *t, unsigned n, const struct reg_range *range)
{
    uint32_t value[4U * TREE_MAX_REGS];

    for (unsigned i = 0; i < n; i++) {
        value[4U * i] = (uint32_t)(range[i].base >> 32);
        value[4U * i + 1U] = (uint32_t)range[i].base;
        value[4U * i + 2U] = (uint32_t)(range[i].size >> 32);
        value[4U * i + 3U] = (uint32_t)range[i].size;
    }
    tree_cells(t, "reg", 4U * n, value);
}

const char *tree_named(struct tree *t, const char *base, uint64_t address)
{
    return arena_printf(&t->r->arena, "%s@%" PRIx64, base, address);
}

void tree_copy_prop(struct tree *t, int node, const char *prop)
{
    int len = 0;
    const void *value = fdt_getprop(t->r->board.fdt, node, prop, &len);

    if (value != NULL) {
        tree_note(t, fdt_property(t->fdt, prop, value, len));
    }
}
