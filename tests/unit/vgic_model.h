/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference model of the GICv3 a guest must see, written from IHI 0069H, or of the GICv2, from IHI 0048B; one interrupt at a time, with nothing of
 * hv/ in it: no list registers, no recall, no words. Tests compare every register read and every acknowledge with it.
 */
#ifndef VGIC_MODEL_H
#define VGIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_VCPUS 8

struct model_irq {
    bool exists, enabled, group1, edge, line, latch, active;
    uint8_t prio;
    uint32_t aff; /* SPI: Aff3.Aff2.Aff1.Aff0; GICv2: a bit for each CPU it may go to */
    unsigned from; /* GICv2, SGI: CPUs it is pending from; latch tells whether there are any */
};

struct model {
    unsigned vcpus;
    unsigned irqs;
    bool v2;
    unsigned groups;
    struct model_irq spi[1020];
    struct model_irq priv[MODEL_VCPUS][32];
    bool sleep[MODEL_VCPUS];
    bool on[MODEL_VCPUS];
    unsigned stack_prio[MODEL_VCPUS][64]; /* running priorities */
    uint32_t stack_intid[MODEL_VCPUS][64];
    unsigned depth[MODEL_VCPUS];
};

void model_init(struct model *m, unsigned vcpus, unsigned irqs);
struct model_irq *model_irq(struct model *m, unsigned vcpu, uint32_t intid);

/* Frame offsets: GICD of the VM, GICR (128 KiB) of vCPU `target`. */
uint64_t model_gicd_read(struct model *m, uint32_t off, unsigned size);
void model_gicd_write(struct model *m, uint32_t off, unsigned size, uint64_t val);
uint64_t model_gicr_read(struct model *m, unsigned target, uint32_t off, unsigned size);
void model_gicr_write(struct model *m, unsigned target, uint32_t off, unsigned size, uint64_t val);

/* GICv2: made so after model_init; the distributor as CPU `vcpu` sees it, GICD_SGIR included. */
void model_make_v2(struct model *m);
uint64_t model_dist2_read(struct model *m, unsigned vcpu, uint32_t off, unsigned size);
void model_dist2_write(struct model *m, unsigned vcpu, uint32_t off, unsigned size, uint64_t val);

void model_line(struct model *m, unsigned vcpu, uint32_t intid, bool level);
bool model_pending(const struct model_irq *q);
/* Priority of the best interrupt the vCPU could acknowledge now, 256 if none; group as a mask of the groups with it. */
unsigned model_best(struct model *m, unsigned vcpu);
/* intid as the CPU interface gives it: GICv2 with the source of an SGI from bit 10 on. */
bool model_may_ack(struct model *m, unsigned vcpu, uint32_t intid);
/* True if it is forwarded to the vCPU's interface whatever its running priority. */
bool model_forwarded(struct model *m, unsigned vcpu, uint32_t intid);
void model_ack(struct model *m, unsigned vcpu, uint32_t intid);
/* EOIR under EOImode 0 of what was acknowledged last; its INTID. */
uint32_t model_eoi(struct model *m, unsigned vcpu);
/* Interrupts that would take up one of the vCPU's list registers by being active. */
unsigned model_active_here(struct model *m, unsigned vcpu);
bool model_on_a_stack(struct model *m, unsigned vcpu, uint32_t intid);
void model_sgi(struct model *m, unsigned from, uint64_t sgir, unsigned group);
void model_vcpu_off(struct model *m, unsigned vcpu);

#endif
