/* SPDX-License-Identifier: Apache-2.0 */
/* Each error of a plan, forged into a good one (plan_fixture.h): for plan_validate() alone, and for a boot. */
#ifndef TESTS_PLAN_FORGERIES_H
#define TESTS_PLAN_FORGERIES_H

#include "forgery.h"

static const struct forgery forgeries[] = {
    H(boot_flags, 1, PLAN_E_FIELD),
    H(pa_bits_min, 31, PLAN_E_FIELD),
    H(pa_bits_min, 53, PLAN_E_FIELD),
    H(pa_bits_min, 64, PLAN_E_FIELD),
    H(pa_bits_min, 0xffffffff, PLAN_E_FIELD),
    H(nr_irqs, 31, PLAN_E_FIELD),
    H(nr_irqs, 1021, PLAN_E_FIELD),
    H(irqc_version, 1, PLAN_E_FIELD),
    H(irqc_version, 4, PLAN_E_FIELD),
    H(maint_irq, 15, PLAN_E_FIELD),
    H(maint_irq, 32, PLAN_E_FIELD),
    H(vtimer_irq, 25, PLAN_E_FIELD),
    H(ptimer_irq, 27, PLAN_E_FIELD),
    H(ptimer_irq, 25, PLAN_E_FIELD),
    H(irqc_base[0], 0x08000800, PLAN_E_FIELD),
    H(irqc_base[1], UINT64_MAX & ~0xfffULL, PLAN_E_FIELD),
    H(irqc_size[0], 0, PLAN_E_FIELD),
    H(irqc_size[1], 0x800, PLAN_E_FIELD),
    H(irqc_size[0], 0xf000, PLAN_E_FIELD), /* page-aligned, but less than the hypervisor uses */
    H(irqc_size[1], 0x1f000, PLAN_E_FIELD),
    H(irqc_base[1], 0x08000000, PLAN_E_FIELD),
    H(irqc_base[0], 0x40200000, PLAN_E_FIELD),
    H(irqc_base[2], 0x08040000, PLAN_E_FIELD), /* a GICv3 has no more frames */
    H(irqc_size[3], 0x1000, PLAN_E_FIELD),
    H(isa, PLAN_ISA_RISCV, PLAN_E_BOARD),
    H(board[0], 'F', PLAN_E_BOARD),
    H(board[7], 'x', PLAN_E_BOARD),
    H(board[6], 0, PLAN_E_BOARD),
    H(hv_base, 0x40201000, PLAN_E_HV_LAYOUT),
    H(hv_base, 0x50200000, PLAN_E_HV_LAYOUT),
    H(hv_size, 0x400000, PLAN_E_HV_LAYOUT),
    H(hv_size, 0, PLAN_E_HV_LAYOUT),
    H(hv_image_size, 0, PLAN_E_HV_LAYOUT),
    H(hv_image_size, 0x10004, PLAN_E_HV_LAYOUT),
    H(hv_image_size, 0x20008, PLAN_E_HV_LAYOUT),
    H(hv_mem_size, 0x20800, PLAN_E_HV_LAYOUT),
    H(hv_mem_size, 0x1f0000, PLAN_E_HV_LAYOUT),
    H(hv_mem_size, UINT64_MAX & ~0xfffULL, PLAN_E_HV_LAYOUT),
    H(plan_pa, 0x40221000, PLAN_E_HV_LAYOUT),
    H(pool_pa, 0x40231000, PLAN_E_HV_LAYOUT),
    H(pool_pages, 0, PLAN_E_HV_LAYOUT),
    H(pool_pages, 465, PLAN_E_HV_LAYOUT),
    H(pool_pages, UINT64_MAX, PLAN_E_HV_LAYOUT),
    H(pool_pages, 6, PLAN_E_POOL),
    H(pool_pages, 454, PLAN_E_OWN), /* 464 in all, of which four CPUs and two VMs take 11 */
    H(ram_size, 0, PLAN_E_HV_LAYOUT),
    H(ram_size, 0x4000001, PLAN_E_HV_LAYOUT),
    H(ram_size, UINT64_MAX & ~0xfffULL, PLAN_E_HV_LAYOUT),
    H(ram_base, 0x40400000, PLAN_E_HV_LAYOUT),
    H(cpus.count, 0, PLAN_E_COUNT),
    H(vms.count, 0, PLAN_E_COUNT),
    H(log.offset, 4, PLAN_E_HEADER),
    H(log.offset, 0xfffffff8, PLAN_E_HEADER),
    H(log.count, 0xffffffff, PLAN_E_HEADER),
    H(cpus.offset, sizeof(struct plan) + 4U, PLAN_E_HEADER),
    H(cpus.count, 0x20000000, PLAN_E_HEADER),
    H(vms.count, 100, PLAN_E_HEADER),
    H(regions.count, 1000, PLAN_E_HEADER),
    H(irqs.count, 0xffffffff, PLAN_E_HEADER),
    H(images.count, 0xffffffff, PLAN_E_HEADER),
    H(length, sizeof(struct plan) - 8U, PLAN_E_HEADER),
    H(length, 0, PLAN_E_HEADER),
    H(length, sizeof(struct plan_fixture) + 8U, PLAN_E_HEADER),
    H(length, 0xffffffff, PLAN_E_HEADER),
    H(length, sizeof(struct plan_fixture) - 4U, PLAN_E_HEADER),
    H(major, 0, PLAN_E_VERSION),
    H(major, 2, PLAN_E_VERSION),
    H(minor, PLAN_MINOR + 1U, PLAN_E_VERSION),
    H(minor, PLAN_MINOR - 1U, PLAN_E_VERSION),
    H(magic, 0, PLAN_E_HEADER),
    F(log[0], '\033', PLAN_E_FIELD, NONE, NONE, NONE),
    F(log[7], 0, PLAN_E_FIELD, NONE, NONE, NONE),
    F(log[0], 0x7f, PLAN_E_FIELD, NONE, NONE, NONE),
    F(cpus[3].hw_id, 1, PLAN_E_CPU_TWICE, NONE, 1, 3),

    F(vms[1].name[0], 0, PLAN_E_VM_NAME, 1, NONE, NONE),
    F(vms[1].name[1], ' ', PLAN_E_VM_NAME, 1, NONE, NONE),
    F(vms[1].nr_vcpus, 0, PLAN_E_COUNT, 1, NONE, NONE),
    F(vms[1].nr_vcpus, VM_MAX_VCPUS + 1U, PLAN_E_COUNT, 1, NONE, NONE),
    F(vms[1].nr_vcpus, 0xffffffff, PLAN_E_COUNT, 1, NONE, NONE),
    F(vms[1].cpus[0], 4, PLAN_E_CPU_RANGE, 1, 4, NONE),
    F(vms[1].cpus[0], 0xffffffff, PLAN_E_CPU_RANGE, 1, 0xffffffff, NONE),
    F(vms[1].cpus[0], 2, PLAN_E_CPU_TWICE, 1, 2, 0),
    F(vms[0].cpus[1], 0, PLAN_E_CPU_TWICE, 0, 0, 0),
    F(vms[1].cpus[1], 3, PLAN_E_FIELD, 1, 1, NONE),
    F(vms[0].flags, 2, PLAN_E_FIELD, 0, NONE, NONE),
    F(vms[0].flags, 0x80000000, PLAN_E_FIELD, 0, NONE, NONE),
    F(vms[0].flags, PLAN_VM_TRUSTED_DMA, PLAN_E_TRUSTED_DMA, 0, 0, NONE),
    F(vms[0].flags, PLAN_VM_TRUSTED_DMA, PLAN_E_TRUSTED_DMA, 0, 1, NONE),
    F(vms[0].on_reset, 2, PLAN_E_FIELD, 0, NONE, NONE),
    F(vms[0].on_fault, 2, PLAN_E_FIELD, 0, NONE, NONE),
    F(vms[0].on_reset, 1, PLAN_E_PRISTINE, 0, NONE, NONE), /* without pristine copies */
    F(vms[0].on_fault, 1, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, 0x40800000, PLAN_E_PRISTINE, 0, NONE, NONE), /* with, but not wanted */
    F(vms[0].pristine_size, 0x200000, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(images[1].pristine_pa, 0x40800000, PLAN_E_PRISTINE, 0, 1, NONE),
    F(vms[0].ipa_bits, 11, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].ipa_bits, 37, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].ipa_bits, 64, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].ipa_bits, 0xffffffff, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].ipa_bits, 30, PLAN_E_REGION_IPA_BITS, 0, 0, NONE),
    F(vms[0].ipa_bits, 24, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], 0x08001000, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[1], UINT64_MAX & ~0xffffULL, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], 0x080a0000, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], 0x080d0000, PLAN_E_REGION_IRQC, 0, NONE, NONE),
    F(vms[0].irqc_ipa[0], 0x40010000, PLAN_E_REGION_IRQC, 0, 0, NONE),
    F(vms[0].irqc_ipa[1], 0x411e0000, PLAN_E_REGION_IRQC, 0, 1, NONE),
    F(vms[0].irqc_ipa[1], 0x80000000, PLAN_E_REGION_IPA_BITS, 0, NONE, NONE),
    F(vms[0].entry, 0x40000002, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].entry, 0x09000000, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].entry, 0x41200000, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].entry, UINT64_MAX & ~3ULL, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].dtb, 0x40000004, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].dtb, 0x411ffff0, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].dtb, 0x09000000, PLAN_E_ENTRY, 0, NONE, NONE),
    F(regions[0].rights, 3, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[1].first_region, 2, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].first_region, 0xffffffff, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].nr_regions, 4, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].nr_regions, 2, PLAN_E_TABLE_ORDER, NONE, NONE, NONE),
    F(vms[1].nr_regions, 0xffffffff, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].first_irq, 0, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].nr_irqs, 0xffffffff, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].first_image, 1, PLAN_E_TABLE_ORDER, 1, NONE, NONE),
    F(vms[1].nr_images, 0xffffffff, PLAN_E_TABLE_ORDER, 1, NONE, NONE),

    F(regions[0].ipa, 0x40000800, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].pa, 0x40400800, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].size, 0x200800, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].size, 0, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].ipa, UINT64_MAX & ~0xfffULL, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].pa, UINT64_MAX & ~0xfffULL, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[1].size, UINT64_MAX & ~0xfffULL, PLAN_E_REGION_ALIGN, 0, 1, NONE),
    F(regions[0].rights, 6, PLAN_E_REGION_RIGHTS, 0, 0, NONE),
    F(regions[0].rights, 15, PLAN_E_REGION_RIGHTS, 0, 0, NONE),
    F(regions[2].rights, 7, PLAN_E_REGION_RIGHTS, 0, 2, NONE),
    F(regions[2].rights, 0, PLAN_E_REGION_RIGHTS, 0, 2, NONE),
    F(regions[2].rights, 2, PLAN_E_REGION_RIGHTS, 0, 2, NONE),
    F(regions[0].kind, PLAN_REGION_KINDS, PLAN_E_FIELD, 0, 0, NONE),
    F(regions[0].kind, PLAN_REGION_CHANNEL, PLAN_E_REGION_RIGHTS, 0, 0, NONE),
    F(regions[2].kind, PLAN_REGION_CHANNEL, PLAN_E_REGION_RAM, 0, 2, NONE),
    F(regions[0].kind, PLAN_REGION_SHARED, PLAN_E_REGION_RAM, 0, 0, NONE),
    F(regions[0].kind, PLAN_REGION_SHARED, PLAN_E_REGION_RIGHTS, 0, 0, NONE),
    F(regions[3].pa, 0x40400000, PLAN_E_REGION_OVERLAP, 1, 3, 0),
    F(regions[3].pa, 0x405ff000, PLAN_E_REGION_OVERLAP, 1, 3, 0),
    F(regions[5].pa, 0x09000000, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[1].pa, 0x40500000, PLAN_E_REGION_OVERLAP, 0, 1, 0),
    F(regions[1].ipa, 0x401ff000, PLAN_E_REGION_IPA_OVERLAP, 0, 1, 0),
    F(regions[5].ipa, 0x09040000, PLAN_E_REGION_IPA_OVERLAP, 1, 5, 4),
    F(regions[3].pa, 0x40200000, PLAN_E_REGION_HV, 1, 3, NONE),
    F(regions[3].pa, 0x40001000, PLAN_E_REGION_HV, 1, 3, NONE),
    F(regions[2].pa, 0x08000000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].pa, 0x0811f000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].ipa, 0x0800f000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].ipa, 0x080df000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[3].pa, 0x3fe00000, PLAN_E_REGION_RAM, 1, 3, NONE),
    F(regions[3].pa, 0x43f00000, PLAN_E_REGION_RAM, 1, 3, NONE),
    F(regions[2].pa, 0x43fff000, PLAN_E_REGION_RAM, 0, 2, NONE),
    F(regions[2].pa, 0x1000000000, PLAN_E_REGION_IPA_BITS, 0, 2, NONE),
    F(regions[1].ipa, 0x7f001000, PLAN_E_REGION_IPA_BITS, 0, 1, NONE),

    F(irqs[0].intid, 31, PLAN_E_IRQ_RANGE, 0, 0, NONE),
    F(irqs[0].intid, 0, PLAN_E_IRQ_RANGE, 0, 0, NONE),
    F(irqs[2].intid, 64, PLAN_E_IRQ_RANGE, 1, 2, NONE),
    F(irqs[2].intid, 0xffffffff, PLAN_E_IRQ_RANGE, 1, 2, NONE),
    F(irqs[2].intid, 33, PLAN_E_IRQ_TWICE, 1, 2, 0),
    F(irqs[2].flags, 2, PLAN_E_FIELD, 1, 2, NONE),
    F(images[1].size, 0x100008, PLAN_E_IMAGE, 0, 1, NONE),
    F(images[1].size, 0, PLAN_E_IMAGE, 0, 1, NONE),
    F(images[1].size, 0x1004, PLAN_E_IMAGE, 0, 1, NONE),
    F(images[1].size, UINT64_MAX & ~7ULL, PLAN_E_IMAGE, 0, 1, NONE),
    F(images[1].pa, 0x40500004, PLAN_E_IMAGE, 0, 1, NONE),
    F(images[2].pa, 0x40400000, PLAN_E_IMAGE, 1, 2, NONE),
    F(images[2].pa, 0x40200000, PLAN_E_IMAGE, 1, 2, NONE),
    F(images[0].flags, 2, PLAN_E_FIELD, 0, 0, NONE),
    F(images[0].reserved, 1, PLAN_E_FIELD, 0, 0, NONE),
};

