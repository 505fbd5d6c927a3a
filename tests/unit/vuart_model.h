/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference model of the emulated PL011, written from ARM DDI 0183 and the list of deviations in vdev/vuart.h with
 * nothing of hv/ in it: every register is one case of a switch, queues are arrays that shift, flags are computed.
 */
#ifndef VUART_MODEL_H
#define VUART_MODEL_H

#include <stdbool.h>
#include <stdint.h>

struct vuart_model {
    uint8_t rxq[16], txq[16];
    int rxn, txn;
    bool lost;         /* OE bit of DR */
    bool oe_status;    /* RSR.OE */
    unsigned store[0x50 / 4]; /* plain registers by offset / 4 */
    bool raw[11];      /* interrupt status, by bit number */
    uint8_t sent[64];
    int nsent;
};

void vuart_model_reset(struct vuart_model *m);
uint64_t vuart_model_read(struct vuart_model *m, uint32_t off, unsigned size);
void vuart_model_write(struct vuart_model *m, uint32_t off, unsigned size, uint64_t val);
void vuart_model_arrive(struct vuart_model *m, uint8_t c);
int vuart_model_room(const struct vuart_model *m);
bool vuart_model_interrupt(const struct vuart_model *m);

#endif
