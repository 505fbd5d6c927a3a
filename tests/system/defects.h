/* SPDX-License-Identifier: Apache-2.0 */
/* Interference with the victim (three_vms.h), done on purpose: what test_noninterference.c has to find. */
#ifndef TESTS_DEFECTS_H
#define TESTS_DEFECTS_H

#include <stdbool.h>

struct defect {
    const char *name;
    bool (*act)(void); /* on one of the attacker's CPUs, at any of its operations; false: it could not be done just now */
};

extern const struct defect defects[];
extern const unsigned nr_defects;

#endif
