/* SPDX-License-Identifier: Apache-2.0 */
#include "isa.h"

#include <stddef.h>

/* DDI 0487 D1.3.1: sixteen vectors. Those for a lower level with AArch64 are guests' exits, those for the same level the
 * hypervisor's own. */
static enum role armv8_at_vector(uint64_t at)
{
    static const enum role lower[] = {ROLE_SYNC, ROLE_IRQ, ROLE_FIQ, ROLE_SERROR};
    if (at >= 0x600U || at % 0x80U != 0U) {
        return ROLE_INSN;
    }
    return at >= 0x400U ? lower[(at - 0x400U) / 0x80U] : ROLE_OWN;
}

static enum role armv8_of_code(uint32_t code)
{
    return code == 0xd69f03e0U ? ROLE_RETURN /* ERET */ : code == 0xd503207fU ? ROLE_WAIT : ROLE_INSN;
}

/* MOVZ XZR, #number */
static bool armv8_mark(uint32_t code, unsigned *number)
{
    *number = (code >> 5) & 0xffffU;
    return (code & 0xffe0001fU) == 0xd280001fU;
}

/* Privileged architecture 1.13, 12.1.2 (direct mode). What the hypervisor itself traps on comes here as well. */
static enum role riscv_at_vector(uint64_t at)
{
    return at == 0U ? ROLE_VECTOR : ROLE_INSN;
}

static enum role riscv_of_code(uint32_t code)
{
    switch (code) {
    case 0x10200073U: /* SRET */
        return ROLE_RETURN;
    case 0x10500073U:
        return ROLE_WAIT;
    case 0x30200073U:
        return ROLE_MRET;
    default:
        return ROLE_INSN;
    }
}

/* SLTI x0, x0, number: a hint (unprivileged architecture, 2.9), for whoever wants one. */
static bool riscv_mark(uint32_t code, unsigned *number)
{
    *number = code >> 20;
    return (code & 0xfffffU) == 0x02013U;
}

const struct isa isas[NR_ISAS] = {
    {"aarch64",
     {"TPIDR_EL2", "VMPIDR_EL2", "ESR_EL2", "cpsr", "HPFAR_EL2", "FAR_EL2", "x0", "x1", "x2"},
     0xc, 0x8, 0xff, 8, 0xfff, /* EL2; the firmware is QEMU itself. HPFAR_EL2.FIPA is bits 4 and up of bits 12 and up */
     armv8_at_vector, armv8_of_code, armv8_mark},
    {"riscv64",
     {"mhartid", NULL, "scause", "priv", "htval", "stval", "a7", "a6", "a0"},
     0x3, 1, 3, 2, 0x3,
     riscv_at_vector, riscv_of_code, riscv_mark},
};
