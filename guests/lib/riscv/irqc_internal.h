/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers behind irqc.c: a PLIC (PLIC specification 1.0.0), or an APLIC in MSI mode with IMSICs (AIA 1.0). */
#ifndef GUEST_IRQC_INTERNAL_H
#define GUEST_IRQC_INTERNAL_H

#include "guest.h"

struct irqc_driver {
    bool (*init)(void);     /* finds the controller in the tree; false: not there */
    bool (*init_cpu)(void); /* the calling hart's part, nothing enabled */
    void (*edge)(uint32_t irq); /* IRQ_WIRED + n */
    void (*enable)(uint32_t irq); /* IRQ_WIRED + n or IRQ_MSI + n, to the calling hart */
    void (*disable)(uint32_t irq);
    uint32_t (*claim)(void); /* 0: nothing */
    uint32_t (*number)(uint32_t token);
    void (*complete)(uint32_t token);
    uint32_t cells; /* of an interrupt in the tree */
};

extern const struct irqc_driver plic_driver;
extern const struct irqc_driver aia_driver;

/* What drivers have found. */
struct irqc_place {
    uint64_t base;
    uint64_t size;
    uint32_t sources;
};
extern struct irqc_place irqc_place;

/* What the trap vector does; a token of 0 is none. */
uint32_t irqc_claim(void);
uint32_t irqc_number(uint32_t token);
void irqc_complete(uint32_t token);

/* Entry of a node's interrupts-extended that is this hart's external interrupt at S level; UINT32_MAX if none. */
uint32_t hart_entry(uint32_t node, unsigned hart);

#endif
