/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Register-table engine: an emulated register frame is a const table of registers, sorted by offset, and one function
 * that finds the register of an access, refuses widths it does not have, and calls its handler. Used by the virtual
 * GIC; made for every device whose registers are emulated.
 *
 * What the table does not have, and every access of a width or alignment the register does not have, reads as zero
 * and ignores writes. For the GIC that is one of the behaviours IHI 0069H 12.1.3 allows, and the only one that needs
 * no state and cannot disturb the guest.
 */
#ifndef HV_VDEV_MMIO_H
#define HV_VDEV_MMIO_H

#include "core/vcpu.h"
#include "hv/types.h"

/* Access widths in bytes, as a set. */
#define MMIO_W8  1U
#define MMIO_W16 2U
#define MMIO_W32 4U
#define MMIO_W64 8U

struct mmio_access {
    struct vcpu *v;     /* who accesses */
    void *dev;          /* what the frame belongs to; the handlers know its type */
    uint32_t offset;    /* bytes from the start of the register block */
    uint32_t size;      /* bytes: 1, 2, 4, 8 */
    uint32_t first;     /* by mmio_access() alone: number of the first interrupt the access covers, offset * 8 / bits */
};

struct mmio_reg {
    const char *name;
    uint32_t offset;    /* from the start of the frame */
    uint32_t length;    /* bytes of the whole block of registers */
    uint8_t widths;     /* MMIO_W*: widths the register answers to */
    uint8_t bits;       /* bits per interrupt, 0 if the register is not per interrupt */
    uint64_t (*read)(const struct mmio_access *a);             /* NULL: reads as zero */
    void (*write)(const struct mmio_access *a, uint64_t val);  /* NULL: writes are ignored */
};

/* Where to begin to look for an offset, so that registers in use are found at once: granules of 128 bytes, of the first 4 KiB of each
 * 64 KiB, which is where frames have their registers; the rest of each is searched. */
#define MMIO_GRANULES      32U
#define MMIO_GRANULE_SHIFT 7U
#define MMIO_GRANULE       (1U << MMIO_GRANULE_SHIFT)

struct mmio_table {
    const struct mmio_reg *regs; /* sorted by offset, blocks do not overlap */
    uint32_t count;
    uint32_t granules;    /* entries of start; if there are any, an MMIO_END follows the registers, which is not counted */
    const uint8_t *start; /* by granule: the last register that begins at or before its first byte; the first, if there is none */
};

#define MMIO_END {NULL, UINT32_MAX, 0, 0, 0, NULL, NULL}

/* Register whose block holds `offset`, or NULL. Pure. */
const struct mmio_reg *mmio_find(const struct mmio_table *t, uint32_t offset);

/*
 * One access to a frame: `offset` within it, in the block of the register `r` (mmio_find(), or who knows it otherwise; NULL: of none),
 * `size` 1, 2, 4 or 8. For a write *val is what is written (bits above the width are ignored), for a read what was read (bits above
 * the width are zero). Locks and context: the handlers'.
 */
__attribute__((noinline)) void mmio_access(const struct mmio_reg *r, struct vcpu *v, void *dev, uint32_t offset, uint32_t size, bool write,
                                           uint64_t *val);

/*
 * For 32 bits at `offset` within the frame of a table with granules, all of whose registers answer to them: the register, and in *a
 * what its handlers are to be told. NULL, if it is not aligned, not in the first 4 KiB, or not the first register of its granule:
 * then mmio_find() tells. Pure.
 */
const struct mmio_reg *mmio_word(const struct mmio_table *t, struct vcpu *v, void *dev, uint64_t offset, struct mmio_access *a);

#endif
