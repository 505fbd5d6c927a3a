/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage-2 descriptors and control registers of Armv8-A with the 4 KiB granule and 48-bit addresses (DDI 0487, D8.2 and
 * D8.3). PURE: constants and arithmetic alone.
 */
#include "hv/s2_format.h"

/* Descriptor fields, D8.3.1 and D8.3.2. */
#define DESC_VALID    (1ULL << 0)
#define DESC_TABLE    (1ULL << 1) /* table above level 3, page at level 3 */
#define DESC_ADDR     0x0000fffffffff000ULL
#define ATTR_MEM(x)   ((uint64_t)(x) << 2)  /* MemAttr[3:0] */
#define ATTR_S2AP(x)  ((uint64_t)(x) << 6)
#define ATTR_SH(x)    ((uint64_t)(x) << 8)
#define ATTR_AF       (1ULL << 10)
/* XN[1:0] = 0b10: no execution at EL1 or EL0, with FEAT_XNX and without it (bit 53 is RES0 there). */
#define ATTR_XN       (1ULL << 54)

#define MEM_DEVICE_nGnRE 0x1U
#define MEM_NORMAL_WB    0xfU
#define SH_OUTER         0x2U /* what the architecture makes of device memory anyway */
#define SH_INNER         0x3U

#define NORMAL (ATTR_MEM(MEM_NORMAL_WB) | ATTR_SH(SH_INNER) | ATTR_AF)
#define DEVICE (ATTR_MEM(MEM_DEVICE_nGnRE) | ATTR_SH(SH_OUTER) | ATTR_AF | ATTR_XN)
#define READ   ATTR_S2AP(1)
#define BOTH   ATTR_S2AP(3)

/* Not offered: write without read, and execute without read, which stage 2 cannot express. */
const struct s2_format s2_format = {
    .name = "armv8-4k",
    .valid_mask = DESC_VALID,
    .leaf_mask = DESC_TABLE,
    .leaf_value = 0,
    .table_bits = DESC_VALID | DESC_TABLE,
    .block_bits = DESC_VALID,
    .page_bits = DESC_VALID | DESC_TABLE,
    .addr_mask = DESC_ADDR,
    .addr_rshift = 0,
    .max_ipa_bits = 48,
    .last_level = 3,
    .first_block_level = 1,
    .attr = {
        [S2_MEM_NORMAL] = {
            [S2_R] = NORMAL | READ | ATTR_XN,
            [S2_R | S2_W] = NORMAL | BOTH | ATTR_XN,
            [S2_R | S2_X] = NORMAL | READ,
            [S2_R | S2_W | S2_X] = NORMAL | BOTH,
        },
        [S2_MEM_DEVICE] = {
            [S2_R] = DEVICE | READ,
            [S2_R | S2_W] = DEVICE | BOTH,
        },
    },
};

/* A guest reads its physical address size from ID_AA64MMFR0_EL1.PARange, which cannot say less than 32 bits. */
#define MIN_IPA_BITS 32U

/* IPA bits that one table of a level resolves; 16 concatenated tables add four (D8.2.2). */
#define LEVEL_BITS(level) (12U + (9U * (4U - (level))))
#define CONCAT_BITS       4U

/*
 * The deepest start level is the legal one: a CPU with 40 or 42 PA bits may not start at level 0 (D8.2.2), and its
 * IPA size, which never exceeds its PA size, never needs to, since level 1 reaches 43 bits.
 */
enum hv_status s2_geometry(unsigned ipa_bits, unsigned pa_bits, struct s2_geometry *out)
{
    unsigned bits = ipa_bits < MIN_IPA_BITS ? MIN_IPA_BITS : ipa_bits;
    if (ipa_bits == 0U || bits > pa_bits || bits > s2_format.max_ipa_bits) {
        return HV_ERR_RANGE;
    }
    unsigned level = 2U;
    while (level > 0U && bits > LEVEL_BITS(level) + CONCAT_BITS) {
        level--;
    }
    out->ipa_bits = bits;
    out->start_level = level;
    out->root_pages = bits > LEVEL_BITS(level) ? 1U << (bits - LEVEL_BITS(level)) : 1U;
    return HV_OK;
}

/* VTCR_EL2 fields (D19.2.150). HA and HD stay 0: descriptors change only by our hand. */
#define VTCR_T0SZ(x)  ((uint64_t)(x))
#define VTCR_SL0(x)   ((uint64_t)(x) << 6)
#define VTCR_IRGN0_WB (1ULL << 8)
#define VTCR_ORGN0_WB (1ULL << 10)
#define VTCR_SH0_INNER (3ULL << 12)
#define VTCR_PS(x)    ((uint64_t)(x) << 16)
#define VTCR_RES1     (1ULL << 31)

/* VTTBR_EL2 (D19.2.151); VTCR_EL2.VS = 0 makes the VMID 8 bits wide. */
#define VTTBR_VMID(x) (((uint64_t)(x) & 0xffU) << 48)

/* The largest encoding that does not exceed what the CPU has; 48 bits is the most this format addresses. */
static uint64_t ps_of(unsigned pa_bits)
{
    static const uint8_t sizes[] = { 32, 36, 40, 42, 44, 48 };
    uint64_t ps = 0;
    for (unsigned i = 1; i < ARRAY_SIZE(sizes); i++) {
        if (sizes[i] <= pa_bits) {
            ps = i;
        }
    }
    return ps;
}

struct s2_hw s2_hw(const struct s2_geometry *geo, paddr_t root, vmid_t vmid, unsigned pa_bits)
{
    return (struct s2_hw){
        .ctrl = VTCR_T0SZ(64U - geo->ipa_bits) | VTCR_SL0(2U - geo->start_level) | VTCR_IRGN0_WB |
                VTCR_ORGN0_WB | VTCR_SH0_INNER | VTCR_PS(ps_of(pa_bits)) | VTCR_RES1,
        .base = (root.v & DESC_ADDR) | VTTBR_VMID(vmid.v),
    };
}
