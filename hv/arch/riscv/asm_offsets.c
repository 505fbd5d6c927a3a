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
    EMIT(BOARD_LOAD_BASE, offsetof(struct board, load_base));
    EMIT(SRC_SYNC, EXIT_SRC_SYNC);
    EMIT(SRC_IRQ, EXIT_SRC_IRQ);
}
