/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's device tree while it is written, front to back. */
#ifndef SIM_HVPLAN_TREE_H
#define SIM_HVPLAN_TREE_H

#include "hvplan.h"

#define TREE_MAX_REGS 24U
#define TREE_BYTES    ((size_t)64 * 1024)
#define IRQC_PHANDLE   1U
#define CLOCK_PHANDLE 2U /* and up */
#define MAX_CLOCKS    16U
#define IMSIC_PHANDLE (CLOCK_PHANDLE + MAX_CLOCKS)
#define INTC_PHANDLE  (IMSIC_PHANDLE + 1U) /* and up: of vCPU 0, 1, ... */

struct tree {
    struct run *r;
    struct vm *v;
    void *fdt;
    int err; /* first libfdt error */
    unsigned nr_clocks;
    uint32_t rate[MAX_CLOCKS];
};

/* The first error of libfdt sticks in t->err; writing on after it is harmless. */
void tree_note(struct tree *t, int rc);
void tree_begin(struct tree *t, const char *name);
void tree_end(struct tree *t);
void tree_cells(struct tree *t, const char *prop, unsigned n, const uint32_t *value); /* n <= 64 */
void tree_cell(struct tree *t, const char *prop, uint32_t value);
void tree_string(struct tree *t, const char *prop, const char *value);
void tree_bytes(struct tree *t, const char *prop, const void *value, size_t n);
void tree_flag(struct tree *t, const char *prop);
void tree_reg(struct tree *t, unsigned n, const struct reg_range *range); /* n <= TREE_MAX_REGS */
const char *tree_named(struct tree *t, const char *base, uint64_t address);
/* A property of a node of the board's tree, if it has it. */
void tree_copy_prop(struct tree *t, int node, const char *prop);

/* What each instruction set has of its own (guest_dtb_<isa>.c): what /cpus and CPU i say besides #address-cells and reg;
 * and at the root interrupt controller, timer and firmware. */
void guest_armv8_cpu(struct tree *t, uint32_t i);
void guest_armv8_add(struct tree *t);
void guest_riscv_cpus(struct tree *t);
void guest_riscv_cpu(struct tree *t, uint32_t i);
void guest_riscv_add(struct tree *t);

/* guest_devices.c */
const char *guest_device_name(struct tree *t, const struct device *dev);
void guest_device_add(struct tree *t, const struct device *dev);
/* `interrupts` of the node at hand, n cells in all. */
void guest_interrupts(struct tree *t, unsigned n, const uint32_t *cells);
/* The emulated UART on the shared console. */
const char *guest_vuart_name(struct tree *t);
void guest_vuart_add(struct tree *t);
void guest_clocks_add(struct tree *t); /* the clocks that the devices before it asked for */

#endif
