/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's interrupt controller: a PLIC (PLIC 1.0.0), or an APLIC and interrupt files (AIA 1.0), as the
 * machine has. */
#include "guest_irqc.h"
#include "random_acts.h"

#define IPI_ID 1U
#define TIMER  5U

static uint32_t source_of(const struct random_vm *vm)
{
    return one_in(4) ? (uint32_t)below(70) : act_spi(vm) - RISCV_WIRED;
}

static unsigned index_of(const struct sim_guest *g, const struct random_vm *vm)
{
    unsigned i = 0;
    while (vm->cpus[i] != g->cpu) {
        i++;
    }
    return i;
}

static unsigned any_vcpu(const struct random_vm *vm)
{
    return (unsigned)below(vm->nr_vcpus + (one_in(4) ? 3U : 0U));
}

static void csr(struct sim_guest *g, uint32_t number, uint64_t value)
{
    TRACE("CSR", number, value, sim_guest_csr_write(g, number, value));
}

static void file(struct sim_guest *g, uint64_t select, uint64_t value)
{
    csr(g, SIM_CSR_SISELECT, select);
    csr(g, SIM_CSR_SIREG, value);
}

/* ---- Registers ---- */

static uint64_t plic_register(const struct random_vm *vm, uint32_t n)
{
    switch (below(6)) {
    case 0:
        return PLIC_PENDING(n / 32U);
    case 1:
        return PLIC_THRESHOLD(any_vcpu(vm));
    case 2:
    case 3:
        return PLIC_PRIORITY(n);
    default:
        return PLIC_ENABLE(any_vcpu(vm), n / 32U);
    }
}

static uint64_t plic_value(const struct random_vm *vm, uint32_t n)
{
    return one_in(2) ? act_value(vm) : one_in(2) ? below(8) : 1ULL << (n % 32U);
}

static uint64_t aplic_register(uint32_t n)
{
    static const uint32_t words[] = { SETIP, IN_CLRIP, SETIE, CLRIE };
    static const uint32_t numbers[] = { SETIPNUM, CLRIPNUM, SETIENUM, CLRIENUM, SETIPNUM_LE, 0x2004, GENMSI, DOMAINCFG, 0x1bc0 };
    switch (below(5)) {
    case 0:
        return SOURCECFG(n);
    case 1:
        return TARGET(n);
    case 2:
        return words[below(ARRAY_SIZE(words))] + 4U * (n / 32U);
    default:
        return numbers[below(ARRAY_SIZE(numbers))];
    }
}

static uint64_t aplic_value(const struct random_vm *vm, uint64_t at, uint32_t n)
{
    static const uint8_t modes[] = { 0, 1, 4, 5, 6, 7, 6, 6 };
    if (one_in(6)) {
        return act_value(vm);
    }
    if (at > GENMSI) {
        return (uint64_t)any_vcpu(vm) << 18 | (one_in(8) ? 1U << 12 : 0U) | (one_in(8) ? below(2048) : n + 1U);
    }
    if (at == DOMAINCFG) {
        return one_in(3) ? 0U : DOMAINCFG_IE;
    }
    if (at < 0x1000U) {
        return modes[below(ARRAY_SIZE(modes))];
    }
    return one_in(2) ? n : 1ULL << (n % 32U);
}

void act_distributor(struct sim_guest *g, struct random_vm *vm)
{
    uint32_t n = source_of(vm);
    uint64_t at = AIA ? aplic_register(n) : plic_register(vm, n);
    uint64_t v = AIA ? aplic_value(vm, at, n) : plic_value(vm, n);
    unsigned size = 4;
    if (one_in(8)) { /* any offset, any width */
        size = 1U << below(4);
        at = below(AIA ? 0x8000 : 0x600000) & ~(uint64_t)(size - 1U);
    }
    at += AIA ? APLIC : PLIC;
    if (one_in(3)) {
        (void)act_get(g, at, size);
    } else {
        act_put(g, at, size, v);
    }
}

/* Its interrupt file; or claims and completions at any context, of what was never claimed as well. */
void act_private(struct sim_guest *g, struct random_vm *vm)
{
    static const uint64_t selects[] = { EIDELIVERY, EIDELIVERY, EITHRESHOLD, EIP0, EIP0 + 2U, EIE0, EIE0, EIE0 + 2U, 0, 0x40 };
    if (!AIA) {
        uint64_t at = PLIC + PLIC_CLAIM(any_vcpu(vm));
        if (one_in(2)) {
            (void)act_get(g, at, 4);
        } else {
            act_put(g, at, 4, source_of(vm));
        }
        return;
    }
    uint64_t select = selects[below(ARRAY_SIZE(selects))], v = 0;
    if (one_in(3)) {
        csr(g, SIM_CSR_SISELECT, select);
        TRACE("interrupt file", select, sim_guest_csr_read(g, SIM_CSR_SIREG, &v), v);
    } else {
        file(g, select, select == EIDELIVERY ? below(3) : select == EITHRESHOLD && !one_in(3) ? 0U : act_value(vm));
    }
}

