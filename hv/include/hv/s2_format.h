/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage-2 table format as data: everything core/s2.c needs to encode and read descriptors of an ISA. Data rather
 * than functions, so that the image keeps no indirect branch and a host test can print the whole encoding.
 */
#ifndef HV_S2_FORMAT_H
#define HV_S2_FORMAT_H

#include "hv/status.h"
#include "hv/types.h"

enum s2_mem { S2_MEM_NORMAL = 0, S2_MEM_DEVICE, S2_MEMS };

#define S2_R 1U
#define S2_W 2U
#define S2_X 4U

#define S2_MAX_LEVELS 4U

struct s2_format {
    const char *name;
    uint64_t valid_mask;    /* a descriptor is valid if (pte & valid_mask) == valid_mask */
    uint64_t leaf_mask;     /* together with leaf_value tells block/page from table above the last level */
    uint64_t leaf_value;
    uint64_t table_bits;    /* fixed bits of a table descriptor */
    uint64_t block_bits;    /* fixed bits of a leaf above the last level */
    uint64_t page_bits;     /* fixed bits of a leaf at the last level */
    uint64_t addr_mask;     /* output-address field of the descriptor */
    unsigned addr_rshift;   /* PA is shifted right by this much before masking (RISC-V: 2) */
    unsigned max_ipa_bits;
    unsigned last_level;    /* 3 on Armv8 (levels 0..3), likewise on RISC-V counted from the root of Sv48x4 */
    unsigned first_block_level; /* lowest-numbered level that may hold a leaf */
    /* Attribute bits of a leaf by memory type and rights (index S2_R|S2_W|S2_X); 0 = not representable. */
    uint64_t attr[S2_MEMS][8];
};

/* Shape of a stage-2 tree, derived from the IPA size. */
struct s2_geometry {
    unsigned ipa_bits;    /* legal size actually programmed */
    unsigned start_level;
    unsigned root_pages;  /* concatenated tables; the root is aligned to their total size */
};

/* The format of this image's ISA. */
extern const struct s2_format s2_format;

/*
 * Smallest legal geometry that covers `ipa_bits` on a CPU with `pa_bits` physical address bits.
 * HV_ERR_RANGE if ipa_bits is 0 or exceeds pa_bits or the format's maximum. Pure.
 */
enum hv_status s2_geometry(unsigned ipa_bits, unsigned pa_bits, struct s2_geometry *out) MUST_CHECK;

/*
 * The two words the hardware needs to use a tree: on Armv8 VTCR_EL2 and VTTBR_EL2 (Arm ARM DDI 0487, D19.2.150/151),
 * on RISC-V 0 and hgatp. Pure.
 */
struct s2_hw {
    uint64_t ctrl;
    uint64_t base;
};
struct s2_hw s2_hw(const struct s2_geometry *geo, paddr_t root, vmid_t vmid, unsigned pa_bits);

#endif
