/* SPDX-License-Identifier: Apache-2.0 */
#include "core/exits.h"

#include "core/log.h"
#include "lib/fmt.h"
#include "lib/string.h"

/* With "..." and "vm NAME: vcpu N exits:" of the longest name no more than a line of the log takes. */
#define COUNTS_BYTES 123U

static const char *const names[EXITS_REASONS] = {"irq", "hypercall", "firmware", "mmio", "fault", "sysreg", "wfx", "undef", "serror"};

/* As long as the kinds have the numbers that guests know, they need no table. */
_Static_assert((unsigned)EXIT_KINDS == EXITS_REASONS, "a new kind of exit needs a number of its own");
_Static_assert(EXIT_IRQ == 0 && EXIT_HYPERCALL == 1 && EXIT_FIRMWARE == 2 && EXIT_MMIO == 3 && EXIT_FAULT == 4 && EXIT_SYSREG == 5 &&
                   EXIT_WFX == 6 && EXIT_UNDEF == 7 && EXIT_SERROR == 8,
               "these numbers are fixed for good");

/* Masks for a CPU that goes on with a number before it has compared it: what it then reads is the VM's own. */
#define VCPU_MASK   (VM_MAX_VCPUS - 1U)
#define REASON_MASK 15U
_Static_assert((VM_MAX_VCPUS & VCPU_MASK) == 0U && EXITS_REASONS <= REASON_MASK + 1U, "masks");

enum exits_answer exits_of(const struct vm *vm, uint64_t vcpu, uint64_t reason, uint64_t *count)
{
    if (vcpu >= vm->nr_vcpus) {
        return EXITS_NO_VCPU;
    }
    if (reason >= EXITS_REASONS) {
        return EXITS_NO_REASON;
    }
    *count = counter64_read(&vm->vcpus[vcpu & VCPU_MASK].exits[reason & REASON_MASK]);
    return EXITS_OK;
}

void exits_log(const struct vcpu *v)
{
    static const char more[] = " ...";
    char counts[COUNTS_BYTES + sizeof(more)];
    size_t len = 0;
    counts[0] = '\0';
    for (unsigned i = 0; i < EXITS_REASONS; i++) {
        uint64_t n = counter64_read(&v->exits[i]);
        size_t taken = n != 0U ? fmt_count(&counts[len], COUNTS_BYTES - len, names[i], n) : 0U;
        if (n != 0U && taken == 0U) { /* half a number would be another number */
            mem_copy(&counts[len], more, sizeof(more));
            break;
        }
        len += taken;
    }
    log_line("vm %s: vcpu %u exits:%s", v->vm->name, v->index, counts);
}
