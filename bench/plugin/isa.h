/* SPDX-License-Identifier: Apache-2.0 */
/* What the counter has to know of an instruction set. */
#ifndef ISA_H
#define ISA_H

#include <stdbool.h>
#include <stdint.h>

/* What an instruction is to the counter. */
enum role {
    ROLE_INSN = 0,
    ROLE_SYNC,   /* the first of a vector for guests' exits: by its place */
    ROLE_IRQ,    /*                                          the same */
    ROLE_FIQ,    /*                                          the same */
    ROLE_SERROR, /*                                          the same */
    ROLE_OWN,    /* the first of a vector for exceptions of the hypervisor's own */
    ROLE_VECTOR, /* the only vector: the kind stands in the cause, and whose it is in what ran before */
    ROLE_RETURN, /* back to where the exception came from */
    ROLE_WAIT,   /* WFI */
    ROLE_MRET,
    ROLE_MARK,   /* of a guest: does nothing, and names a number */
};

enum reg { REG_CPU = 0, REG_AFFINITY, REG_CAUSE, REG_LEVEL, REG_PAGE, REG_VA, REG_ARG0, REG_ARG1, REG_ARG2, NR_REGS };

struct isa {
    const char *target;                        /* as QEMU names it */
    const char *regs[NR_REGS];                 /* as QEMU names them; NULL: there is none */
    uint64_t level_mask, hv_level, fw_level;   /* of REG_LEVEL, while the hypervisor or the firmware runs */
    unsigned page_shift;                       /* REG_PAGE holds a guest physical address, shifted right by this ... */
    uint64_t va_mask;                          /* ... and REG_VA these bits of it */
    enum role (*at_vector)(uint64_t at);       /* at: behind the vectors' address */
    enum role (*of_code)(uint32_t code);
    bool (*mark)(uint32_t code, unsigned *number);
};

#define NR_ISAS 2U
extern const struct isa isas[NR_ISAS];

#endif
