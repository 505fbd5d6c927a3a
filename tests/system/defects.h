/* SPDX-License-Identifier: Apache-2.0 */
/* Interference with the victim (three_vms.h), done on purpose: what test_noninterference.c has to find. */
#ifndef TESTS_DEFECTS_H
#define TESTS_DEFECTS_H

#include <stdbool.h>

#include "three_vms.h"

struct defect {
    const char *name;
    /* on one of the attacker's CPUs, at any of its operations; false: it could not be done just now */
    bool (*act)(void);
};

/* How many there are, and each. */
unsigned defects(void);
const struct defect *defect(unsigned n);

/* <isa>/defects_isa.c: those of the interrupt controller and the UART's registers. */
extern const struct defect defects_isa[];
extern const unsigned nr_defects_isa;

/* The VM to interfere with. */
static inline unsigned defect_victim(void)
{
    return three_roles[VICTIM].index;
}

#endif
