/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference model of a PLIC, from the specification (RISC-V PLIC 1.0.0), source by source. It knows one PLIC with
 * devices at its gateways and harts at its contexts, and nothing of hypervisors.
 */
#ifndef TESTS_UNIT_RISCV_PLIC_MODEL_H
#define TESTS_UNIT_RISCV_PLIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_SOURCES  1024U
#define MODEL_CONTEXTS 8U

struct plic_model {
    unsigned contexts;            /* implemented */
    bool exists[MODEL_SOURCES];
    bool level[MODEL_SOURCES];    /* the device's line */
    bool waiting[MODEL_SOURCES];  /* gateway: for the completion of what it forwarded */
    bool ip[MODEL_SOURCES];
    unsigned priority[MODEL_SOURCES];
    unsigned threshold[MODEL_CONTEXTS];
    bool ie[MODEL_CONTEXTS][MODEL_SOURCES];
};

/* Registers and gateways as at reset; the lines stay. */
void model_reset(struct plic_model *m);
void model_line(struct plic_model *m, unsigned source, bool level);
bool model_eip(const struct plic_model *m, unsigned context);
uint32_t model_read(struct plic_model *m, uint32_t offset, unsigned size);
void model_write(struct plic_model *m, uint32_t offset, unsigned size, uint32_t val);

#endif
