/* SPDX-License-Identifier: Apache-2.0 */
/* What a VM was given, and the leaves of its tables held against it: what the walkers of all instruction sets have in
 * common. */
#ifndef TESTS_WALKER_GRANTS_H
#define TESTS_WALKER_GRANTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WALKER_MAX_GRANTS 128U
#define WALKER_ERROR      256U

enum walker_type { WALKER_NORMAL_WB = 0, WALKER_DEVICE };

/* Nothing else may be reachable, and this with exactly these rights. */
struct walker_grant {
    uint64_t ipa, pa, size;
    bool read, write, execute;
    enum walker_type type;
};

/* Reads the 64-bit word at a physical address; false if there is no memory there. */
typedef bool (*walker_read)(void *ctx, uint64_t pa, uint64_t *word);

/* One audit: how much of each grant was found. Grants must not overlap. */
struct walker_cover {
    const struct walker_grant *grants;
    unsigned n;
    uint64_t covered[WALKER_MAX_GRANTS];
    char *error; /* WALKER_ERROR bytes */
};

/* False, with the reason in error. */
__attribute__((format(printf, 2, 3))) static inline bool walker_wrong(char *error, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(error, WALKER_ERROR, fmt, ap);
    va_end(ap);
    return false;
}

static inline uint64_t walker_field(uint64_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2ULL << (high - low)) - 1U);
}

/* One leaf against the grants: every byte of it must lie in one, at the right place, with the right rights. */
static inline bool walker_cover_leaf(struct walker_cover *c, uint64_t ipa, uint64_t pa, uint64_t size,
                                     const struct walker_grant *have)
{
    while (size != 0U) {
        unsigned i = 0;
        while (i < c->n && !(ipa >= c->grants[i].ipa && ipa - c->grants[i].ipa < c->grants[i].size)) {
            i++;
        }
        if (i == c->n) {
            return walker_wrong(c->error, "IPA 0x%lx reaches PA 0x%lx, which is not granted", ipa, pa);
        }
        const struct walker_grant *g = &c->grants[i];
        if (pa - g->pa != ipa - g->ipa) {
            return walker_wrong(c->error, "IPA 0x%lx reaches PA 0x%lx instead of 0x%lx", ipa, pa,
                                g->pa + (ipa - g->ipa));
        }
        if (have->read != g->read || have->write != g->write || have->execute != g->execute) {
            return walker_wrong(c->error, "IPA 0x%lx: rights r%d w%d x%d instead of r%d w%d x%d", ipa, have->read,
                                have->write, have->execute, g->read, g->write, g->execute);
        }
        if (have->type != g->type) {
            return walker_wrong(c->error, "IPA 0x%lx: memory type %d instead of %d", ipa, have->type, g->type);
        }
        uint64_t left = g->size - (ipa - g->ipa);
        uint64_t piece = left < size ? left : size;
        c->covered[i] += piece;
        ipa += piece;
        pa += piece;
        size -= piece;
    }
    return true;
}

/* After all leaves: every grant was found whole. */
static inline bool walker_cover_all(struct walker_cover *c)
{
    for (unsigned i = 0; i < c->n; i++) {
        if (c->covered[i] != c->grants[i].size) {
            return walker_wrong(c->error, "grant at IPA 0x%lx: 0x%lx of 0x%lx bytes reachable", c->grants[i].ipa,
                                c->covered[i], c->grants[i].size);
        }
    }
    return true;
}

#endif
