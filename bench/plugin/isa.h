/* SPDX-License-Identifier: Apache-2.0 */
/* What the counter has to know of an instruction set. */
#ifndef ISA_H
#define ISA_H

#include <stdint.h>
#include <string.h>

/* What an instruction at an address of the hypervisor is to the counter. */
enum role {
    ROLE_INSN = 0,
    ROLE_SYNC,         /* the first of a vector for guests' exits: by its place */
    ROLE_IRQ,          /*                                          the same */
    ROLE_OTHER_VECTOR, /*                                          of neither kind */
    ROLE_VECTOR,       /* the only vector: the kind stands in the cause */
    ROLE_RETURN,       /* back to where the exception came from */
    ROLE_FIRMWARE,     /* one of the firmware's */
    ROLE_FIRMWARE_RETURN,
};

enum reg { REG_CPU = 0, REG_CAUSE, REG_LEVEL, REG_ARG0, REG_ARG1, REG_ARG2, NR_REGS };

struct isa {
    const char *target;        /* as QEMU names it */
    const char *regs[NR_REGS]; /* as QEMU names them; NULL: there is none */
    uint64_t firmware_level;   /* of REG_LEVEL, while the firmware runs */
    enum role (*role)(uint64_t at, uint32_t code); /* at: behind the vectors' address; code: the instruction */
};

/* DDI 0487 D1.3.1: sixteen vectors, of which those for a lower level with AArch64 are looked at; a hypervisor's own
 * exceptions are not expected. */
static enum role armv8_role(uint64_t at, uint32_t code)
{
    const uint64_t lower = 0x400, each = 0x80, end = 0x800;
    if (at >= lower && at < end && at % each == 0U) {
        return at == lower ? ROLE_SYNC : at == lower + each ? ROLE_IRQ : ROLE_OTHER_VECTOR;
    }
    return code == 0xd69f03e0U ? ROLE_RETURN : ROLE_INSN; /* ERET */
}

/* Privileged architecture 1.13, 12.1.2 (direct mode). What the hypervisor itself traps on comes here as well. */
static enum role riscv_role(uint64_t at, uint32_t code)
{
    return at == 0U ? ROLE_VECTOR : code == 0x10200073U ? ROLE_RETURN : ROLE_INSN; /* SRET */
}

static const struct isa isas[] = {
    {"aarch64", {"TPIDR_EL2", "ESR_EL2", NULL, "x0", "x1", "x2"}, 0, armv8_role},
    {"riscv64", {"mhartid", "scause", "priv", "a7", "a6", "a0"}, 3, riscv_role},
};

#define MRET 0x30200073U

#endif
