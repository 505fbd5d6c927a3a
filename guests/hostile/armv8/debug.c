/* SPDX-License-Identifier: Apache-2.0 */
/* Debug: exceptions, breakpoints at EL2, the OS lock, and semihosting. */
#include "attacks.h"

INSN(brk, 0xd4224680)      /* brk #0x1234 */
INSN(svc, 0xd4000001)      /* svc #0 */
INSN(hlt, 0xd45e0000)      /* hlt #0xf000: semihosting */
INSN(hlt_0, 0xd4400000)    /* hlt #0 */
INSN(dcps2, 0xd4a00002)    /* to EL2, in debug state alone */
INSN(eret_up, 0xd5384240)  /* mrs x0, currentel */
INSN(nothing, 0xd503201f)  /* nop */
INSN(read_oseccr, 0xd5300640)
INSN(write_oseccr, 0xd5100640)
INSN(read_osdlr, 0xd5301380)
INSN(write_osdlr, 0xd5101380)
INSN(read_dbgprcr, 0xd5301480)
INSN(write_dbgprcr, 0xd5101480)

#define MDSCR_KDE   (1U << 13)
#define MDSCR_MDE   (1U << 15)
/* What MDSCR_EL1 holds of EDSCR, the external debugger's register, and may be written while the OS lock is locked alone:
 * HDE (breakpoints halt, also at EL2), TDA, INTdis (no interrupts, not at EL2 either). DDI 0487 D24.3.20. */
#define MDSCR_EDSCR (1U << 14 | 1U << 21 | 3U << 22)
#define CATCH_EL2   0x40U /* OSECCR_EL1 = EDECCR: exceptions to non-secure EL2 halt */

static void write_mdscr(uint64_t value)
{
    WRITE_SYSREG(mdscr_el1, value);
    barrier();
}

/* A breakpoint of its own, which the CPU's OS lock would hold off (D2.5): it tells that lock from one that is emulated. */
static struct outcome own_breakpoint(void)
{
    WRITE_SYSREG(dbgbvr0_el1, (uintptr_t)nothing);
    WRITE_SYSREG(dbgbcr0_el1, 0xfU << 5 | 1U << 1 | 1U);
    write_mdscr(MDSCR_MDE | MDSCR_KDE);
    __asm__ volatile("msr daifclr, #8\n\tisb" ::: "memory");
    struct outcome o = try_call(nothing, 0);
    __asm__ volatile("msr daifset, #8\n\tisb" ::: "memory");
    WRITE_SYSREG(dbgbcr0_el1, 0);
    write_mdscr(0);
    return o;
}

/* The way to the debugger's registers: lock the OS lock, write what it opens. */
static void os_lock(const struct attack *self)
{
    WRITE_SYSREG(oslar_el1, 0);
    barrier();
    fact(self, "oslsr", 0, (struct outcome){.value = READ_SYSREG(oslsr_el1)});
    write_mdscr(MDSCR_EDSCR);
    fact(self, "mdscr", 0, (struct outcome){.value = READ_SYSREG(mdscr_el1)});
    write_mdscr(0);
    WRITE_SYSREG(oslar_el1, 1);
    barrier();
    fact(self, "oslsr", 1, (struct outcome){.value = READ_SYSREG(oslsr_el1)});
    write_mdscr(MDSCR_EDSCR);
    fact(self, "mdscr", 1, (struct outcome){.value = READ_SYSREG(mdscr_el1)});
    write_mdscr(0);
    (void)try_call(write_oseccr, CATCH_EL2);
    barrier();
    fact(self, "oseccr", 1, try_call(read_oseccr, 0));
    (void)try_call(write_oseccr, 0);
    (void)try_call(write_osdlr, 1);
    fact(self, "osdlr", 1, try_call(read_osdlr, 0));
    (void)try_call(write_osdlr, 0);
    (void)try_call(write_dbgprcr, 1);
    fact(self, "dbgprcr", 1, try_call(read_dbgprcr, 0));
    (void)try_call(write_dbgprcr, 0);
    fact(self, "own breakpoint", 1, own_breakpoint());
    WRITE_SYSREG(oslar_el1, 0);
    barrier();
    fact(self, "own breakpoint", 0, own_breakpoint());
}

/* The OS lock; breakpoints and watchpoints that match at EL2 alone (HMC = 1, SSC = 3, PMC = 0) on the hypervisor's code and data. */
void attack_debug(const struct attack *self)
{
    fact(self, "brk", 0, try_call(brk, 0));
    fact(self, "svc", 0, try_call(svc, 0));
    fact(self, "CurrentEL", 0, try_call(eret_up, 0));
    fact(self, "dcps2", 0, try_call(dcps2, 0));
    os_lock(self);
    uint64_t code = 0;
    for (unsigned n = 0; address("hvva", n, &code); n++) {
        WRITE_SYSREG(dbgbvr0_el1, code);
        WRITE_SYSREG(dbgbcr0_el1, 3U << 14 | 1U << 13 | 0xfU << 5 | 1U);
        WRITE_SYSREG(dbgwvr0_el1, code & ~7ULL);
        WRITE_SYSREG(dbgwcr0_el1, 3U << 14 | 1U << 13 | 0xffU << 5 | 3U << 3 | 1U);
        WRITE_SYSREG(mdscr_el1, 1U << 15 | 1U << 13 | 1U);
        barrier();
        fact(self, "value", n, (struct outcome){.value = READ_SYSREG(dbgbvr0_el1)});
        for (unsigned i = 0; i < 100U; i++) {
            (void)hvc(PSCI_VERSION, 0, 0, 0);
        }
    }
    WRITE_SYSREG(mdscr_el1, 0);
    WRITE_SYSREG(dbgbcr0_el1, 0);
    WRITE_SYSREG(dbgwcr0_el1, 0);
    WRITE_SYSREG(oslar_el1, 1); /* for whoever looks from outside: the CPU's own must not be */
    barrier();
}

/* Semihosting is a door of emulators and debuggers: 0x18 ends the machine, 0x01 opens the host's files. */
void attack_hlt(const struct attack *self)
{
    fact(self, "hlt", 0, try_call(hlt_0, 0));
    fact(self, "semihosting", 1, try_call(hlt, 0x01));
    fact(self, "semihosting", 0x18, try_call(hlt, 0x18));
}

