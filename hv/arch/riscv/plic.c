/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical PLIC (RISC-V PLIC specification 1.0.0). A source is enabled at the context of the CPU it is routed to, and
 * completed at the context that claimed it: the PLIC drops a completion anywhere else, and one while it is disabled.
 */
#include "arch/riscv/arch.h"
#include "arch/riscv/local.h"
#include "hv/plan.h"
#include "lib/atomic.h"
#include "lib/string.h"

#define PRIORITY(source)  (4U * (source))
#define PENDING(word)     (0x1000U + 4U * (word))
#define ENABLE(ctx, word) (0x2000U + 0x80U * (ctx) + 4U * (word))
#define CONTEXTS          0x200000U /* from here on a page per context, in a mapping of their own */
#define THRESHOLD(ctx)    (CONTEXTS + 0x1000U * (ctx))
#define CLAIM(ctx)        (THRESHOLD(ctx) + 4U)
#define MAX_SOURCES       988U /* INTIDs below 1020 */

static volatile uint32_t *plic;
static volatile uint32_t *contexts;
static uint32_t context[HV_MAX_CPUS];
static volatile uint32_t *claim_of[HV_MAX_CPUS]; /* the register of its context; constant after irqc_init */
static uint32_t nr_sources; /* and one: source 0 does not exist */
static uint8_t routed[MAX_SOURCES];  /* 1 + CPU; 0: nowhere. Of a VM's sources under its lock, of the hypervisor's at boot */
static uint8_t claimed[MAX_SOURCES]; /* 1 + CPU that claimed it, and nobody completed it yet; its CPU's, then the completer's */

/* What is enabled at each CPU's context, so that no register has to be read. A CPU has one VM, and besides it the
 * hypervisor's own UART, enabled at boot: so no two VMs meet at one of these locks. Taken under vplic.lock. */
static struct {
    struct spinlock lock;
    uint32_t words[MAX_SOURCES / 32U + 1U];
} enables[HV_MAX_CPUS] __attribute__((section(".noinit.enables"))); /* irqc_init() clears those of CPUs that there are */

static volatile uint32_t *reg(uint32_t offset)
{
    return offset < CONTEXTS ? &plic[offset / 4U] : &contexts[(offset - CONTEXTS) / 4U];
}

static uint32_t get(uint32_t offset)
{
    uint32_t v = *reg(offset);

    __asm__ volatile("fence io, rw" : : : "memory");
    return v;
}

static void put(uint32_t offset, uint32_t value)
{
    __asm__ volatile("fence rw, io" : : : "memory");
    *reg(offset) = value;
}

__attribute__((cold)) enum hv_status irqc_init(const struct plan *plan)
{
    uint32_t last = 0;
    uint32_t own;

    if (plan->irqc_version != (uint32_t)PLAN_IRQC_PLIC) {
        return HV_ERR_MACHINE;
    }
    for (uint32_t cpu = 0; cpu < plan->cpus.count; cpu++) {
        context[cpu] = plan_cpu(plan, cpu)->irqc_index;
        last = context[cpu] > last ? context[cpu] : last;
        mem_zero(&enables[cpu], sizeof(enables[cpu]));
    }
    plic = arch_ops.mmu.map(PA(plan->irqc_base[0]), ENABLE(last + 1U, 0), MAP_DEVICE);
    contexts = arch_ops.mmu.map(PA(plan->irqc_base[0] + CONTEXTS), (last + 1U) * PAGE_SIZE, MAP_DEVICE);
    if (plic == NULL || contexts == NULL) {
        return HV_ERR_NOMEM;
    }
    for (uint32_t cpu = 0; cpu < plan->cpus.count; cpu++) {
        claim_of[cpu] = reg(CLAIM(context[cpu]));
    }
    own = context[cpu_id()]; /* of others it is not known yet whether they exist */
    if (!probe_write32(reg(ENABLE(own, 0)), 2) || !probe_write32(reg(THRESHOLD(own)), 1) ||
        !probe_write32(reg(PRIORITY(1U)), 1)) {
        return HV_ERR_MACHINE; /* nothing is there, or another controller: with AIA the machine level's APLIC */
    }
    nr_sources = plan->nr_irqs - RISCV_WIRED;
    nr_sources = nr_sources < MAX_SOURCES ? nr_sources : MAX_SOURCES;
    for (uint32_t cpu = 0; cpu < plan->cpus.count; cpu++) {
        for (uint32_t w = 0; w <= (nr_sources - 1U) / 32U; w++) {
            put(ENABLE(context[cpu], w), 0);
        }
    }
    const volatile uint32_t *end = reg(PRIORITY(nr_sources));

    for (volatile uint32_t *priority = reg(PRIORITY(1U)); priority < end; priority++) {
        *priority = 1; /* the guests' priorities are the virtual PLIC's */
    }
    return HV_OK;
}

