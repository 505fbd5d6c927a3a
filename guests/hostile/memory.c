/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is somebody else's: read, written, executed, and by accesses that nobody can emulate. */
#include "hostile.h"

void attack_read(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned size = 1; size <= 8U; size *= 2U) {
            fact(self, "read", a, try_read(a, size));
        }
    }
}

void attack_write(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned size = 1; size <= 8U; size *= 2U) {
            fact(self, "write", a, try_write(a, size, PATTERN));
        }
    }
}

/* The harness sees to it that a return instruction lies there, so that a fetch that succeeds comes back. */
void attack_fetch(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        fact(self, "fetch", a, try_fetch(a));
    }
}

void attack_odd(const struct attack *self)
{
    uint64_t a = 0;
    uint64_t (*fn)(uint64_t a) = NULL;
    const char *name = NULL;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (unsigned i = 0; (name = odd_access(i, &fn)) != NULL; i++) {
            fact(self, name, a, try_call(fn, a));
        }
    }
}

/* ---- These do not come back. ---- */

/* The vectors are somebody else's, and then a fault. */
void attack_novectors(const struct attack *self)
{
    uint64_t a = 0;
    (void)address(self->list, 0, &a);
    print("hostile: %s: now\n", self->name);
    set_vectors(a & ~0x7ffULL);
    ((void (*)(void))(uintptr_t)(a & ~0xfffU))();
    print("hostile: %s: still here\n", self->name);
}
