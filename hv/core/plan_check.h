/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of plan_validate(), one file each. All are pure and trust nothing but what an earlier part has
 * found good. */
#ifndef HV_CORE_PLAN_CHECK_H
#define HV_CORE_PLAN_CHECK_H

#include "hv/extent.h"

struct plan_check {
    const struct plan *p;
    struct plan_report *report;
};

/* Notes one issue; beyond the report's array it is only counted. */
void plan_check_issue(const struct plan_check *c, enum plan_error e, uint32_t vm, uint32_t a, uint32_t b);

/* Fields of the header, the hypervisor's own memory and the CPU table. */
void plan_check_header(const struct plan_check *c);

/* The hypervisor's colours, and that its coloured memory is nobody else's. The rest of the plan is as it should be. */
void plan_check_hv(const struct plan_check *c);

/* True if the header's fields of interrupts and time are those that the ISA and the kind of controller have, and the
 * controller's frames are apart from each other, from the hypervisor and, where guests have some of them, from RAM. */
bool plan_check_irqc(const struct plan *p);

/* Every entry of the CPU table alone (PLAN_E_FIELD, a = entry) and against the others (PLAN_E_CPU_TWICE, a, b = entries). */
void plan_check_cpus(const struct plan_check *c);

/* True for the INTID of an interrupt that a device may have: an SPI (IHI 0069H 2.2.1), or a wired source of a PLIC or APLIC,
 * of which 0 does not exist. */
bool plan_check_wired(const struct plan *p, uint32_t intid);

/* Every VM: name, CPUs, slices of the tables, entry point, interrupt controller, images. The plan_table
 * slices of a VM are looked at only if they lie in their tables. */
void plan_check_vms(const struct plan_check *c);

/* Regions and interrupts of the whole plan, each alone and against each other. */
void plan_check_regions(const struct plan_check *c);
void plan_check_irqs(const struct plan_check *c);

/* True if it has addresses that may be compared: pages, which wrap nowhere, of colours that there are. */
bool plan_check_formed(const struct plan *p, const struct plan_region *r);

/* The VM of each region by entry: the first whose slice holds it. Slices that leave their table own nothing, and were reported. */
#define PLAN_NO_OWNER 0xffU
void plan_check_owners(const struct plan *p, uint8_t owner[PLAN_MAX_REGIONS]);

/* Pairs of regions that share physical pages and may not, and pairs of a VM's that share guest addresses. Those that are not
 * plan_check_formed() were reported, and are left out. Apart, so that its tables are not on the stack below what is checked behind it. */
__attribute__((noinline)) void plan_check_overlaps(const struct plan_check *c, const uint8_t owner[PLAN_MAX_REGIONS]);

/* What a VM that may restart needs besides: its RAM in whole blocks, and pristine copies of its images in memory that is
 * nobody else's. A VM that may not has neither. */
void plan_check_restart(const struct plan_check *c);

/* The shared console and the emulated UARTs of its VMs. */
void plan_check_console(const struct plan_check *c);

/* The channels: their endpoints, discovery pages and doorbells. */
void plan_check_channels(const struct plan_check *c);

/* The interrupt files of others that a channel's endpoints have; the channels before it, and all VMs, have been looked at. */
void plan_check_direct(const struct plan_check *c, uint32_t channel);

/* True if the cache may be counted with: it is one, or none is described. */
bool plan_check_llc(const struct plan_check *c);

/* True if the region's colours may be looked at; else what is wrong with them is reported. */
bool plan_check_colours(const struct plan_check *c, uint32_t vm, uint32_t i);

/* True if a descriptor of the table format can hold the address of each page of [base, base + size), which is page-aligned
 * and satisfies range_ok(). A CPU may have more physical address bits than that. */
bool plan_check_reachable(uint64_t base, uint64_t size);

/* True if the VM's slice of the region table, or of the image table, lies in the table. */
bool plan_check_has_regions(const struct plan *p, uint32_t vm);
bool plan_check_has_images(const struct plan *p, uint32_t vm);

/* Bytes of the VM's virtual controller at irqc_ipa[frame]; 0 if it has no such frame. GICs: distributor, and redistributors or
 * CPU interface (IHI 0069H 12.8, IHI 0048B 4.3); PLIC: as the board's; AIA: the APLIC as the board's, and one interrupt file
 * per vCPU. */
uint64_t plan_check_frame_size(const struct plan *p, const struct plan_vm *vm, unsigned frame);

/* What irqc_ipa[frame] is a multiple of, a power of two. */
uint64_t plan_check_frame_align(const struct plan *p, const struct plan_vm *vm, unsigned frame);

/* Pages of the VM's tables if its root is allocated from a pool of which `used` pages are gone; 0 if the IPA
 * size is not legal. */
uint64_t plan_pages_from(const struct plan *p, uint32_t vm, uint64_t used);

#endif
