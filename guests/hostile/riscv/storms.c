/* SPDX-License-Identifier: Apache-2.0 */
/* As much as it can of what it may do: waiting, fences, timers, exits, harts that come and go. Each is counted, so that
 * it ends by itself; the guest tells only that it got through. */
#include "attacks.h"

#define SOURCES 1024U

static void own_pending(bool on)
{
    if (on) {
        SET_CSR(sie, 1U << IRQ_SOFTWARE);
        SET_CSR(sip, 1U << IRQ_SOFTWARE);
    } else {
        CLEAR_CSR(sip, 1U << IRQ_SOFTWARE);
        CLEAR_CSR(sie, 1U << IRQ_SOFTWARE);
    }
}

/* An interrupt that is pending and masked: each wait ends at once. */
void attack_wfi(const struct attack *self)
{
    own_pending(true);
    for (unsigned i = 0; i < MANY; i++) {
        __asm__ volatile("wfi" ::: "memory");
    }
    own_pending(false);
    fact_number(self, "waits", MANY);
}

static uint64_t wait_on_reservation(uint64_t a)
{
    __asm__ volatile("lr.w zero, (%0)\n\t.word 0x01d00073\n\t" /* wrs.sto, then wrs.nto */
                     "lr.w zero, (%0)\n\t.word 0x00d00073" ::"r"(a) : "memory");
    return 0;
}

void attack_wrs(const struct attack *self)
{
    static uint64_t word;
    own_pending(true);
    for (unsigned i = 0; i < MANY / 4U; i++) {
        (void)try_call(wait_on_reservation, (uint64_t)(uintptr_t)&word);
    }
    own_pending(false);
    fact_number(self, "waits", MANY / 4U);
}

/* To where it is, in supervisor mode. */
void attack_sret(const struct attack *self)
{
    for (unsigned i = 0; i < MANY; i++) {
        __asm__ volatile("csrs sstatus, %0\n\tlla t0, 1f\n\tcsrw sepc, t0\n\tsret\n1:" ::"r"(0x100UL) : "t0", "memory");
    }
    irq_off(); /* SRET has set SPIE, and then SIE (12.1.1.2) */
    fact_number(self, "returns", MANY);
}

/* All of it, by address, by ASID; and satp on and off. */
void attack_sfence(const struct attack *self)
{
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t x = draw();
        __asm__ volatile("sfence.vma\n\tsfence.vma %0, zero\n\tsfence.vma zero, %0\n\tsfence.vma %0, %0\n\tfence.i" ::"r"(x)
                         : "memory");
        if (i % 100U == 0U) {
            (void)stage1_on(0, 8U + (unsigned)(i / 100U) % 3U);
            stage1_off();
        }
    }
    fact_number(self, "operations", (int64_t)4 * MANY);
}

/* hart_suspend with something pending, in all forms of its argument. */
void attack_suspend(const struct attack *self)
{
    own_pending(true);
    int64_t refused = 0;
    for (uint64_t i = 0; i < 5000U; i++) {
        uint64_t type = i % 2U == 0U ? 0U : draw() | 1U;
        refused += sbi(SBI_HSM, HSM_SUSPEND, type, 0x80200000U, 0).error != 0 ? 1 : 0;
    }
    own_pending(false);
    fact_number(self, "refused", refused);
}

void attack_ecall_storm(const struct attack *self)
{
    for (uint64_t i = 0; i < MANY; i++) {
        (void)sbi(i & 1U ? 0x0a42484bU : SBI_BASE, i & 0xfU, i, i, i);
    }
    fact_number(self, "calls", MANY);
}

void attack_fault_storm(const struct attack *self)
{
    uint64_t a = 0;
    (void)address(self->list, 0, &a);
    uint64_t faults = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        faults += try_read(a + (i & 0xff8U), 8).count;
    }
    fact_number(self, "faults", (int64_t)faults);
}

/* A CSR of the hypervisor's, which is a virtual instruction, and a fence of it. */
static uint64_t illegal(uint64_t a)
{
    __asm__ volatile("csrr %0, 0x600\n\t.word 0x62000073" : "+r"(a));
    return a;
}

void attack_illegal_storm(const struct attack *self)
{
    uint64_t faults = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        faults += try_call(illegal, 0).count;
    }
    fact_number(self, "faults", (int64_t)faults);
}

