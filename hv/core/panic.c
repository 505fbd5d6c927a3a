/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways the hypervisor itself can end: a failed CHECK, and a fault of its own. Neither can be reached by a guest. */
#include "core/log.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "hv/check.h"

_Noreturn void hv_panic(const char *file, int line, const char *what)
{
    log_last_words("panic: cpu %u: CHECK failed: %s (%s:%u)", arch_ops.cpu.id(), what, file, (unsigned)line);
    for (;;) {
        arch_ops.cpu.halt();
    }
}

_Noreturn void hv_own_fault(const char *cause, uint64_t syndrome, uint64_t pc, uint64_t address)
{
    log_last_words("panic: cpu %u: own fault: %s: syndrome 0x%lx pc 0x%lx address 0x%lx", arch_ops.cpu.id(), cause,
                   syndrome, pc, address);
    for (;;) {
        arch_ops.cpu.halt();
    }
}
