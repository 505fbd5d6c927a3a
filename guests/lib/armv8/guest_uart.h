/* SPDX-License-Identifier: Apache-2.0 */
/* A kind of UART that guests drive, polled. `base` is that of its registers. */
#ifndef GUESTS_UART_H
#define GUESTS_UART_H

#include "guest.h"

struct guest_uart {
    const char *compatible;
    /* On, eight bits, no parity; the rate is left as whoever used the UART before set it (QEMU has none). */
    void (*init)(uint64_t base);
    bool (*full)(uint64_t base);
    void (*put)(uint64_t base, uint8_t c);
    int (*get)(uint64_t base); /* -1: nothing received */
};

extern const struct guest_uart guest_pl011;
extern const struct guest_uart guest_cadence;

#endif
