/* SPDX-License-Identifier: Apache-2.0 */
/* PURE: see own_fault.h. */
#include "arch/riscv/own_fault.h"

#define INTERRUPT ((uint64_t)1 << 63)
#define CAUSES    20U

const char *own_fault_text(uint64_t scause, bool guard)
{
    static const char *const texts[CAUSES] = {
        [0] = "unaligned PC",
        [1] = "fetch of what does not answer",
        [2] = "undefined instruction",
        [3] = "breakpoint instruction",
        [4] = "unaligned read",
        [5] = "read of what does not answer",
        [6] = "unaligned write",
        [7] = "write to what does not answer",
        [12] = "execution of what is not code",
        [13] = "read of an address that is not mapped",
        [15] = "write to an address that is not mapped, or is read-only",
        [19] = "hardware error",
    };

    if ((scause & INTERRUPT) != 0U) {
        return "interrupt while interrupts are masked";
    }
    if (guard && (scause == 13U || scause == 15U)) {
        return "stack overflow";
    }
    return scause < CAUSES && texts[scause] != NULL ? texts[scause] : "exception";
}
