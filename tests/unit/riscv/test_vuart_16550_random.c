/* SPDX-License-Identifier: Apache-2.0 */
/* Random accesses to the emulated 16550A compared with a reference model. VUART_16550_SEED=n runs that seed alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "seeds.h"
#include "vdev/vuart.h"
#include "vuart_16550_model.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR };
#define FCR IIR

static struct vuart u;
static uint64_t rng;

static unsigned rnd(unsigned n)
{
    rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(rng >> 33) % n;
}

static uint32_t any_offset(void)
{
    static const uint32_t often[] = { RBR, RBR, RBR, IIR, IIR, IER, LSR, MSR };
    switch (rnd(12)) {
    case 0:
        return rnd(VUART_SIZE);
    case 1:
    case 2:
    case 3:
    case 4:
        return rnd(8);
    default:
        return often[rnd(ARRAY_SIZE(often))];
    }
}

/* DLAB, loop-back and FIFOs off are states that a guest leaves again. */
static uint64_t any_value(uint32_t off)
{
    unsigned c = rnd(256);
    if ((off == LCR && rnd(8) != 0U) || (off == MCR && rnd(2) != 0U)) {
        c &= 0x0fU;
    } else if (off == FCR && rnd(4) != 0U) {
        c = (c & 0xc8U) | 1U;
    }
    return rnd(2) != 0U ? c : ((uint64_t)rnd(1U << 24) << 40) | ((uint64_t)rnd(1U << 24) << 8) | c;
}

static void compare_step(struct vuart_16550_model *m, uint64_t seed, unsigned step)
{
    uint32_t off = any_offset();
    unsigned size = rnd(2) != 0U ? 1U : 1U << rnd(4);
    uint64_t val = any_value(off);
    unsigned kind = rnd(7);
    if (kind < 2U) {
        vuart_access(&u, off, size, true, &val);
        vuart_16550_model_write(m, off, size, val);
    } else if (kind < 4U) {
        uint64_t want = vuart_16550_model_read(m, off, size);
        vuart_access(&u, off, size, false, &val);
        if (val != want) {
            fail_msg("seed %lu step %u: 0x%x (%u bytes) reads 0x%lx, not 0x%lx", seed, step, off, size, val, want);
        }
    } else {
        vuart_receive(&u, (uint8_t)val);
        vuart_16550_model_arrive(m, (uint8_t)val);
        return;
    }
    if (u.nr_out != (unsigned)m->nsent || memcmp(u.out, m->sent, u.nr_out) != 0) {
        fail_msg("seed %lu step %u: offset 0x%x sent %u characters, not %d", seed, step, off, u.nr_out, m->nsent);
    }
}

static void random_accesses_agree_with_the_reference_model(void **state)
{
    struct seeds s = seeds_of("VUART_16550", 200);
    (void)state;
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        struct vuart_16550_model m;
        vuart_reset(&u);
        vuart_16550_model_reset(&m);
        rng = seed;
        for (unsigned step = 0; step < 3000U; step++) {
            compare_step(&m, seed, step);
            if (vuart_line(&u) != vuart_16550_model_interrupt(&m) ||
                (int)vuart_room(&u) != vuart_16550_model_room(&m) || u.rx.first >= VUART_FIFO) {
                fail_msg("seed %lu step %u: interrupt %d, room %u", seed, step, vuart_line(&u), vuart_room(&u));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_accesses_agree_with_the_reference_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