/* The same, into a good plan whose VMs may both restart. */
static const struct forgery restart_forgeries[] = {
    F(vms[0].on_reset, 0, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, 0, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, 0x40900000, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, UINT64_MAX & ~0x1fffffULL, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, 0x3fe00000, PLAN_E_PRISTINE, 0, NONE, NONE), /* below RAM, and half below */
    F(vms[0].pristine_pa, 0x43e00000, PLAN_E_PRISTINE, 0, NONE, NONE), /* the second half above RAM */
    F(vms[0].pristine_pa, 0x40000000, PLAN_E_PRISTINE, 0, NONE, NONE), /* the second half is the hypervisor's */
    F(vms[0].pristine_pa, 0x40400000, PLAN_E_PRISTINE, 0, 0, NONE),    /* its own RAM */
    F(vms[0].pristine_pa, 0x40400000, PLAN_E_PRISTINE, 0, 3, NONE),    /* and another's */
    F(vms[0].pristine_pa, 0x41e00000, PLAN_E_PRISTINE, 0, 1, NONE),
    F(vms[0].pristine_size, 0, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_size, 0x200008, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_size, 0x200000, PLAN_E_PRISTINE, 0, 1, NONE), /* an image ends beyond it */
    F(vms[0].pristine_size, UINT64_MAX & ~0x1fffffULL, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[1].pristine_pa, 0x40a00000, PLAN_E_PRISTINE, 1, 0, NONE), /* the other VM's */
    F(p.irqc_base[0], 0x40c00000, PLAN_E_PRISTINE, 1, NONE, NONE),
    F(images[0].pristine_pa, 0, PLAN_E_PRISTINE, 0, 0, NONE),
    F(images[0].pristine_pa, 0x40800004, PLAN_E_PRISTINE, 0, 0, NONE),
    F(images[0].pristine_pa, 0x40c00000, PLAN_E_PRISTINE, 0, 0, NONE), /* the other VM's */
    F(images[0].pristine_pa, 0x40bff008, PLAN_E_PRISTINE, 0, 0, NONE),
    F(images[1].pristine_pa, 0x40800ff8, PLAN_E_PRISTINE, 0, 1, 0),
    F(regions[0].pa, 0x40401000, PLAN_E_RESTART_RAM, 0, 0, NONE),
    F(regions[0].size, 0x1ff000, PLAN_E_RESTART_RAM, 0, 0, NONE),
};

