/* SPDX-License-Identifier: Apache-2.0 */
#include "core/exits.h"

#include "core/log.h"
#include "lib/fmt.h"
#include "lib/string.h"

/* With "..." and "vm NAME: vcpu N exits:" of the longest name no more than a line of the log takes. */
#define COUNTS_BYTES 123U

static const struct {
    const char *name;
    enum exit_kind kind;
} reasons[EXITS_REASONS] = {
    [0] = {"irq", EXIT_IRQ},       [1] = {"hypercall", EXIT_HYPERCALL}, [2] = {"firmware", EXIT_FIRMWARE},
    [3] = {"mmio", EXIT_MMIO},     [4] = {"fault", EXIT_FAULT},         [5] = {"sysreg", EXIT_SYSREG},
    [6] = {"wfx", EXIT_WFX},       [7] = {"undef", EXIT_UNDEF},         [8] = {"serror", EXIT_SERROR},
};
_Static_assert((unsigned)EXIT_KINDS == EXITS_REASONS, "a new kind of exit needs a number of its own");

enum exits_answer exits_of(const struct vm *vm, uint64_t vcpu, uint64_t reason, uint64_t *count)
{
    if (vcpu >= vm->nr_vcpus) {
        return EXITS_NO_VCPU;
    }
    if (reason >= EXITS_REASONS) {
        return EXITS_NO_REASON;
    }
    *count = counter64_read(&vm->vcpus[vcpu].exits[reasons[reason].kind]);
    return EXITS_OK;
}

void exits_log(const struct vcpu *v)
{
    static const char more[] = " ...";
    char counts[COUNTS_BYTES + sizeof(more)];
    size_t len = 0;
    counts[0] = '\0';
    for (unsigned i = 0; i < EXITS_REASONS; i++) {
        uint64_t n = counter64_read(&v->exits[reasons[i].kind]);
        size_t taken = n != 0U ? fmt_count(&counts[len], COUNTS_BYTES - len, reasons[i].name, n) : 0U;
        if (n != 0U && taken == 0U) { /* half a number would be another number */
            mem_copy(&counts[len], more, sizeof(more));
            break;
        }
        len += taken;
    }
    log_line("vm %s: vcpu %u exits:%s", v->vm->name, v->index, counts);
}
