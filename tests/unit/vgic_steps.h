/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of a VM's life with its GIC on three vCPUs: register accesses, device events, SGIs, acknowledges, ends of
 * interrupt and vCPU stops, every one compared with the reference model. CPUs are coroutines that the seed schedules;
 * one of them at a time does a step, the others take interrupts and serve recalls meanwhile. What the steps are is drawn
 * from the caller: a random generator in the unit test, the input in the fuzz target.
 */
#ifndef VGIC_STEPS_H
#define VGIC_STEPS_H

#include "vgic_fixture.h"

struct steps {
    unsigned nr_lrs;
    bool v2;                       /* a GICv2, whose private registers each vCPU has for itself */
    uint64_t seed;                 /* of the scheduler */
    unsigned count;                /* steps at most */
    uint64_t (*draw)(uint64_t n);  /* a number below n; of all 64 bits if n is 0 */
    bool (*more)(void);            /* NULL: always */
    void (*step)(struct vcpu *v);  /* NULL: those compared with the model, else these, compared with nothing */
    void (*after)(void);           /* NULL, or called after each step, when nobody is in the hypervisor */
};

/* From the start of all vCPUs to the end of the VM, which must leave nothing at the physical controller. What is wrong
 * ends in sim_fail(). */
void steps_run(const struct steps *s);

/* For steps of the caller's own. */
extern bool steps_off[FX_VCPUS];  /* vCPUs that are off */
uint32_t steps_any_irq(void);     /* an interrupt that exists for VM 0 */
void steps_line(void);            /* a device's line changes */
void steps_power(struct vcpu *v); /* starts if it is off; else stops, one time in four */
void steps_note(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* what a failure is said to come after */

#endif
