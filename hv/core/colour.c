/* SPDX-License-Identifier: Apache-2.0 */
#include "core/colour.h"

static bool power_of_two(uint64_t v)
{
    return v != 0U && (v & (v - 1U)) == 0U;
}

static unsigned ones(uint64_t v)
{
    unsigned n = 0;
    for (uint64_t left = v; left != 0U; left &= left - 1U) { /* at most 64 turns */
        n++;
    }
    return n;
}

/* The n-th colour of the mask, from 0; it has that many. */
static unsigned nth(uint64_t mask, uint64_t n)
{
    uint64_t left = mask;
    for (uint64_t i = 0; i < n; i++) { /* below LLC_MAX_COLOURS */
        left &= left - 1U;
    }
    return (unsigned)__builtin_ctzll(left);
}

static unsigned parity(uint64_t v)
{
    uint64_t half = v ^ v >> 32;
    uint64_t quarter = half ^ half >> 16;
    uint64_t eighth = quarter ^ quarter >> 8;
    return 0x6996U >> ((eighth ^ eighth >> 4) & 15U) & 1U; /* of each number of four bits */
}

unsigned colour_twist(const struct plan_llc *l, paddr_t pa)
{
    unsigned t = 0;
    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        if (l->hash[n] != 0U) {
            t |= parity(pa.v & l->hash[n]) << n;
        }
    }
    return t;
}

bool colour_hashed(const struct plan_llc *l)
{
    uint64_t any = 0;
    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        any |= l->hash[n];
    }
    return any != 0U;
}

bool colour_llc_ok(const struct plan_llc *l)
{
    if (l->ways == 0U || l->size % l->ways != 0U || !power_of_two(l->size / l->ways) || !power_of_two(l->line) ||
        !power_of_two(l->colours) || l->colours < 2U || l->colours > LLC_MAX_COLOURS || l->reserved != 0U) {
        return false;
    }
    if (l->size / l->ways < l->colours * PAGE_SIZE || l->line > PAGE_SIZE) {
        return false;
    }
    for (unsigned n = 0; n < LLC_COLOUR_BITS; n++) {
        if ((l->hash[n] & (colour_period(l) - 1U)) != 0U || (l->hash[n] != 0U && 1U << n >= l->colours)) {
            return false;
        }
    }
    return true;
}

uint64_t colour_period(const struct plan_llc *l)
{
    return l->size / l->ways;
}

uint64_t colour_unit(const struct plan_llc *l)
{
    return colour_period(l) / l->colours;
}

uint64_t colour_all(const struct plan_llc *l)
{
    return l->colours == LLC_MAX_COLOURS ? ~0ULL : (1ULL << l->colours) - 1U;
}

unsigned colour_of(const struct plan_llc *l, paddr_t pa)
{
    return ((unsigned)(pa.v / colour_unit(l)) & (l->colours - 1U)) ^ colour_twist(l, pa);
}

paddr_t colour_pa(const struct plan_llc *l, paddr_t base, uint64_t mask, uint64_t offset)
{
    uint64_t unit = colour_unit(l);
    uint64_t share = unit * ones(mask);
    uint64_t period = base.v + (offset / share) * colour_period(l);
    unsigned colour = nth(mask, (offset % share) / unit);

    return PA(period + (uint64_t)(colour ^ colour_twist(l, PA(period))) * unit + offset % unit);
}

bool colour_offset(const struct plan_llc *l, paddr_t base, uint64_t mask, paddr_t pa, uint64_t *offset)
{
    unsigned colour = colour_of(l, pa);
    uint64_t unit = colour_unit(l);

    if ((mask >> colour & 1U) == 0U) {
        return false;
    }
    uint64_t periods = (pa.v - base.v) / colour_period(l);
    uint64_t before = ones(mask & ((1ULL << colour) - 1U));

    *offset = (periods * ones(mask) + before) * unit + pa.v % unit;
    return true;
}

uint64_t colour_span(const struct plan_llc *l, uint64_t mask, uint64_t size)
{
    uint64_t share = colour_unit(l) * ones(mask);

    return share == 0U ? 0U : (size + share - 1U) / share * colour_period(l);
}
