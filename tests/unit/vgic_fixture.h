/* SPDX-License-Identifier: Apache-2.0 */
/* Two VMs on the simulated GIC, without boot and stage 2: what the tests of hv/vdev/vgic*.c stand on. */
#ifndef VGIC_FIXTURE_H
#define VGIC_FIXTURE_H

#include "core/vm.h"
#include "sim/armv8/gic.h"
#include "sim/sim.h"
#include "vdev/vgic.h"

#define FX_GICD   0x08000000ULL
#define FX_GICR   0x080a0000ULL
#define FX_VTIMER 27U
#define FX_PTIMER 16U /* the first that is no SGI */
#define FX_MAINT  25U
#define FX_IRQS   160U

/* VM 0 has three vCPUs, on CPUs 2, 0, 1, and these SPIs; VM 1 has one, on CPU 3, and the SPIs 40 and 70. */
#define FX_VCPUS 3U
extern const uint32_t fx_spis[];
extern const unsigned fx_nr_spis;
/* Virtual SPIs of VM 0; the physical 40 is VM 1's. */
extern const uint32_t fx_virtual[];
extern const unsigned fx_nr_virtual;
bool fx_is_virtual(uint32_t intid);
bool fx_is_edge(uint32_t intid);
bool fx_owned(unsigned vm, uint32_t intid);

/* A machine with nr_lrs list registers; both VMs reset, no vCPU started. */
void fx_setup(unsigned nr_lrs, uint64_t seed);
/* The same with a GICv2; with even seeds on a board where every end of interrupt of VM 0 traps. */
void fx_setup_v2(unsigned nr_lrs, uint64_t seed);

/* Who the following calls act as, outside a run of cores. */
struct vcpu *fx_vcpu(unsigned vm, unsigned index);
void fx_as(const struct vcpu *v);
unsigned fx_cpu(void);

/* CPUs that are in fx_take_irqs() for an interrupt. */
extern unsigned fx_in_hypervisor;

/* Takes physical interrupts on the acting CPU until there is none. */
void fx_take_irqs(struct vcpu *v);
/* Takes one, if there is one, on a CPU that waits outside its guest. */
void fx_idle_irq(struct vcpu *v);
void fx_start_all(void);

/* That, and of VM 0: both groups on, all of the first two vCPUs' own interrupts enabled and in group 1, and of the SPI's word; the SPI
 * is enabled, and goes to vCPU 0, as whom it returns. */
void fx_enable_pair(uint32_t spi);

/* Register access as the acting vCPU. */
uint64_t fx_read(struct vcpu *v, uint64_t ipa, unsigned size);
void fx_write(struct vcpu *v, uint64_t ipa, unsigned size, uint64_t val);
/* The guest writes ICC_SGI1R_EL1. */
void fx_send(struct vcpu *v, uint64_t sgir);

#endif
