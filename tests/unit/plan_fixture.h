/* SPDX-License-Identifier: Apache-2.0 */
/* A small good plan, to be spoilt by tests: two VMs on a board of four CPUs. */
#ifndef TESTS_PLAN_FIXTURE_H
#define TESTS_PLAN_FIXTURE_H

#include "hv/plan.h"

#define FIXTURE_BOARD   "fixture"
#define FIXTURE_REGIONS 6U
#define FIXTURE_MORE    2U /* regions for which there is room behind them */
#define FIXTURE_IRQS    3U
#define FIXTURE_IMAGES  3U

struct plan_fixture {
    struct plan p;
    struct plan_cpu cpus[8]; /* the sample plan has the first four */
    struct plan_vm vms[2];
    struct plan_region regions[FIXTURE_REGIONS + FIXTURE_MORE]; /* VM 0: RAM, RAM, device; VM 1: RAM, device, device */
    struct plan_irq irqs[FIXTURE_IRQS];          /* VM 0: 33; VM 1: 40, 41 */
    struct plan_image images[FIXTURE_IMAGES];    /* VM 0: two; VM 1: one */
    struct plan_channel channels[2]; /* the sample plan has none */
    char log[24];
};

void plan_fixture_good(struct plan_fixture *f);

/* The same for the GICv2 of QEMU's virt: frames of the board and of the VMs. Seal it afterwards. */
void plan_fixture_gicv2(struct plan_fixture *f);

/* The same for the PLIC or the AIA of QEMU's virt for RISC-V; all eight CPU entries are filled. Seal it afterwards. */
void plan_fixture_riscv(struct plan_fixture *f, enum plan_irqc irqc);

/* Both VMs may restart: pristine copies of VM 0 in [0x40800000, 0x40c00000), where image 1's lies across two blocks, of
 * VM 1 in [0x40c00000, 0x40e00000). */
void plan_fixture_restart(struct plan_fixture *f);

/* The same, but both VMs share the board's console, served by CPU 3; VM 0 has another device (0x09050000, 50) in its
 * place. */
void plan_fixture_shared(struct plan_fixture *f);

/* Both VMs have a channel of two pages in common, at 0x43000000, instead of a device each (regions 2 and 5): VM 0 writes, VM 1 reads. */
void plan_fixture_channel(struct plan_fixture *f);

/* The same with its discovery page, before it in all addresses, and doorbells: 33 of VM 0, 40 of VM 1. VM 0 may make 1000 rings per
 * second, 4 at once, VM 1 one per second. Regions: VM 0 RAM, RAM, page, channel; VM 1 RAM, device, page, channel. */
void plan_fixture_doorbells(struct plan_fixture *f);

/* The same on a board with AIA (plan_fixture_riscv), with direct doorbells: both have the other's interrupt files from 0x70000000 on. */
void plan_fixture_direct(struct plan_fixture *f);

/* Both VMs are coloured, and lie among each other: a cache of 16 colours of a page each, of which VM 0 has 0-7 and VM 1 8-15. Both
 * may restart: the pristine copies of VM 0 are in what 0x41800000 has of its colours, those of VM 1 from 0x41810000 on. */
void plan_fixture_coloured(struct plan_fixture *f);
/* The hypervisor moves to these colours of a cache of 1 MiB that has 16 of a page each, at 0x43000000, where no VM has memory. */
void plan_fixture_hv_colours(struct plan_fixture *f, uint64_t colours);

/* Makes the checksum right again after a change. */
void plan_fixture_seal(struct plan_fixture *f);

#endif
