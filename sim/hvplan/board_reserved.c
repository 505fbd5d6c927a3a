/* SPDX-License-Identifier: Apache-2.0 */
/* RAM that the board's tree reserves (Devicetree Specification 3.5, 5.3): nobody gets it. What is given to anybody begins at the
 * load address and has no gap, so the RAM of this version ends where the first such range behind it begins. */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>

static void leave(struct board_reader *c, const char *path, struct reg_range r)
{
    struct board_facts *b = c->b;
    uint64_t ram_end = b->ram_base + b->ram_size;
    uint64_t start = align_down(r.base, PAGE_SIZE);

    if (ranges_overlap(r.base, r.size, b->load_base, HV_REGION_SIZE)) {
        board_error(c, path,
                    arena_printf(c->a, "reserves memory at 0x%" PRIx64 " where the hypervisor is loaded, at 0x%" PRIx64
                                 "; give a board tree without it",
                                 r.base, b->load_base));
    } else if (start > b->load_base && start < ram_end) {
        b->ram_unused += ram_end - start;
        b->ram_size = start - b->ram_base;
    }
}

static void leave_node(struct board_reader *c, int node)
{
    struct reg_range reg[MAX_DEVICE_REGS];
    const char *path = node_path(c->a, c->b->fdt, node);
    int n = device_regs(c->b->fdt, node, reg, MAX_DEVICE_REGS);

    if (n < 0) {
        board_error(c, path, "reserves memory, but has no usable reg; the board's tree is damaged");
    }
    for (int i = 0; i < n; i++) {
        leave(c, path, reg[i]);
    }
}

void board_reserved(struct board_reader *c)
{
    const void *fdt = c->b->fdt;
    int all = fdt_path_offset(fdt, "/reserved-memory");
    int node;

    for (int i = 0; i < fdt_num_mem_rsv(fdt); i++) {
        struct reg_range r;

        if (fdt_get_mem_rsv(fdt, i, &r.base, &r.size) == 0 && range_ok(r.base, r.size)) {
            leave(c, "/", r);
        }
    }
    if (all < 0) {
        return;
    }
    fdt_for_each_subnode(node, fdt, all)
    {
        /* Without reg it is a wish: whoever runs there places it in its own memory. */
        if (node_enabled(fdt, node) && fdt_getprop(fdt, node, "reg", NULL) != NULL) {
            leave_node(c, node);
        }
    }
}
