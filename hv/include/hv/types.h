/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Basic types of the hypervisor. Physical addresses, intermediate physical addresses and VMIDs are distinct
 * struct types, so that the compiler refuses to mix them; neither is ever a C pointer: a physical address
 * becomes one only through arch_ops.mmu.map.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t v;
} paddr_t;

/* Intermediate physical address: what a guest believes to be physical. */
typedef struct {
    uint64_t v;
} ipaddr_t;

typedef struct {
    uint16_t v;
} vmid_t;

#define PA(x)   ((paddr_t){(x)})
#define IPA(x)  ((ipaddr_t){(x)})
#define VMID(x) ((vmid_t){(x)})

#define PAGE_SHIFT 12U
#define PAGE_SIZE  ((uint64_t)1 << PAGE_SHIFT)
#define SZ_2M      ((uint64_t)2 << 20)
#define SZ_1G      ((uint64_t)1 << 30)

/* Limits of one image. What a CPU or VM takes of memory is taken as a plan has them (core/own.h), and sets of them are words: 32 at most.
 * VM_MAX_VCPUS is part of the plan's format, and of the bits by which a GICv2 names CPUs. */
#define HV_MAX_CPUS  32U
#define HV_MAX_VMS   32U
#define VM_MAX_VCPUS 8U
#define VM_MAX_IMAGES 8U

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline bool is_aligned(uint64_t v, uint64_t align)
{
    return (v & (align - 1U)) == 0U;
}

static inline uint64_t align_down(uint64_t v, uint64_t align)
{
    return v & ~(align - 1U);
}

/* Wraps to a small number when v is within `align` of 2^64: callers check with range_ok() first. */
static inline uint64_t align_up(uint64_t v, uint64_t align)
{
    return (v + align - 1U) & ~(align - 1U);
}

/* True if [base, base + size) is not empty and does not wrap at 2^64. */
static inline __attribute__((always_inline)) bool range_ok(uint64_t base, uint64_t size)
{
    return size != 0U && base + (size - 1U) >= base;
}

/* True if two ranges, each of which satisfies range_ok(), share a byte. */
static inline __attribute__((always_inline)) bool ranges_overlap(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
    return a <= b + (bsize - 1U) && b <= a + (asize - 1U);
}

/* True if [base, base + size) lies wholly in [outer, outer + outer_size). */
static inline __attribute__((always_inline)) bool range_within(uint64_t base, uint64_t size, uint64_t outer, uint64_t outer_size)
{
    return range_ok(base, size) && range_ok(outer, outer_size) && base >= outer &&
           base + (size - 1U) <= outer + (outer_size - 1U);
}

#endif
