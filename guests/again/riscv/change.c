/* SPDX-License-Identifier: Apache-2.0 */
#include "again.h"
#include "irqc_internal.h"

#define JUNK       0x00005a5a5a5a5a50ULL
#define STATUS     (1ULL << 5 | 1ULL << 8 | 3ULL << 13 | 3ULL << 9 | 1ULL << 18 | 1ULL << 19) /* SPIE SPP FS VS SUM MXR */
#define STATUS_VS  (3ULL << 9)
#define ALL_OF_SIE 0x222U
#define GIGABYTE   0x40000000ULL
#define FAR_AWAY   0x1000000000ULL
#define LEAF       0xcfU /* V R W X A D */
#define SATP_SV39  (8ULL << 60 | 5ULL << 44) /* and an ASID */
#define ENVCFG     0xf1U

/* Interrupt file (AIA 1.0, 3.8). */
#define EITHRESHOLD 0x72U
#define EIP0        0x80U
#define EIE0        0xc0U

/* QEMU's goldfish RTC: an alarm in the past interrupts at once, and for ever. */
#define RTC_ALARM_LOW   0x08U
#define RTC_ALARM_HIGH  0x0cU
#define RTC_IRQ_ENABLED 0x10U
#define WAIT            1000000U

/* Identity, so that nobody notices. */
static uint64_t root[512] __attribute__((aligned(4096)));

static void change_translation(void)
{
    for (uint64_t n = 0; n < 4U; n++) {
        root[n] = (n * GIGABYTE) >> 2 | LEAF;
    }
    root[FAR_AWAY / GIGABYTE] = FAR_AWAY >> 2 | LEAF; /* what is not its own stays what stage 2 refuses */
    barrier();
    WRITE_CSR(satp, SATP_SV39 | (uint64_t)(uintptr_t)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
}

static void change_float_and_vector(void)
{
    SET_CSR(sstatus, STATUS);
    __asm__ volatile(".option push\n\t.option arch, +d\n\tfmv.d.x f0, %0\n\tfmv.d.x f31, %0\n\tcsrw fcsr, %1\n\t.option pop"
                     ::"r"(JUNK), "r"(0xffULL));
    if ((READ_CSR(sstatus) & STATUS_VS) != 0U) {
        __asm__ volatile(".option push\n\t.option arch, +v\n\tvsetvli t0, zero, e8, m8, ta, ma\n\tvmv.v.i v0, 5\n\t"
                         "vmv.v.i v24, 10\n\tcsrw vcsr, %0\n\t.option pop" ::"r"(7ULL) : "t0");
    }
}

static void change_registers(void)
{
    change_float_and_vector();
    WRITE_CSR(sscratch, JUNK);
    WRITE_CSR(sepc, JUNK);
    WRITE_CSR(scause, JUNK);
    WRITE_CSR(stval, JUNK);
    WRITE_CSR(scounteren, 2);
    WRITE_CSR(senvcfg, ENVCFG);
    WRITE_CSR(sie, ALL_OF_SIE); /* SIE is off */
    SET_CSR(sip, 1U << IRQ_SOFTWARE);
    if (has_sstc()) {
        WRITE_CSR(CSR_STIMECMP, 1);
    }
    change_translation();
}

/* The RTC's interrupt, taken and never completed. */
static void leave_in_service(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    uint32_t node = fdt_compatible("google,goldfish-rtc", 0);

    if (!fdt_reg(node, 0, &base, &size)) {
        return;
    }
    irq_enable(fdt_irq(node, 0));
    mmio_write32(base + RTC_IRQ_ENABLED, 1);
    mmio_write32(base + RTC_ALARM_HIGH, 0);
    mmio_write32(base + RTC_ALARM_LOW, 1);
    for (unsigned n = 0; n < WAIT && irqc_claim() == 0U; n++) {
        barrier();
    }
}

static void change_file(void)
{
    WRITE_CSR(CSR_SISELECT, EIE0);
    WRITE_CSR(CSR_SIREG, ~0ULL);
    WRITE_CSR(CSR_SISELECT, EIP0);
    WRITE_CSR(CSR_SIREG, ~0ULL);
    WRITE_CSR(CSR_SISELECT, EITHRESHOLD);
    WRITE_CSR(CSR_SIREG, 5);
}

void change_all(void)
{
    if (!irqc_init_cpu()) {
        print("guest: unexpected interrupt controller\n");
    }
    if (cpu_id() == 0U) {
        leave_in_service();
    }
    if (imsic_page(cpu_id()) != 0U) {
        change_file();
    }
    change_registers();
}

static void look(const char *name, uint32_t select)
{
    WRITE_CSR(CSR_SISELECT, select);
    uint64_t value = READ_CSR(CSR_SIREG);

    if (value != 0U) {
        print("guest: unexpected: %s is 0x%lx\n", name, value);
    }
}

void look_at_interrupts(void)
{
    if (imsic_page(cpu_id()) != 0U) {
        look("eie0", EIE0);
        look("eip0", EIP0);
        look("eithreshold", EITHRESHOLD);
    }
}
