/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that lives again and again: each life looks whether anything of the last one is left in its RAM, changes
 * everything that a guest can change on both of its CPUs, and ends as the next character on its console says.
 *
 * Keys: r asks for a reset, s lets the second CPU ask, b both at once, f faults for good, q powers off.
 */
#include "guest.h"

#define PATTERN 0xa5a5a5a55a5a5a5aULL
#define JUNK    0x00005a5a5a5a5a50ULL
#define SGIS    0x3U
#define NOWHERE 0x1000000000ULL /* nothing of this guest's is there */

static volatile uint64_t other_is_up, command;

/* Where RAM is nobody's: the device tree lies behind the image, and is smaller than this. */
#define TREE_ROOM 0x10000U
static uint64_t tree_end(void)
{
    uint32_t len = 0;
    uint64_t property = (uint64_t)fdt_prop(fdt_path("/"), "compatible", &len);

    return (property + TREE_ROOM) & ~0xfffULL;
}

static void look_and_fill(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    uint64_t left = 0;

    (void)fdt_memory(&base, &size);
    for (uint64_t at = tree_end(); at < base + size; at += 8U) {
        left += mmio_read64(at) != 0U ? 1U : 0U;
        mmio_write64(at, PATTERN);
    }
    if (left != 0U) {
        print("guest: unexpected: %lu words of the last life are left\n", left);
    }
}

/* What a guest may write of its own CPU, but what it runs by: MMU off, vectors, stack. */
static void change_registers(void)
{
    WRITE_SYSREG(ttbr0_el1, JUNK);
    WRITE_SYSREG(ttbr1_el1, JUNK);
    WRITE_SYSREG(tcr_el1, 0x10);
    WRITE_SYSREG(mair_el1, JUNK);
    WRITE_SYSREG(contextidr_el1, 0x5a5a);
    WRITE_SYSREG(tpidr_el0, JUNK);
    WRITE_SYSREG(tpidrro_el0, JUNK);
    WRITE_SYSREG(tpidr_el1, JUNK);
    WRITE_SYSREG(par_el1, JUNK);
    WRITE_SYSREG(far_el1, JUNK);
    WRITE_SYSREG(esr_el1, 0x5a5a5a);
    WRITE_SYSREG(afsr0_el1, JUNK);
    WRITE_SYSREG(sp_el0, JUNK);
    WRITE_SYSREG(elr_el1, JUNK);
    WRITE_SYSREG(spsr_el1, 0x3c5);
    WRITE_SYSREG(csselr_el1, 2);
    WRITE_SYSREG(cntkctl_el1, 0x3);
    WRITE_SYSREG(cntp_cval_el0, JUNK);
    WRITE_SYSREG(cntp_ctl_el0, 1);
    WRITE_SYSREG(cntv_cval_el0, 1);
    WRITE_SYSREG(cntv_ctl_el0, 1);
    WRITE_SYSREG(oslar_el1, 0);
    WRITE_SYSREG(mdscr_el1, 1U << 12);
    WRITE_SYSREG(dbgbvr0_el1, JUNK);
    WRITE_SYSREG(dbgbcr0_el1, 0x1e0);
    WRITE_SYSREG(dbgwvr1_el1, JUNK);
    WRITE_SYSREG(dbgwcr1_el1, 0x1e8);
    WRITE_SYSREG(s2_0_c7_c8_6, 0x5a); /* DBGCLAIMSET_EL1 */
    WRITE_SYSREG(fpcr, 0x03c00000);
    WRITE_SYSREG(fpsr, 0x1f);
    __asm__ volatile("movi v0.16b, #0x5a\n\tmovi v31.16b, #0xa5" ::: "memory");
}

static void change_interrupts(void)
{
    if (!irqc_init_cpu()) {
        print("guest: unexpected interrupt controller\n");
    }
    /* The frame of this CPU's own interrupts, laid out alike in both versions. */
    uint64_t own = gic_version() == 2U ? gic_dist_base() : gic_redist_base() + 0x10000U;

    irq_enable(timer_intid());
    mmio_write32(own + 0x100U, SGIS);       /* ISENABLER0 */
    mmio_write32(own + 0x400U, 0x10203040); /* IPRIORITYR0 */
    gic_sgi(0, 3);
    gic_sgi(1, 3);
    (void)gic_acknowledge(); /* active, and never ended */
    barrier();
}

static void change_all(void)
{
    change_registers();
    change_interrupts();
}

static void reset(void)
{
    (void)psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    print("guest: unexpected: SYSTEM_RESET returned\n");
}

void guest_secondary(uint64_t arg)
{
    (void)arg;
    change_all();
    other_is_up = 1;
    barrier();
    while (command == 0U) {
        barrier();
    }
    if (command == 's' || command == 'b') {
        reset();
    }
    while (true) {
        barrier();
    }
}

/* No handler that could be fetched. */
static _Noreturn void fault_for_good(void)
{
    WRITE_SYSREG(vbar_el1, NOWHERE);
    barrier();
    __asm__ volatile("br %0" ::"r"(NOWHERE));
    __builtin_unreachable();
}

static void obey(int key)
{
    command = (uint64_t)key;
    barrier();
    if (key == 'r' || key == 'b') {
        reset();
    } else if (key == 'f') {
        fault_for_good();
    }
    while (key == 's') {
        barrier();
    }
}

void guest_main(void)
{
    int key = -1;

    look_and_fill();
    print("again: alive\n");
    if (!irqc_init()) {
        print("guest: unexpected distributor\n");
    }
    if (psci(PSCI_CPU_ON, 1, (uint64_t)secondary_entry, 0) != 0) {
        print("guest: unexpected answer of CPU_ON\n");
    }
    while (other_is_up == 0U) {
        barrier();
    }
    change_all();
    while (key != 'q') {
        key = uart_getc();
        if (key >= 0) {
            obey(key);
        }
    }
}