/* The same, into one whose VMs lie among each other by colours: 0-7 and 8-15 of 16, with a period of 64 KiB. */
static const struct forgery doorbell_forgeries[] = {
    H(channels.count, 1000, PLAN_E_HEADER),
    H(channels.offset, 8, PLAN_E_HEADER),
    F(channels[0].nr_ends, 0, PLAN_E_CHANNEL, NONE, 0, NONE),
    F(channels[0].nr_ends, 1, PLAN_E_CHANNEL, NONE, 0, NONE),
    F(channels[0].nr_ends, 1, PLAN_E_FIELD, NONE, 0, 1),
    F(channels[0].nr_ends, 1, PLAN_E_CHANNEL_INFO, 1, 0, 6), /* VM 1 still has the page */
    F(channels[0].nr_ends, 9, PLAN_E_CHANNEL, NONE, 0, NONE),
    F(channels[0].nr_ends, 0xffffffff, PLAN_E_CHANNEL, NONE, 0, NONE),
    F(channels[0].nr_ends, 3, PLAN_E_CHANNEL, NONE, 0, 2), /* VM 0 twice */
    F(channels[0].flags, 2, PLAN_E_FIELD, NONE, 0, NONE),
    F(channels[0].flags, 0x80000000, PLAN_E_FIELD, NONE, 0, NONE),
    F(channels[0].flags, PLAN_CHANNEL_DIRECT, PLAN_E_DIRECT, NONE, 0, NONE), /* on a GIC */
    F(channels[0].files_ipa[0], 0x70000000, PLAN_E_FIELD, NONE, 0, 0),
    F(channels[0].files_ipa[7], 1, PLAN_E_FIELD, NONE, 0, 7),
    F(channels[0].end[1].vm, 0, PLAN_E_CHANNEL, NONE, 0, 1),
    F(channels[0].end[1].vm, 2, PLAN_E_CHANNEL, NONE, 0, 1),
    F(channels[0].end[1].vm, 0xffffffff, PLAN_E_CHANNEL, NONE, 0, 1),
    F(channels[0].end[2].vm, 1, PLAN_E_FIELD, NONE, 0, 2),
    F(channels[0].end[7].intid, 1, PLAN_E_FIELD, NONE, 0, 7),
    F(channels[0].end[2].rate, 1, PLAN_E_FIELD, NONE, 0, 2),
    F(channels[0].end[2].burst, 1, PLAN_E_FIELD, NONE, 0, 2),
    F(channels[0].end[0].rate, PLAN_MAX_RATE + 1U, PLAN_E_CHANNEL, NONE, 0, 0),
    F(channels[0].end[0].rate, 0, PLAN_E_CHANNEL, NONE, 0, 0), /* with a burst */
    F(channels[0].end[0].burst, 0, PLAN_E_CHANNEL, NONE, 0, 0),
    F(channels[0].end[0].burst, PLAN_MAX_BURST + 1U, PLAN_E_CHANNEL, NONE, 0, 0),
    F(channels[0].end[0].intid, 40, PLAN_E_DOORBELL, 0, 0, 0), /* the other's */
    F(channels[0].end[1].intid, 41, PLAN_E_DOORBELL, 1, 0, 1), /* not edge-triggered */
    F(channels[0].end[1].intid, 39, PLAN_E_DOORBELL, 1, 0, 1),
    F(irqs[0].flags, 0, PLAN_E_DOORBELL, 0, 0, 0),
    F(channels[0].info_pa, 0x43000000, PLAN_E_CHANNEL_INFO, 0, 0, 3), /* of two pages, and one VM may write it */
    F(channels[0].info_pa, 0x43001000, PLAN_E_CHANNEL_INFO, 1, 0, 7),
    F(channels[0].info_pa, 0x42ffe000, PLAN_E_CHANNEL_INFO, 0, 0, NONE),
    F(channels[0].info_pa, 0x42ffe000, PLAN_E_CHANNEL_INFO, 1, 0, NONE),
    F(channels[0].info_pa, 0x42fff800, PLAN_E_CHANNEL_INFO, NONE, 0, NONE),
    F(channels[0].info_pa, UINT64_MAX & ~0xfffULL, PLAN_E_CHANNEL_INFO, 0, 0, NONE),
    F(channels[0].info_pa, 0x40400000, PLAN_E_CHANNEL_INFO, 0, 0, 0), /* RAM */
    F(regions[2].rights, 3, PLAN_E_CHANNEL_INFO, 0, 0, 2),
    F(regions[6].rights, 3, PLAN_E_CHANNEL_INFO, 1, 0, 6),
    F(regions[6].kind, PLAN_REGION_RAM, PLAN_E_CHANNEL_INFO, 1, 0, 6),
    F(regions[6].size, 0x2000, PLAN_E_CHANNEL_INFO, 1, 0, 6),
    F(regions[6].pa, 0x42ffd000, PLAN_E_CHANNEL_INFO, 1, 0, NONE),
};

