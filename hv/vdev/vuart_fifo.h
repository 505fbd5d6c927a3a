/* SPDX-License-Identifier: Apache-2.0 */
/* A FIFO of an emulated UART. Both PL011 and 16550A have 16 places; who uses fewer counts himself. */
#ifndef HV_VDEV_VUART_FIFO_H
#define HV_VDEV_VUART_FIFO_H

#include "hv/types.h"

#define VUART_FIFO 16U

struct vuart_fifo {
    uint8_t data[VUART_FIFO];
    uint8_t first; /* below VUART_FIFO */
    uint8_t count; /* VUART_FIFO at most; 0 empties it */
};

/* The caller knows that there is room. */
static inline void vuart_fifo_put(struct vuart_fifo *f, uint8_t c)
{
    f->data[(f->first + f->count) % VUART_FIFO] = c;
    f->count++;
}

/* The caller knows that it is not empty. */
static inline uint8_t vuart_fifo_take(struct vuart_fifo *f)
{
    uint8_t c = f->data[f->first];

    f->first = (uint8_t)((f->first + 1U) % VUART_FIFO);
    f->count--;
    return c;
}

#endif