/* Both harts at the controller, which is shared in the VM. */
static void hammer_times(uint64_t salt, uint64_t times)
{
    uint64_t base = irqc_base();
    bool plic = irqc_kind() == IRQC_PLIC;
    for (uint64_t i = 0; i < times; i++) {
        uint64_t s = 1U + (i + salt) % (SOURCES - 1U);
        mmio_write32(base + 4U * s, plic ? (uint32_t)i : 4U + (uint32_t)(i & 3U));
        mmio_write32(base + (plic ? 0x2000U : 0x1e00U) + 4U * (s % 32U), UINT32_MAX);
        mmio_write32(base + (plic ? 0x201000U : 0x3000U + 4U * s), (uint32_t)i);
        (void)mmio_read32(base + (plic ? 0x200004U : 0x1c00U + 4U * (s % 32U)));
        mmio_write32(base + (plic ? 0x200004U : 0x2000U), (uint32_t)s);
        mmio_write32(base + (plic ? 0x2000U : 0x1f00U) + 4U * (s % 32U), plic ? 0U : UINT32_MAX);
    }
}

static void hammer(uint64_t salt)
{
    hammer_times(salt, MANY / 8U);
}

static void alone_and_together(const struct attack *self, void (*work)(uint64_t arg))
{
    bool came = other_start(work, 7);
    work(0);
    fact_number(self, "with the other", came && other_gone() ? 1 : 0);
}

void attack_mmio_storm(const struct attack *self)
{
    if (!irqc_ready(self)) {
        return;
    }
    CLEAR_CSR(sie, 1U << IRQ_EXTERNAL);
    alone_and_together(self, hammer);
    for (uint64_t o = 0; o < 4U * SOURCES; o += 4U) {
        mmio_write32(irqc_base() + o, 0); /* priorities, or modes */
    }
    (void)irqc_ready(self);
}

/* To both, itself among them. */
static void ping(uint64_t salt)
{
    for (uint64_t i = 0; i < MANY / 4U; i++) {
        (void)ipi_send((i + salt) % 3U + 1U, 0);
        if (i % 7U == 0U) {
            (void)sbi(SBI_SEND_IPI, 0, 0, 0, 0);
            (void)sbi(SBI_CLEAR_IPI, 0, 0, 0, 0);
        }
    }
    CLEAR_CSR(sip, 1U << IRQ_SOFTWARE);
}

void attack_ipi_storm(const struct attack *self)
{
    alone_and_together(self, ping);
}

/* Each makes the other fence, and itself, in all ways. */
static void fence(uint64_t salt)
{
    for (uint64_t i = 0; i < 1500U; i++) {
        const uint64_t a[6] = {3, 0, i << 12, (i & 1U) != 0U ? UINT64_MAX : 4096U * (i & 0xffU), i + salt, 0};
        (void)sbi6(SBI_RFENCE, i % 3U, a);
    }
}

void attack_rfence_storm(const struct attack *self)
{
    alone_and_together(self, fence);
}

static void come_and_go(uint64_t arg)
{
    (void)arg;
}

void attack_onoff_storm(const struct attack *self)
{
    int64_t started = 0;
    for (uint64_t i = 0; i < 2000U; i++) {
        started += other_start(come_and_go, i) ? 1 : 0;
    }
    fact_number(self, "went off", other_gone() ? 1 : 0);
    fact_number(self, "some came", started > 0 ? 1 : 0);
}

static uint64_t nowhere;

/* Never ends, on all its harts: exits of all kinds as fast as they come. The neighbour's measure. */
static void endless(uint64_t cpu)
{
    for (uint64_t i = cpu;; i++) {
        hammer_times(i, 8);
        (void)sbi(SBI_BASE, 0, i, 0, 0);
        (void)ipi_send(3, 0);
        const uint64_t a[6] = {3, 0, 0, UINT64_MAX, 0, 0};
        (void)sbi6(SBI_RFENCE, i % 3U, a);
        (void)try_read(nowhere + (i & 0xff8U), 8);
        (void)try_call(illegal, 0);
        timer_set(0);
        (void)sbi(SBI_HSM, HSM_STATUS, 2, 0, 0);
        if (irqc_kind() == IRQC_AIA) {
            mmio_write32(imsic_page((unsigned)(i & 1U)), (uint32_t)i);
        }
    }
}

void attack_endless(const struct attack *self)
{
    if (!irqc_ready(self)) {
        return;
    }
    (void)address(self->list, 0, &nowhere);
    print("hostile: %s: now\n", self->name);
    (void)other_start(endless, 1);
    endless(0);
}
