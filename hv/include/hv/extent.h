/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of a plan as one run of offsets, whether it is contiguous or coloured (core/colour.h): whoever goes from an offset to
 * a physical address, or back, does it here. Pure. What these answer with is right for a plan that was validated;
 * extent_ok() and extent_span() are safe to ask of any whose cache is empty or colour_llc_ok().
 */
#ifndef HV_EXTENT_H
#define HV_EXTENT_H

#include "hv/plan.h"

struct extent {
    const struct plan_llc *llc;
    paddr_t base;
    uint64_t size;    /* bytes */
    uint64_t colours; /* 0: contiguous */
};

struct extent extent_of_region(const struct plan *p, const struct plan_region *r);

/* The pristine copies of a VM. They have the colours of its first region, so that a restart reads no line of others. */
struct extent extent_of_pristine(const struct plan *p, const struct plan_vm *v);

/* True if the base may be one, of these colours: there is a cache, which has them, and the base is aligned to its period.
 * True for all that is contiguous. */
bool extent_ok(const struct extent *e);

/* Physical bytes from the base on, among which it lies: its size, or whole periods. 0 if that is more than an address holds, if
 * it has no bytes, or not extent_ok(). */
uint64_t extent_span(const struct extent *e);

/* True if a byte of one is a byte of the other, or could be: their spans meet, and not in disjoint colours. Both have a span. */
bool extents_meet(const struct extent *a, const struct extent *b);

paddr_t extent_pa(const struct extent *e, uint64_t offset);

/* Bytes that follow each other in physical memory from offset on, up to the end. */
uint64_t extent_run(const struct extent *e, uint64_t offset);

/* True, and *offset, if pa is one of its bytes. */
bool extent_offset(const struct extent *e, paddr_t pa, uint64_t *offset);

/* The RAM region of the VM that holds all of the image, which begins at *offset of it; NULL if there is none. */
const struct plan_region *extent_of_image(const struct plan *p, const struct plan_vm *v, const struct plan_image *m,
                                          uint64_t *offset);

#endif
