/* SPDX-License-Identifier: Apache-2.0 */
/* What is fixed per board at compile time; everything else comes from the plan. One file per board in hv/board/. */
#ifndef HV_BOARD_H
#define HV_BOARD_H

#include "hv/plan.h"

struct board {
    const char *name;       /* as in BOARD=, hvplan and the plan */
    enum plan_isa isa;
    enum plan_irqc irqc;    /* what its ops are for; the plan's must equal it */
    /* Every end of a device's interrupt is to trap, although the interrupt could be linked to the physical one (LR.HW): set
     * where the controller does not look again for what became pending meanwhile when such an end deactivates. */
    bool ends_trap;
    uint64_t console_base;  /* physical base of the console UART */
    uint32_t timebase_hz;   /* RISC-V: of the time CSR; Armv8: 0, CNTFRQ_EL0 tells */
    uint64_t load_base;     /* where the loader must put the image */
};

extern const struct board board;

#endif
