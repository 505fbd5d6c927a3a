/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses of any width to two emulated 16550As, and keys that arrive. After each step registers, receive FIFO, what is
 * sent and the interrupt are as the reference model has them (tests/unit/riscv/vuart_16550_model.h), and the other UART is
 * as it was.
 */
#include "fuzz_steps.h"

#include <string.h>

#include "steps.h"
#include "vdev/vuart.h"
#include "vuart_16550_model.h"

static struct vuart uarts[2];
static struct vuart_16550_model models[2];

static void step_access(struct vuart *u, struct vuart_16550_model *m, bool write)
{
    uint32_t off = steps_draw(8) != 0U ? steps_draw(8) : steps_draw(VUART_SIZE);
    unsigned size = 1U << (steps_draw(2) != 0U ? 0U : steps_draw(4));
    uint64_t val = steps_draw(256);
    if (steps_draw(8) == 0U) {
        val |= (uint64_t)steps_draw(0) << 32 | (steps_draw(0) & ~0xffU);
    }
    if (write) {
        vuart_access(u, off, size, true, &val);
        vuart_16550_model_write(m, off, size, val);
    } else {
        uint64_t want = vuart_16550_model_read(m, off, size);
        vuart_access(u, off, size, false, &val);
        FUZZ_EXPECT(val == want);
    }
    FUZZ_EXPECT(u->nr_out <= VUART_FIFO && u->nr_out == (unsigned)m->nsent && memcmp(u->out, m->sent, u->nr_out) == 0);
}

static void step(void)
{
    unsigned n = steps_draw(2);
    struct vuart other = uarts[1U - n];
    uint32_t kind = steps_draw(8);
    if (kind < 3U) {
        step_access(&uarts[n], &models[n], true);
    } else if (kind < 6U) {
        step_access(&uarts[n], &models[n], false);
    } else {
        uint8_t c = (uint8_t)steps_draw(256);
        vuart_receive(&uarts[n], c);
        vuart_16550_model_arrive(&models[n], c);
    }
    for (unsigned i = 0; i < 2U; i++) {
        FUZZ_EXPECT(vuart_line(&uarts[i]) == vuart_16550_model_interrupt(&models[i]));
        FUZZ_EXPECT((int)vuart_room(&uarts[i]) == vuart_16550_model_room(&models[i]));
        FUZZ_EXPECT(uarts[i].rx.first < VUART_FIFO && uarts[i].rx.count <= VUART_FIFO);
        for (unsigned k = 0; k < uarts[i].rx.count; k++) {
            FUZZ_EXPECT(uarts[i].rx.data[(uarts[i].rx.first + k) % VUART_FIFO] == models[i].received[k]);
        }
    }
    FUZZ_EXPECT(memcmp(&other, &uarts[1U - n], sizeof(other)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_draw_from(data, size);
    for (unsigned i = 0; i < 2U; i++) {
        vuart_reset(&uarts[i]);
        vuart_16550_model_reset(&models[i]);
    }
    while (fuzz_more()) {
        step();
    }
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    fuzz_random_seeds(emit, 16, 1200);
}