static const struct forgery coloured_forgeries[] = {
    H(llc.size, 0, PLAN_E_LLC),
    H(llc.ways, 15, PLAN_E_LLC),
    H(llc.line, 48, PLAN_E_LLC),
    H(llc.colours, 32, PLAN_E_LLC),
    H(llc.reserved, 1, PLAN_E_LLC),
    H(llc.hash[0], 0x8000, PLAN_E_LLC),
    H(llc.hash[4], 0x10000, PLAN_E_LLC),
    F(p.llc.colours, 8, PLAN_E_COLOURS, 1, 3, NONE),
    F(regions[0].colours, 0x100ff, PLAN_E_COLOURS, 0, 0, NONE),
    F(regions[0].colours, 1ULL << 63, PLAN_E_COLOURS, 0, 0, NONE),
    F(regions[2].colours, 1, PLAN_E_COLOURS, 0, 2, NONE), /* a device's */
    F(regions[0].kind, PLAN_REGION_DEVICE, PLAN_E_COLOURS, 0, 0, NONE),
    F(regions[3].pa, 0x40411000, PLAN_E_COLOUR_ALIGN, 1, 3, NONE),
    F(p.llc.ways, 1, PLAN_E_COLOUR_ALIGN, 1, 3, NONE), /* a period of 1 MiB */
    F(vms[0].flags, PLAN_VM_TRUSTED_DMA, PLAN_E_COLOUR_DMA, 0, 0, NONE),
    F(regions[0].size, 0x200800, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].size, 0, PLAN_E_REGION_ALIGN, 0, 0, NONE),
    F(regions[0].size, 1ULL << 60, PLAN_E_REGION_ALIGN, 0, 0, NONE), /* whose span wraps */
    F(regions[3].colours, 0xff80, PLAN_E_REGION_OVERLAP, 1, 3, 0), /* one colour in common */
    F(regions[3].colours, 0, PLAN_E_REGION_OVERLAP, 1, 3, 0),      /* all of them */
    F(regions[1].pa, 0x407f0000, PLAN_E_REGION_OVERLAP, 0, 1, 0),  /* in the last period of its own */
    F(regions[1].pa, 0x43ff0000, PLAN_E_REGION_RAM, 0, 1, NONE),   /* its end is in RAM by size, not by span */
    F(regions[1].pa, 0x43c00000, PLAN_E_REGION_RAM, 0, 1, NONE),
    F(regions[3].pa, 0x401f0000, PLAN_E_REGION_HV, 1, 3, NONE),
    F(images[1].pa, 0x40601000, PLAN_E_IMAGE, 0, 1, NONE),  /* a page too far */
    F(images[0].pa, 0x40408000, PLAN_E_IMAGE, 0, 0, NONE),  /* among its region's pages, of another colour */
    F(images[0].pa, 0x40418000, PLAN_E_IMAGE, 0, 0, NONE),  /* the other VM's */
    F(images[2].pa, 0x40410000, PLAN_E_IMAGE, 1, 2, NONE),
    F(vms[0].pristine_pa, 0x41801000, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_size, 0x102008, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_size, 0x100000, PLAN_E_PRISTINE, 0, 1, NONE),
    F(vms[0].pristine_size, 1ULL << 60, PLAN_E_PRISTINE, 0, NONE, NONE),
    F(vms[0].pristine_pa, 0x417f0000, PLAN_E_PRISTINE, 0, 1, NONE), /* the last period of its own RAM */
    F(vms[0].pristine_pa, 0x401f0000, PLAN_E_PRISTINE, 0, NONE, NONE), /* the hypervisor's */
    F(vms[0].pristine_pa, 0x43e00000, PLAN_E_PRISTINE, 0, NONE, NONE), /* its end is no RAM */
    F(vms[1].pristine_pa, 0x41800000, PLAN_E_PRISTINE, 1, 2, NONE), /* then the copy is not in it at its place */
    F(images[0].pristine_pa, 0x41808000, PLAN_E_PRISTINE, 0, 0, NONE),
    F(images[1].pristine_pa, 0x41800ff8, PLAN_E_PRISTINE, 0, 1, 0),
    F(regions[3].pa, 0x40000000, PLAN_E_REGION_HV, 1, 3, NONE),
};