/* What a loader claimed and left of a word's sources: the gateway waits for its completion, which takes an enable. All are at the
 * time, since nothing is claimed by that and no interrupt taken. */
static __attribute__((cold)) void complete_word(uint32_t ctx, uint32_t first)
{
    volatile uint32_t *claim = reg(CLAIM(ctx));
    uint32_t n = nr_sources - first < 32U ? nr_sources - first : 32U;

    uint32_t all = (uint32_t)(((uint64_t)1 << n) - 1U);

    put(ENABLE(ctx, first / 32U), first == 0U ? all & ~(uint32_t)1 : all); /* there is no source 0 */
    __asm__ volatile("fence o, o" : : : "memory");
    for (uint32_t s = first == 0U ? 1U : first; s < first + n; s++) {
        *claim = s;
    }
    __asm__ volatile("fence o, o" : : : "memory");
    put(ENABLE(ctx, first / 32U), 0);
}

__attribute__((cold)) enum hv_status irqc_init_cpu(unsigned cpu)
{
    uint32_t left;

    if (!features_same()) {
        return HV_ERR_MACHINE;
    }
    local_init_cpu();
    put(THRESHOLD(context[cpu]), 0);
    for (uint32_t first = 0; first < nr_sources; first += 32U) {
        complete_word(context[cpu], first);
    }
    left = get(CLAIM(context[cpu])); /* all of it has arrived; nothing is enabled, so this claims nothing */
    return left == 0U ? HV_OK : HV_ERR_MACHINE;
}

uint32_t irqc_ack(void)
{
    uint32_t intid = local_ack();

    if (intid == RISCV_INTID_EXTERNAL) {
        uint64_t cpu = cpu_id_long();
        uint64_t source = *claim_of[cpu];

        __asm__ volatile("fence io, rw" : : : "memory");
        if (source == 0U || source >= nr_sources) {
            return IRQC_NONE;
        }
        claimed[source] = (uint8_t)(cpu + 1U);
        intid = RISCV_WIRED + (uint32_t)source;
    }
    return intid;
}

void irqc_drop(uint32_t intid)
{
    (void)intid;
}

void irqc_deactivate(uint32_t intid)
{
    uint64_t source = (uint64_t)intid - RISCV_WIRED; /* of an INTID below: out of range; source 0 was never claimed */
    uint64_t cpu = source < nr_sources ? claimed[source] : 0U;

    if (cpu != 0U) {
        claimed[source] = 0;
        __asm__ volatile("fence rw, io" : : : "memory");
        *claim_of[cpu - 1U] = (uint32_t)source;
    }
}

static bool enabled(uint32_t source)
{
    return routed[source] != 0U && (enables[routed[source] - 1U].words[source / 32U] >> (source % 32U) & 1U) != 0U;
}

