/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference model of the emulated 16550A, written from the PC16550D data sheet and the list of deviations in
 * vdev/vuart_16550.h with nothing of hv/ in it: pins, latches and a holding register that fills and empties.
 */
#ifndef VUART_16550_MODEL_H
#define VUART_16550_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { PIN_CTS, PIN_DSR, PIN_RI, PIN_DCD, PINS };

struct vuart_16550_model {
    bool fifo_mode;
    int trigger;
    uint8_t received[16]; /* oldest first */
    int nreceived;
    bool oe;
    bool holding;         /* a character stands in THR */
    uint8_t thr;
    bool thr_latch;       /* interrupt of THR */
    bool erbfi, etbei, elsi, edssi;
    bool pin[PINS], pin_moved[PINS];
    unsigned line_control, modem_control, scratch, divisor;
    uint8_t sent[4];
    int nsent;
};

void vuart_16550_model_reset(struct vuart_16550_model *m);
uint64_t vuart_16550_model_read(struct vuart_16550_model *m, uint32_t off, unsigned size);
void vuart_16550_model_write(struct vuart_16550_model *m, uint32_t off, unsigned size, uint64_t val);
void vuart_16550_model_arrive(struct vuart_16550_model *m, uint8_t c);
int vuart_16550_model_room(const struct vuart_16550_model *m);
bool vuart_16550_model_interrupt(const struct vuart_16550_model *m);

#endif