/* The same, into one whose VMs have a channel in common. */
static const struct forgery channel_forgeries[] = {
    F(regions[5].pa, 0x43001000, PLAN_E_REGION_OVERLAP, 1, 5, 2), /* not the same */
    F(regions[5].pa, 0x42fff000, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[5].size, 0x1000, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[5].kind, PLAN_REGION_RAM, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[2].kind, PLAN_REGION_RAM, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[5].kind, PLAN_REGION_SHARED, PLAN_E_REGION_OVERLAP, 1, 5, 2),
    F(regions[1].pa, 0x42001000, PLAN_E_REGION_OVERLAP, 0, 2, 1), /* in RAM of the VM */
    F(regions[5].rights, 7, PLAN_E_REGION_RIGHTS, 1, 5, NONE),
    F(regions[5].rights, 5, PLAN_E_REGION_RIGHTS, 1, 5, NONE),
    F(regions[2].rights, 2, PLAN_E_REGION_RIGHTS, 0, 2, NONE),
    F(regions[2].pa, 0x44000000, PLAN_E_REGION_RAM, 0, 2, NONE),
    F(regions[2].pa, 0x403ff000, PLAN_E_REGION_HV, 0, 2, NONE),
    F(regions[2].ipa, 0x411ff000, PLAN_E_REGION_IPA_OVERLAP, 0, 2, 1),
    F(regions[2].ipa, 0x08000000, PLAN_E_REGION_IRQC, 0, 2, NONE),
    F(regions[2].colours, 1, PLAN_E_COLOURS, 0, 2, NONE), /* of no cache */
    F(vms[0].entry, 0x50000000, PLAN_E_ENTRY, 0, NONE, NONE),
    F(vms[0].dtb, 0x50000000, PLAN_E_ENTRY, 0, NONE, NONE),
    F(images[0].pa, 0x43000000, PLAN_E_IMAGE, 0, 0, NONE),
    F(vms[0].flags, PLAN_VM_TRUSTED_DMA, PLAN_E_TRUSTED_DMA, 0, 2, NONE),
};

/* All of them, with the plan that each is forged into. */
static const struct forgery_set {
    void (*change)(struct plan_fixture *f); /* NULL: the good plan as it is */
    const struct forgery *forgery;
    size_t count;
} forgery_sets[] = {
    {NULL, forgeries, ARRAY_SIZE(forgeries)},
    {plan_fixture_restart, restart_forgeries, ARRAY_SIZE(restart_forgeries)},
    {plan_fixture_doorbells, doorbell_forgeries, ARRAY_SIZE(doorbell_forgeries)},
    {plan_fixture_coloured, coloured_forgeries, ARRAY_SIZE(coloured_forgeries)},
    {plan_fixture_channel, channel_forgeries, ARRAY_SIZE(channel_forgeries)},
};

#endif
