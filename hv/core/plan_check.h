/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of plan_validate(), one file each. All are pure and trust nothing but what an earlier part has
 * found good. */
#ifndef HV_CORE_PLAN_CHECK_H
#define HV_CORE_PLAN_CHECK_H

#include "hv/plan.h"

struct plan_check {
    const struct plan *p;
    struct plan_report *report;
};

/* Notes one issue; beyond the report's array it is only counted. */
void plan_check_issue(const struct plan_check *c, enum plan_error e, uint32_t vm, uint32_t a, uint32_t b);

/* Fields of the header, the hypervisor's own memory and the CPU table. */
void plan_check_header(const struct plan_check *c);

/* Every VM: name, CPUs, slices of the tables, entry point, interrupt controller, images. The plan_table
 * slices of a VM are looked at only if they lie in their tables. */
void plan_check_vms(const struct plan_check *c);

/* Regions and interrupts of the whole plan, each against each. */
void plan_check_regions(const struct plan_check *c);
void plan_check_irqs(const struct plan_check *c);

/* What a VM that may restart needs besides: its RAM in whole blocks, and pristine copies of its images in memory that is
 * nobody else's. A VM that may not has neither. */
void plan_check_restart(const struct plan_check *c);

/* The shared console and the emulated UARTs of its VMs. */
void plan_check_console(const struct plan_check *c);

/* True if a descriptor of the table format can hold the address of each page of [base, base + size), which is page-aligned
 * and satisfies range_ok(). A CPU may have more physical address bits than that. */
bool plan_check_reachable(uint64_t base, uint64_t size);

/* True if the VM's slice of the region table, or of the image table, lies in the table. */
bool plan_check_has_regions(const struct plan *p, uint32_t vm);
bool plan_check_has_images(const struct plan *p, uint32_t vm);

/* Bytes of the VM's distributor (0) and redistributor or CPU interface (1) frames; IHI 0069H 12.8, IHI
 * 0048B 4.3. */
uint64_t plan_check_frame_size(const struct plan *p, const struct plan_vm *vm, unsigned frame);

/* Pages of the VM's tables if its root is allocated from a pool of which `used` pages are gone; 0 if the IPA
 * size is not legal. */
uint64_t plan_pages_from(const struct plan *p, uint32_t vm, uint64_t used);

#endif