static void enable(unsigned cpu, uint32_t word, uint32_t mask, bool on)
{
    spin_lock(&enables[cpu].lock);
    uint32_t *bits = &enables[cpu].words[word];

    *bits = on ? *bits | mask : *bits & ~mask;
    put(ENABLE(context[cpu], word), *bits);
    if (on) { /* What is pending already has to be notified now. QEMU's PLIC (10.0) looks only when a priority is written. */
        put(PRIORITY(32U * word + (uint32_t)__builtin_ctz(mask)), 1);
    }
    spin_unlock(&enables[cpu].lock);
}

static uint32_t lowest(uint32_t set)
{
    return set & (~set + 1U);
}

/* 1 + the CPU that the lowest source of a set, which is not empty, is routed to; 0: none. */
static uint32_t route_of(unsigned word, uint32_t set)
{
    uint32_t source = 32U * word + (uint32_t)__builtin_ctz(set);

    return source != 0U && source < nr_sources ? routed[source] : 0U;
}

static void change(enum irqc_bit what, unsigned word, uint32_t mask, bool on)
{
    uint32_t left = 0;

    if (word == 0U && what == IRQC_ENABLE) {
        local_set(on, mask);
    }
    if (word == 0U || what != IRQC_ENABLE) {
        return; /* a PLIC has no way to set or clear what is pending or claimed */
    }
    for (uint32_t set = mask; set != 0U; set &= set - 1U) { /* at most 32 turns */
        left |= route_of(word - 1U, set) != 0U ? lowest(set) : 0U;
    }
    while (left != 0U) { /* at most as many turns as CPUs */
        uint32_t route = route_of(word - 1U, left);
        uint32_t same = 0;

        for (uint32_t set = left; set != 0U; set &= set - 1U) { /* at most 32 turns */
            same |= route_of(word - 1U, set) == route ? lowest(set) : 0U;
        }
        enable(route - 1U, word - 1U, same, on);
        left &= ~same;
    }
}

void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    change(what, word, mask, true);
}

void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    change(what, word, mask, false);
}

uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    uint32_t bits = 0;

    (void)cpu;
    if (word == 0U) {
        return 0;
    }
    if (what == IRQC_PENDING) {
        return get(PENDING(word - 1U));
    }
    for (uint32_t i = 0; i < 32U; i++) {
        uint32_t source = 32U * (word - 1U) + i;

        if (source != 0U && source < nr_sources && (what == IRQC_ENABLE ? enabled(source) : claimed[source] != 0U)) {
            bits |= (uint32_t)1 << i;
        }
    }
    return bits;
}

/* The gateway knows its own trigger. */
void irqc_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    (void)cpu;
    (void)intid;
    (void)edge;
}

void irqc_route(uint32_t intid, unsigned cpu)
{
    uint32_t source = intid - RISCV_WIRED;
    uint32_t bit = (uint32_t)1 << (source % 32U);
    bool on;

    if (intid <= RISCV_WIRED || source >= nr_sources || cpu >= HV_MAX_CPUS || routed[source] == cpu + 1U) {
        return;
    }
    on = enabled(source);
    if (on) {
        enable(routed[source] - 1U, source / 32U, bit, false);
    }
    routed[source] = (uint8_t)(cpu + 1U);
    if (on) {
        enable(cpu, source / 32U, bit, true);
    }
}

unsigned irqc_guest_files(void)
{
    return 0;
}

/* What a board with a PLIC has not: nobody calls these there. */
void irqc_file_reset(void)
{
}

void irqc_source_mode(uint32_t intid, enum aplic_mode mode)
{
    (void)intid;
    (void)mode;
}

void irqc_target(uint32_t intid, unsigned cpu, uint32_t identity)
{
    (void)intid;
    (void)cpu;
    (void)identity;
}

void irqc_send_msi(unsigned cpu, uint32_t identity)
{
    (void)cpu;
    (void)identity;
}

uint32_t irqc_inputs(unsigned word)
{
    return irqc_get(IRQC_PENDING, 0, word);
}
