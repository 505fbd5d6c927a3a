/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated UART. Which one depends on what the ISA's guests know, and an image has one implementation: a PL011 for
 * Armv8 (vdev/vuart_pl011.h), a 16550A for RISC-V (vdev/vuart_16550.h). Those headers say where each differs from the
 * hardware.
 *
 * Nothing but the device: no lock, no effect outside its struct. Who binds it to a VM serialises the calls, takes what
 * it transmitted out of `out` after each access, and drives the interrupt line with vuart_line() after each call.
 */
#ifndef HV_VDEV_VUART_H
#define HV_VDEV_VUART_H

#include "hv/types.h"
#include "vdev/vuart_16550.h"
#include "vdev/vuart_fifo.h"
#include "vdev/vuart_pl011.h"

#define VUART_SIZE 0x1000U /* bytes of guest-physical address space */

struct vuart {
    struct vuart_fifo rx;
    bool overrun;            /* a received character was lost: UARTDR.OE, LSR.OE */
    uint8_t out[VUART_FIFO]; /* what the last access transmitted */
    uint32_t nr_out;
    /* Of these the image's own is used; the other one's few bytes are the price of a struct without #if. */
    struct vuart_pl011 pl011;
    struct vuart_16550 ns16550;
};

/* The state after reset. */
void vuart_reset(struct vuart *u);

/* The state in which a boot loader leaves a console, and in which Linux' earlycon expects it: on, 8N1, FIFOs. */
void vuart_reset_on(struct vuart *u);

/* One access of a guest: offset below VUART_SIZE, size 1, 2, 4 or 8; *val is written or read. Sets out and nr_out. */
void vuart_access(struct vuart *u, uint32_t offset, uint32_t size, bool write, uint64_t *val);

/* Characters that vuart_receive() takes without overrun, VUART_FIFO at most: 0 while the receiver is off or looped
 * back. */
uint32_t vuart_room(const struct vuart *u);

/* A character arrives on the line: lost if the receiver is off or looped back, an overrun if there is no room. */
void vuart_receive(struct vuart *u, uint8_t c);

/* The interrupt output: high as long as an enabled interrupt is pending. */
bool vuart_line(const struct vuart *u);

#endif
