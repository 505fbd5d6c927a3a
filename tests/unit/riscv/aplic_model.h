/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference model of one interrupt domain of an APLIC in MSI delivery mode, written from AIA 1.0 chapter 4, one source
 * at a time and with nothing of hv/ in it. Tests use it twice: as the domain that a guest must see, and as the
 * machine's own.
 *
 * Where the specification leaves a choice: a write of sourcecfg makes a level-sensitive source pending whose rectified
 * input is high, and no other; an edge is seen only between two levels of the wire; target is zero when a source
 * becomes active; what `reaches` refuses is not sent and stays pending.
 */
#ifndef TESTS_UNIT_RISCV_APLIC_MODEL_H
#define TESTS_UNIT_RISCV_APLIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_SOURCES 1024U

struct model_source {
    bool exists, wire, pending, enabled;
    unsigned mode;
    uint32_t target;
};

struct aplic_model {
    struct model_source s[MODEL_SOURCES];
    bool ie;
    uint32_t guest_field; /* bits of target that are Guest Index here; 0: read-only zero */
    bool (*reaches)(const struct aplic_model *m, uint32_t target);
    void (*msi)(struct aplic_model *m, unsigned source, uint32_t target);
    unsigned user;        /* for the two above */
};

/* Bits 31:0 at an offset of the control region; accesses that are not of 4 aligned bytes read zero and are ignored. */
uint32_t aplic_model_read(const struct aplic_model *m, uint64_t offset, unsigned size);
void aplic_model_write(struct aplic_model *m, uint64_t offset, unsigned size, uint32_t val);
void aplic_model_wire(struct aplic_model *m, unsigned source, bool level);
bool aplic_model_input(const struct model_source *s);
/* Reset: no source is active. The wires are as they were. */
void aplic_model_reset(struct aplic_model *m);

#endif
