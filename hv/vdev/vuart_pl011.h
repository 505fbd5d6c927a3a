/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated UART (vdev/vuart.h) of Armv8 guests: PL011 revision r1p4 (ARM DDI 0183; FIFOs of 16).
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
#ifndef HV_VDEV_VUART_PL011_H
#define HV_VDEV_VUART_PL011_H

#include "vdev/vuart_fifo.h"

struct vuart_pl011 {
    struct vuart_fifo tx;
    uint32_t rsr; /* UARTRSR */
    uint32_t ilpr;
    uint32_t ibrd;
    uint32_t fbrd;
    uint32_t lcr_h;
    uint32_t cr;
    uint32_t ifls;
    uint32_t imsc;
    uint32_t ris;
};

#endif
