/* SPDX-License-Identifier: Apache-2.0 */
/* Two VMs with virtual PLICs over the physical PLIC of plic_hw.h: VM 0 on CPUs from 0 on, VM 1 on those from 4 on. */
#ifndef TESTS_UNIT_RISCV_PLIC_WORLD_H
#define TESTS_UNIT_RISCV_PLIC_WORLD_H

#include "plic_hw.h"

#define PRIORITY(s)    (4U * (s))
#define PENDING(w)     (0x1000U + 4U * (w))
#define ENABLE(c, w)   (0x2000U + 0x80U * (c) + 4U * (w))
#define THRESHOLD(c)   (0x200000U + 0x1000U * (c))
#define CLAIM(c)       (0x200004U + 0x1000U * (c))

struct world_source {
    unsigned vm;
    unsigned source;
    bool virt; /* an emulated device's */
};

/* Builds both VMs with their sources, those of VM 0 first; no vCPU is on. */
void world_reset(unsigned vcpus0, unsigned vcpus1, const struct world_source *sources, unsigned count);

/* What can be done at once is (vplic_*_armed()), as by the hypervisor. False: all goes the longer way. */
extern bool world_at_once;

/* Of a vCPU, on its own CPU. */
void world_start(struct vcpu *v);
void world_stop(struct vcpu *v);
bool world_on(const struct vcpu *v);
uint32_t world_read_as(struct vcpu *v, uint32_t offset, unsigned size);
void world_write_as(struct vcpu *v, uint32_t offset, unsigned size, uint32_t val);
uint32_t world_read(struct vcpu *v, uint32_t offset);
void world_write(struct vcpu *v, uint32_t offset, uint32_t val);
bool world_line(const struct vcpu *v); /* VSEIP of its CPU */

/* A CPU looks once whether an interrupt or a request is there: claims and takes one, or serves. False: nothing was. */
bool world_look(unsigned cpu);
/* Until no CPU finds anything. */
void world_settle(void);

#endif
