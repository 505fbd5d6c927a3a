/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated UART (vdev/vuart.h) of RISC-V guests: a PC16550D, which is the NS16550A (National Semiconductor's data
 * sheet, section 8, "Registers"), one byte per register at offsets 0 to 7: devicetree "ns16550a" with reg-shift 0.
 *
 * Where it differs from the hardware, all within what a driver must expect:
 *  - A character takes no time. The transmitter is empty whenever software looks: LSR.THRE and TEMT read as one, and
 *    a write to THR is at once followed by the interrupt that it is empty again, if IER has that enabled. So the
 *    transmit FIFO never holds anything, and resetting it does nothing.
 *  - The character time-out is over at once. With FIFOs on "received data available" is asserted from the trigger level
 *    on, and below it "character time-out" as long as the FIFO holds something.
 *  - The receiver has no shift register behind its FIFO: the seventeenth character is lost.
 *  - The peer is always there and ready: CTS, DSR and DCD are on, no ring; MCR moves them with loop-back alone, and
 *    OUT2 gates nothing. The line has no errors but overrun: LSR bits 2, 3, 4 and 7 are zero. Break, parity, word
 *    length, divisor and DMA mode have no effect; a character has 8 bits.
 *  - What the data sheet leaves undefined after a master reset (SCR, the divisor) is zero, and so is RBR when nothing
 *    was received. LSR and MSR ignore writes.
 *  - An access of 16, 32 or 64 bits, naturally aligned, is one of 8 bits to the register at its address: upper bits of
 *    what is written are ignored, and read as zero. All other accesses and all other offsets are RAZ/WI.
 *
 * vuart_reset_on() leaves 8N1, FIFOs on with a trigger level of 1, DTR and RTS on, and the divisor 2: 115200 baud of
 * the 3.6864 MHz that the tree of QEMU's virt names. It is not 0: Linux' console divides by it if it is told no speed.
 */
#ifndef HV_VDEV_VUART_16550_H
#define HV_VDEV_VUART_16550_H

#include "hv/types.h"

struct vuart_16550 {
    uint8_t ier;
    uint8_t fcr; /* bits 7:6 and 0; 0 while FIFOs are off */
    uint8_t lcr;
    uint8_t mcr;
    uint8_t scr;
    uint8_t divisor[2]; /* DLL, DLM */
    uint8_t delta;      /* MSR bits 3:0 */
    bool thre;          /* that THR is empty was not told yet: pending if IER has it enabled */
};

#endif
