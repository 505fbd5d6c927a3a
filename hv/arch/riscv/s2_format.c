/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G-stage translation of the RISC-V hypervisor extension: Sv39x4 and Sv48x4 (privileged architecture 1.13, 18.5.1).
 * PURE: constants and arithmetic alone.
 *
 * Levels are counted from the root of Sv48x4: 0 (512 GiB per entry) to 3 (4 KiB). Either root is four pages, so that
 * two more address bits than Sv39 and Sv48 have are translated.
 */
#include "hv/s2_format.h"

/* Descriptor fields (12.3.1, 12.4.1). G-stage checks every access as one of user mode, so U is set; A and D are set,
 * since nothing here wants to know, and an implementation may fault where they are clear. */
#define PTE_V    (1ULL << 0)
#define PTE_R    (1ULL << 1)
#define PTE_W    (1ULL << 2)
#define PTE_X    (1ULL << 3)
#define PTE_U    (1ULL << 4)
#define PTE_A    (1ULL << 6)
#define PTE_D    (1ULL << 7)
#define PTE_PPN  0x003ffffffffffc00ULL
#define LEAF     (PTE_V | PTE_U | PTE_A | PTE_D)

/* Write without read is reserved (table 12.5), execute without read is not offered, as on Armv8. Whether memory is a
 * device's is said by the platform's PMAs; PBMT stays 0, "as the PMAs say". */
const struct s2_format s2_format = {
    .name = "riscv-gstage",
    .valid_mask = PTE_V,
    .leaf_mask = PTE_R,
    .leaf_value = PTE_R,
    .table_bits = PTE_V,
    .block_bits = LEAF,
    .page_bits = LEAF,
    .addr_mask = PTE_PPN,
    .addr_rshift = 2,
    .max_ipa_bits = 50,
    .last_level = 3,
    .first_block_level = 1, /* Sv39x4's root; with Sv48x4 512 GiB blocks would be legal, but nothing is that large */
    .attr = {
        [S2_MEM_NORMAL] = {
            [S2_R] = PTE_R,
            [S2_R | S2_W] = PTE_R | PTE_W,
            [S2_R | S2_X] = PTE_R | PTE_X,
            [S2_R | S2_W | S2_X] = PTE_R | PTE_W | PTE_X,
        },
        [S2_MEM_DEVICE] = {
            [S2_R] = PTE_R,
            [S2_R | S2_W] = PTE_R | PTE_W,
        },
    },
};

#define SV39X4_BITS 41U
#define SV48X4_BITS 50U
#define ROOT_PAGES  4U

/* pa_bits is what the CPU's stage 2 translates, or what a plan asks of it, which is no less than ipa_bits: 42 and
 * more ask for Sv48x4. Guest-physical addresses may have more bits than physical ones. */
enum hv_status s2_geometry(unsigned ipa_bits, unsigned pa_bits, struct s2_geometry *out)
{
    bool small = ipa_bits <= SV39X4_BITS;

    if (ipa_bits == 0U || ipa_bits > pa_bits || ipa_bits > s2_format.max_ipa_bits) {
        return HV_ERR_RANGE;
    }
    out->ipa_bits = small ? SV39X4_BITS : SV48X4_BITS;
    out->start_level = small ? 1U : 0U;
    out->root_pages = ROOT_PAGES;
    return HV_OK;
}

/* hgatp (18.2.10): MODE 8 is Sv39x4, 9 Sv48x4. */
#define HGATP_MODE(geo)  ((uint64_t)((geo)->start_level == 1U ? 8U : 9U) << 60)
#define HGATP_VMID(vmid) (((uint64_t)(vmid) & 0x3fffU) << 44)

struct s2_hw s2_hw(const struct s2_geometry *geo, paddr_t root, vmid_t vmid, unsigned pa_bits)
{
    (void)pa_bits;
    return (struct s2_hw){.ctrl = 0, .base = HGATP_MODE(geo) | HGATP_VMID(vmid.v) | (root.v >> PAGE_SHIFT)};
}
