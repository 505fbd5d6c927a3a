/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a translation table in a row: the stores of mmu.pte_fill, for every ISA, and those into a table that nobody walks yet. */
#ifndef HV_LIB_PTE_RUN_H
#define HV_LIB_PTE_RUN_H

#include <stdint.h>

#define PTE_EIGHT 8U

/*
 * Eight in a turn, since all of a VM's memory goes through here at boot; by hand, for in link-time optimisation the compiler forgets that it
 * was told to unroll. Not volatile, so that Armv8 stores two by one instruction, each of which is single-copy atomic by itself as any
 * aligned doubleword is (DDI 0487 B2.2.1; RISC-V unprivileged, RVWMO: 17.1).
 */
static inline void pte_run(uint64_t *to, uint64_t first, uint64_t step, uint64_t n)
{
    uint64_t pte = first;
    uint64_t i = 0;

    for (; n - i >= PTE_EIGHT; i += PTE_EIGHT) {
        uint64_t *t = &to[i];

        t[0] = pte;
        pte += step;
        t[1] = pte;
        pte += step;
        t[2] = pte;
        pte += step;
        t[3] = pte;
        pte += step;
        t[4] = pte;
        pte += step;
        t[5] = pte;
        pte += step;
        t[6] = pte;
        pte += step;
        t[7] = pte;
        pte += step;
    }
    for (; i < n; i++) {
        to[i] = pte;
        pte += step;
    }
}

#endif
