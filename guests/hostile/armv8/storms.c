/* SPDX-License-Identifier: Apache-2.0 */
/* As much as it can of what it may do: maintenance, waiting, timers, exits, CPUs that come and go. Each is counted, so
 * that it ends by itself; the guest tells only that it got through. */
#include "attacks.h"

#define MANY 20000U

void attack_setway(const struct attack *self)
{
    for (uint64_t level = 0; level < 3U; level++) {
        for (uint64_t way = 0; way < 16U; way++) {
            for (uint64_t set = 0; set < 256U; set++) {
                uint64_t v = way << 28 | set << 6 | level << 1;
                __asm__ volatile("dc isw, %0\n\tdc csw, %0\n\tdc cisw, %0" ::"r"(v) : "memory");
            }
        }
    }
    barrier();
    fact_number(self, "operations", 3 * 3 * 16 * 256);
}

/* Local ones, broadcast ones, by address, by ASID; and caches to the point of unification. */
void attack_tlbi(const struct attack *self)
{
    for (uint64_t i = 0; i < 1000U; i++) {
        uint64_t v = draw() & 0xffff0fffffffffffU;
        __asm__ volatile("tlbi vmalle1\n\ttlbi vae1, %0\n\ttlbi aside1, %0\n\ttlbi vaae1, %0\n\t"
                         "tlbi vmalle1is\n\ttlbi vae1is, %0\n\ttlbi aside1is, %0\n\ttlbi vaale1is, %0\n\t"
                         "ic iallu\n\tic ialluis\n\tdsb ish\n\tisb" ::"r"(v)
                         : "memory");
    }
    fact_number(self, "operations", 10000);
}

/* An interrupt that is pending and masked: each wait ends at once. */
static void own_pending(uint64_t on)
{
    uint64_t sgi = gic_private_base();
    mmio_write32(sgi + (on != 0U ? 0x100U : 0x180U), 1U << 1);
    if (gic_version() == 2U) { /* SGIs are pending by source there */
        mmio_write32(sgi + (on != 0U ? 0xf20U : 0xf10U), 0xff00U);
    } else {
        mmio_write32(sgi + (on != 0U ? 0x200U : 0x280U), 1U << 1);
    }
}

void attack_wfi(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    own_pending(1);
    for (unsigned i = 0; i < MANY; i++) {
        __asm__ volatile("wfi" ::: "memory");
    }
    own_pending(0);
    fact_number(self, "waits", MANY);
}

void attack_wfe(const struct attack *self)
{
    for (unsigned i = 0; i < MANY; i++) {
        __asm__ volatile("sev\n\twfe\n\tsevl\n\twfe" ::: "memory");
    }
    fact_number(self, "waits", MANY);
}

/* CPU_SUSPEND with something pending, in all forms of its argument. */
void attack_suspend(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    own_pending(1);
    int64_t refused = 0;
    for (uint64_t i = 0; i < 5000U; i++) {
        uint64_t state = i % 2U == 0U ? 0U : draw();
        refused += psci(0xc4000001U, state, 0x40200000U, 0) != 0 ? 1 : 0;
    }
    own_pending(0);
    fact_number(self, "refused", refused);
}

static volatile uint64_t taken;
static volatile uint64_t limit;
static uint32_t vtimer;

static void count(uint32_t intid)
{
    taken++;
    if (taken >= limit) {
        if (intid == vtimer) {
            WRITE_SYSREG(cntv_ctl_el0, 0);
        } else {
            WRITE_SYSREG(cntp_ctl_el0, 0);
        }
    }
    barrier();
}

static bool timers_ready(void)
{
    vtimer = timer_intid();
    irq_handler = count;
    if (!irqc_init() || !irqc_init_cpu()) {
        return false;
    }
    irq_enable(vtimer);
    irq_enable(vtimer + 3U);
    return true;
}

static bool wait_taken(uint64_t n)
{
    uint64_t end = timer_now() + 60U * (uint64_t)timer_freq();
    while (taken < n) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}

/* Deadlines at zero, and handlers that leave the timer as it is: the interrupt comes again as soon as it has ended. */
void attack_timer_past(const struct attack *self)
{
    if (!timers_ready()) {
        return;
    }
    taken = 0;
    limit = 5000;
    irq_on();
    WRITE_SYSREG(cntv_cval_el0, 0);
    WRITE_SYSREG(cntv_ctl_el0, 1);
    fact_number(self, "virtual", wait_taken(5000) ? 1 : 0);
    taken = 0;
    WRITE_SYSREG(cntp_cval_el0, 0);
    WRITE_SYSREG(cntp_ctl_el0, 1);
    fact_number(self, "physical", wait_taken(5000) ? 1 : 0);
    irq_off();
    WRITE_SYSREG(cntv_ctl_el0, 0);
    WRITE_SYSREG(cntp_ctl_el0, 0);
}

