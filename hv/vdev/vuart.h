/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated UART: PL011 revision r1p4 (ARM DDI 0183; FIFOs of 16). Nothing but the device: no lock, no effect outside
 * its struct. Who binds it to a VM serialises the calls, takes what it transmitted out of `out` after each, and drives
 * the interrupt line with vuart_line().
 *
 * Where it differs from the hardware, all within what a driver must expect:
 *  - A character takes no time. While the transmitter is on its FIFO is empty whenever software looks; while it is off
 *    (UARTCR.UARTEN or TXE clear) characters wait in the FIFO. The receive time-out is over at once: UARTRTINTR is
 *    asserted as long as the receive FIFO holds something, also after it was cleared.
 *  - The transmit interrupt comes whenever the transmitter took something and left the FIFO at or below its level, and
 *    not only when the fill crosses that level: a driver that starts from an empty FIFO is woken as well.
 *  - The peer is always there and ready: CTS, DSR, DCD asserted, no ring; flow control has nothing to wait for. The line
 *    has no errors but overrun. SIR, break, parity and baud rate are stored and have no effect.
 *  - No DMA (UARTDMACR reads as zero), no test registers.
 *  - Registers answer to 8, 16 and 32 bits at their own address; anything between them is RAZ/WI.
 */
#ifndef HV_VDEV_VUART_H
#define HV_VDEV_VUART_H

#include "hv/types.h"

#define VUART_SIZE 0x1000U
#define VUART_FIFO 16U

struct vuart_fifo {
    uint8_t data[VUART_FIFO];
    uint8_t first;
    uint8_t count;
};

struct vuart {
    struct vuart_fifo rx;
    struct vuart_fifo tx;
    bool overrun;      /* UARTDR.OE: something was lost since the receive FIFO last took a character */
    uint32_t rsr;      /* UARTRSR */
    uint32_t ilpr;
    uint32_t ibrd;
    uint32_t fbrd;
    uint32_t lcr_h;
    uint32_t cr;
    uint32_t ifls;
    uint32_t imsc;
    uint32_t ris;
    uint8_t out[VUART_FIFO]; /* what the last access transmitted */
    uint32_t nr_out;
};

/* The state after reset. */
void vuart_reset(struct vuart *u);

/* The state in which a boot loader leaves a console, and in which Linux' earlycon expects it: on, 8N1, FIFOs. */
void vuart_reset_on(struct vuart *u);

/* One access of a guest: offset below VUART_SIZE, size 1, 2, 4 or 8; *val is written or read. Sets out and nr_out. */
void vuart_access(struct vuart *u, uint32_t offset, uint32_t size, bool write, uint64_t *val);

/* Characters that vuart_receive() takes without overrun; 0 while the receiver is off. */
uint32_t vuart_room(const struct vuart *u);

/* A character arrives on the line: lost if the receiver is off, an overrun if there is no room. */
void vuart_receive(struct vuart *u, uint8_t c);

/* The combined interrupt output, UARTINTR. */
static inline bool vuart_line(const struct vuart *u)
{
    return (u->ris & u->imsc) != 0U;
}

#endif
