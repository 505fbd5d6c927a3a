/* SPDX-License-Identifier: Apache-2.0 */
/* hv/vdev/vidreg_fields.h as a table with names, for tests and tests/boot/vidreg_dump.c. */
#ifndef TESTS_VIDREG_TABLE_H
#define TESTS_VIDREG_TABLE_H

#include <stdint.h>

#include "vdev/vidreg_fields.h"

enum vidreg_policy { VIDREG_GIVE, VIDREG_HIDE, VIDREG_CAP };

struct vidreg_row {
    const char *reg;
    unsigned crm, op2;
    const char *name;
    unsigned shift, width;
    enum vidreg_policy policy;
    uint64_t value;
    const char *why;
};

/* The list's "register index" is here the triple that identifies the register. */
#define VIDREG_TRIPLE(reg, crm, op2) #reg, crm, op2
#define VIDREG_ROW(r, name, shift, width, policy, value, why)                                                \
    {VIDREG_TRIPLE r, #name, shift, width, VIDREG_##policy, value, why},
#define VIDREG_ROWS(reg, crm, op2) VIDREG_##reg(VIDREG_ROW, (reg, crm, op2))

static const struct vidreg_row vidreg_table[] = {VIDREG_LIST(VIDREG_ROWS)};

#endif