/* The level of the line up and down, by mask, by enable, by deadlines before and after now, with interrupts open. */
void attack_timer_toggle(const struct attack *self)
{
    if (!timers_ready()) {
        return;
    }
    taken = 0;
    limit = 0; /* each is switched off where it is taken, or nothing else would ever run */
    irq_on();
    for (uint64_t i = 0; i < 3000U; i++) {
        WRITE_SYSREG(cntv_cval_el0, (i & 4U) != 0U ? UINT64_MAX : 0U);
        WRITE_SYSREG(cntv_ctl_el0, i & 3U);
        WRITE_SYSREG(cntp_tval_el0, draw() & 0xffffffffU);
        WRITE_SYSREG(cntp_ctl_el0, i >> 1 & 3U);
    }
    WRITE_SYSREG(cntv_ctl_el0, 0);
    WRITE_SYSREG(cntp_ctl_el0, 0);
    barrier();
    irq_off();
    fact_number(self, "toggles", 3000);
}

void attack_hvc_storm(const struct attack *self)
{
    for (uint64_t i = 0; i < MANY; i++) {
        (void)hvc(0xc6000000U + (i & 0xffU), i, i, i);
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

static uint64_t undefined(uint64_t a)
{
    __asm__ volatile("mrs %0, s3_4_c1_c1_0\n\tbrk #1" : "+r"(a));
    return a;
}

void attack_brk_storm(const struct attack *self)
{
    uint64_t faults = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        faults += try_call(undefined, 0).count;
    }
    fact_number(self, "faults", (int64_t)faults);
}

/* Both CPUs at the distributor, which is shared in the VM. */
static void hammer(uint64_t salt)
{
    uint64_t d = gic_dist_base();
    for (uint64_t i = 0; i < MANY / 2U; i++) {
        uint64_t word = 4U * (1U + (i + salt) % 31U);
        mmio_write32(d + 0x100U + word, UINT32_MAX);
        (void)mmio_read32(d + 0x180U + word);
        mmio_write32(d + 0xc00U + 2U * word, (uint32_t)i * 0x55555555U);
    }
}

static void alone_and_together(const struct attack *self, void (*work)(uint64_t arg))
{
    bool came = other_start(work, 7);
    work(0);
    fact_number(self, "with the other", came && other_gone() ? 1 : 0);
}

void attack_mmio_storm(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    alone_and_together(self, hammer);
    mmio_write32(gic_dist_base() + 0x184U, UINT32_MAX);
}

/* Operations for which one CPU needs what the other has in hand. */
static void recall(uint64_t salt)
{
    static const uint32_t operations[] = {0x200, 0x300, 0x280, 0x380};
    uint64_t d = gic_dist_base();
    for (uint64_t i = 0; i < 3000U; i++) {
        mmio_write32(d + operations[(i + salt) % 4U] + 4U, UINT32_MAX);
        if (gic_version() == 2U) {
            mmio_write32(d + 0x800U + 32U, 0x100U << (i & 1U)); /* the target of 33 */
        } else {
            mmio_write64(d + 0x6000U + 8U * 33U, i & 1U);
        }
    }
}

void attack_recall_storm(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    irq_enable(33);
    alone_and_together(self, recall);
    mmio_write32(gic_dist_base() + 0x184U, UINT32_MAX);
    mmio_write32(gic_dist_base() + 0x284U, UINT32_MAX);
    mmio_write32(gic_dist_base() + 0x384U, UINT32_MAX);
}

static void ping(uint64_t salt)
{
    (void)irqc_init_cpu();
    for (uint64_t i = 0; i < MANY / 4U; i++) {
        gic_sgi_others((uint32_t)((i + salt) % 16U));
    }
    mmio_write32(gic_private_base() + 0x280U, UINT32_MAX);
}

void attack_sgi_storm(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    alone_and_together(self, ping);
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

/* Never ends, on all its CPUs: exits of all kinds as fast as they come. The neighbour's measure. */
static void endless(uint64_t cpu)
{
    uint64_t d = gic_dist_base();
    for (uint64_t i = cpu;; i++) {
        (void)hvc(0xc6000000U, i, 0, 0);
        mmio_write32(d + 0x100U + 4U * (1U + i % 31U), UINT32_MAX);
        mmio_write32(d + 0xc00U + 4U * (2U + i % 62U), (uint32_t)i);
        mmio_write32(d + 0x204U, UINT32_MAX);
        mmio_write32(d + 0x284U, UINT32_MAX);
        gic_sgi_others((uint32_t)(i % 16U));
        (void)try_read(0x7f000000U + (i & 0xff8U), 8);
        (void)try_call(undefined, 0);
        (void)psci(PSCI_AFFINITY_INFO, 2, 0, 0);
        if ((i & 0xffU) == 0U) {
            __asm__ volatile("tlbi vmalle1is\n\tdsb ish" ::: "memory");
        }
    }
}

void attack_endless(const struct attack *self)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        return;
    }
    print("hostile: %s: now\n", self->name);
    (void)other_start(endless, 1);
    endless(0);
}