/* By SBI, to any set of harts; or an MSI to a sibling's file, or to a page where there is none. */
void act_sgi(struct sim_guest *g, struct random_vm *vm)
{
    if (AIA && !one_in(4)) {
        act_put(g, FILES + PAGE_SIZE * any_vcpu(vm) + (one_in(8) ? 4U * below(1024) : 0U), one_in(8) ? 1U << below(4) : 4U,
                one_in(3) ? act_value(vm) : IPI_ID + below(70));
        return;
    }
    uint64_t mask = one_in(4) ? act_value(vm) : below(1ULL << vm->nr_vcpus);
    struct sim_sbi r = sim_guest_sbi3(g, 0x735049U, 0, mask, one_in(4) ? act_value(vm) : one_in(4) ? ~0ULL : 0U, 0);
    TRACE("ipi", mask, (uint64_t)r.error);
}

/* ---- Interrupts ---- */

/* One of the pending and enabled; false: there is none. */
static bool serve(struct sim_guest *g, struct random_vm *vm)
{
    uint64_t sip = 0, sie = 0;
    (void)sim_guest_csr_read(g, SIM_CSR_SIP, &sip);
    (void)sim_guest_csr_read(g, SIM_CSR_SIE, &sie);
    sip &= sie;
    TRACE("pending", sip, sie);
    if ((sip & SIM_SEIP) != 0U) {
        uint64_t claim = PLIC + PLIC_CLAIM(index_of(g, vm));
        uint32_t n = AIA ? sim_guest_claim_msi(g) : (uint32_t)act_get(g, claim, 4);
        uint32_t source = AIA && n != 0U ? n - 1U : n;
        TRACE("claimed", n);
        act_count_ack(vm, n);
        if (source + RISCV_WIRED == vm->uart_irq) {
            act_uart_handler(g, vm);
        }
        if (AIA) {
            act_put(g, APLIC + SETIPNUM_LE, 4, source);
        } else {
            act_put(g, claim, 4, source);
        }
        return n != 0U;
    }
    if ((sip & SIM_SSIP) != 0U) {
        csr(g, SIM_CSR_SIP, 0);
        act_count_ack(vm, 0);
        return true;
    }
    if ((sip & SIM_STIP) != 0U) {
        sim_guest_timer(g, 0);
        act_count_ack(vm, TIMER);
        return true;
    }
    return false;
}

void act_interrupts(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < 4U && serve(g, vm); i++) {
    }
}

/* Its enables, and what is pending of its own making. */
void act_cpu_interface(struct sim_guest *g, struct random_vm *vm)
{
    switch (below(4)) {
    case 0:
        csr(g, SIM_CSR_SIE, act_value(vm));
        break;
    case 1:
        csr(g, SIM_CSR_SIP, act_value(vm));
        break;
    case 2:
        if (AIA) {
            TRACE("claimed, kept", sim_guest_claim_msi(g));
        }
        break;
    default:
        csr(g, SIM_CSR_SIE, SIM_SSIP | SIM_STIP | SIM_SEIP);
        break;
    }
}

void act_wakeable(struct sim_guest *g, struct random_vm *vm)
{
    act_interrupts(g, vm);
    csr(g, SIM_CSR_SIE, SIM_STIP | (one_in(2) ? SIM_SSIP | SIM_SEIP : 0U));
    sim_guest_timer(g, 20U + below(300));
}

static void set_up_source(struct sim_guest *g, const struct random_vm *vm, uint32_t n)
{
    unsigned vcpu = (unsigned)below(vm->nr_vcpus);
    if (AIA) {
        act_put(g, APLIC + SOURCECFG(n), 4, one_in(2) ? (uint64_t)APLIC_LEVEL_HIGH : (uint64_t)APLIC_EDGE_RISE);
        act_put(g, APLIC + TARGET(n), 4, vcpu << 18 | (n + 1U));
        act_put(g, APLIC + SETIENUM, 4, n);
    } else {
        act_put(g, PLIC + PLIC_PRIORITY(n), 4, 1U + below(7));
        act_put(g, PLIC + PLIC_ENABLE(vcpu, n / 32U), 4, 0xffffffff);
    }
}

void act_set_up(struct sim_guest *g, struct random_vm *vm)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vm->spis); i++) {
        set_up_source(g, vm, vm->spis[i] - RISCV_WIRED);
    }
    if (vm->uart_irq != 0U) {
        set_up_source(g, vm, vm->uart_irq - RISCV_WIRED);
    }
    if (AIA) {
        act_put(g, APLIC + DOMAINCFG, 4, DOMAINCFG_IE);
        file(g, EIE0, ~0ULL);
        file(g, EIE0 + 2U, ~0ULL);
        file(g, EIDELIVERY, 1);
    } else {
        act_put(g, PLIC + PLIC_THRESHOLD(index_of(g, vm)), 4, 0);
    }
    csr(g, SIM_CSR_SIE, SIM_SSIP | SIM_STIP | SIM_SEIP);
}
