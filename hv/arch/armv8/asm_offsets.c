/* SPDX-License-Identifier: Apache-2.0 */
/* Never linked: its assembly output tells the vectors how struct vcpu_regs is laid out. */
#include "hv/board.h"
#include "hv/exit.h"
#include "hv/regs.h"

#define EMIT(name, value) __asm__ volatile("\n->" #name " %0" : : "i"(value))

void asm_offsets(void);

void asm_offsets(void)
{
    EMIT(REGS_X, offsetof(struct vcpu_regs, x));
    EMIT(REGS_PC, offsetof(struct vcpu_regs, pc));
    EMIT(REGS_PSTATE, offsetof(struct vcpu_regs, pstate));
    EMIT(BOARD_CONSOLE_BASE, offsetof(struct board, console_base));
    EMIT(BOARD_LOAD_BASE, offsetof(struct board, load_base));
    EMIT(SRC_SYNC, EXIT_SRC_SYNC);
    EMIT(SRC_IRQ, EXIT_SRC_IRQ);
    EMIT(SRC_FIQ, EXIT_SRC_FIQ);
    EMIT(SRC_SERROR, EXIT_SRC_SERROR);
}

_Static_assert(offsetof(struct vcpu_regs, pstate) == offsetof(struct vcpu_regs, pc) + 8, "saved as one pair");
