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
    uint64_t colours;                 /* 0: contiguous from pa on */
    const struct walker_cache *cache; /* of these colours */
};

/* The last-level cache: bit n of an address's colour is bit n of its number of units, exclusive or the parity of what hash[n]
 * has of it. */
struct walker_cache {
    uint64_t unit, colours;
    uint64_t hash[6];
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

/* How far into coloured memory a physical address is, by counting: units before it in whole periods, each of which has each
 * colour once, then the colours below its own. False if it is of another colour. */
static inline bool walker_coloured_offset(const struct walker_grant *g, uint64_t pa, uint64_t *offset)
{
    const struct walker_cache *cache = g->cache;
    uint64_t colour = pa / cache->unit % cache->colours, mine = 0, below = 0;
    for (unsigned n = 0; n < 6U; n++) {
        colour ^= (uint64_t)__builtin_parityll(pa & cache->hash[n]) << n;
    }
    for (uint64_t c = 0; c < cache->colours; c++) {
        mine += (g->colours >> c) & 1U;
        below += c < colour ? (g->colours >> c) & 1U : 0U;
    }
    *offset = ((pa - g->pa) / (cache->unit * cache->colours) * mine + below) * cache->unit + pa % cache->unit;
    return pa >= g->pa && ((g->colours >> colour) & 1U) != 0U;
}

/* True if the page is what the grant has at that address. */
static inline bool walker_is_at(const struct walker_grant *g, uint64_t ipa, uint64_t pa)
{
    uint64_t offset = pa - g->pa;
    return (g->colours == 0U || walker_coloured_offset(g, pa, &offset)) && offset == ipa - g->ipa;
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
        if (!walker_is_at(g, ipa, pa)) {
            return walker_wrong(c->error, "IPA 0x%lx reaches PA 0x%lx, which is not at 0x%lx of the grant at 0x%lx", ipa, pa,
                                ipa - g->ipa, g->pa);
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
        piece = g->colours != 0U && piece > 4096U ? 4096U : piece;
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
