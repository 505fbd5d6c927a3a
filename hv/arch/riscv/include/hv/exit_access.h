/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchronous exits that are plain accesses to a word, told from the CPU's registers alone and without memory, since those at each end of
 * an interrupt are. All others, which may be such accesses as well, are exit_decode()'s; of these it says the same.
 */
#ifndef HV_EXIT_ACCESS_H
#define HV_EXIT_ACCESS_H

#include "hv/arch_ops.h"
#include "hv/board.h"

/* LW, LWU or SW of a register that each exit saves, other than x0, aligned, at an address that is known, if the hardware gives the
 * instruction with zeroes wherever the transformation puts them (privileged architecture 1.13, 18.6.3): all of it but rd or rs2, bit 1,
 * which says that it was 4 bytes long, and what tells LWU from LW, is one pattern. Pure. */
static inline bool exit_is_plain_word(const struct exit_raw *raw, struct exit_word *out)
{
    if (raw->esr == 21U && (raw->insn & ~0x4f82ULL) == 0x2001U) {
        out->reg = (unsigned)(raw->insn >> 7) & 31U;
        out->write = false;
    } else if (raw->esr == 23U && (raw->insn & ~0x1f00002ULL) == 0x2021U) {
        out->reg = (unsigned)(raw->insn >> 20) & 31U;
        out->write = true;
    } else {
        return false;
    }
    out->ipa = raw->hpfar << 2;
    out->insn_len = (unsigned)(raw->insn & 2U) + 2U;
    return out->reg != 0U && out->ipa != 0U && (raw->far & 3U) == 0U && (((uint32_t)VCPU_REGS_KEPT >> out->reg) & 1U) == 0U;
}

/* The same of the exit just taken. Nothing of an APLIC is read at each interrupt, so no load of a board with one is looked at. */
static inline bool exit_word_at_once(struct exit_word *out)
{
    struct exit_raw raw;

    if (board.irqc == PLAN_IRQC_AIA && arch_ops.cpu.syndrome() == 21U) {
        return false;
    }
    arch_ops.isa.read_access(&raw);
    return exit_is_plain_word(&raw, out);
}

#endif
