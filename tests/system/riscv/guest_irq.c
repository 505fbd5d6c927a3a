/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PLIC, whose context n is vCPU n's (PLIC 1.0.0), with IPIs by SBI; or an APLIC in MSI mode (AIA 1.0 4.5) and the
 * vCPUs'
 * interrupt files, where identity 1 is the IPI and source n's identity n + 1.
 */
#include "guest_irq.h"

#include "guest_irqc.h"

const uint32_t guest_timer_irq = RISCV_INTID_TIMER;
const uint32_t guest_ipi = 0;

#define SBI_IPI 0x735049U

static struct {
    unsigned vcpu;
    uint32_t source; /* of what was acknowledged last; 0: none */
    bool edge[64];
} cpus[SIM_MAX_CPUS];

static void csr(struct sim_guest *g, uint32_t number, uint64_t value)
{
    sim_expect(sim_guest_csr_write(g, number, value) == SIM_OK);
}

static void file(struct sim_guest *g, uint64_t select, uint64_t value)
{
    csr(g, SIM_CSR_SISELECT, select);
    csr(g, SIM_CSR_SIREG, value);
}

void guest_irq_on(struct sim_guest *g, unsigned vcpu)
{
    cpus[g->cpu].vcpu = vcpu;
    if (AIA) {
        guest_put32(g, APLIC + DOMAINCFG, DOMAINCFG_IE);
        file(g, EIDELIVERY, 1);
        file(g, EITHRESHOLD, 0);
        file(g, EIE0, ~0ULL);
        file(g, EIE0 + 2U, ~0ULL);
    } else {
        guest_put32(g, PLIC + PLIC_THRESHOLD(vcpu), 0);
    }
    csr(g, SIM_CSR_SIE, SIM_SSIP | SIM_STIP | SIM_SEIP);
}

void guest_line_on(struct sim_guest *g, uint32_t intid, unsigned vcpu, bool edge)
{
    uint32_t source = intid - RISCV_WIRED;
    if (AIA) {
        guest_put32(g, APLIC + SOURCECFG(source), edge ? APLIC_EDGE_RISE : APLIC_LEVEL_HIGH);
        guest_put32(g, APLIC + TARGET(source), vcpu << 18 | (source + 1U));
        guest_put32(g, APLIC + SETIENUM, source);
    } else {
        uint64_t reg = PLIC + PLIC_ENABLE(vcpu, source / 32U);
        guest_put32(g, PLIC + PLIC_PRIORITY(source), 1);
        guest_put32(g, reg, guest_get32(g, reg) | 1U << (source % 32U));
    }
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        cpus[i].edge[source % 64U] = edge;
    }
}

static uint32_t external(struct sim_guest *g)
{
    if (!AIA) {
        return guest_get32(g, PLIC + PLIC_CLAIM(cpus[g->cpu].vcpu));
    }
    return sim_guest_claim_msi(g);
}

/* External before software before timer (privileged architecture 1.13, 12.1.3). */
uint32_t guest_irq_ack(struct sim_guest *g)
{
    uint64_t sip = 0, sie = 0;
    cpus[g->cpu].source = 0;
    sim_guest_step(g);
    sim_expect(sim_guest_csr_read(g, SIM_CSR_SIP, &sip) == SIM_OK && sim_guest_csr_read(g, SIM_CSR_SIE, &sie) == SIM_OK);
    sip &= sie;
    if ((sip & SIM_SEIP) != 0U) {
        uint32_t n = external(g);
        if (AIA && n == 1U) {
            return guest_ipi;
        }
        if (n != 0U) {
            cpus[g->cpu].source = AIA ? n - 1U : n;
            return RISCV_WIRED + cpus[g->cpu].source;
        }
    }
    if ((sip & SIM_SSIP) != 0U) {
        csr(g, SIM_CSR_SIP, 0);
        return guest_ipi;
    }
    return (sip & SIM_STIP) != 0U ? guest_timer_irq : GUEST_NO_IRQ;
}

void guest_irq_end(struct sim_guest *g)
{
    uint32_t source = cpus[g->cpu].source;
    if (source != 0U && !AIA) {
        guest_put32(g, PLIC + PLIC_CLAIM(cpus[g->cpu].vcpu), source);
    } else if (source != 0U && !cpus[g->cpu].edge[source % 64U]) {
        guest_put32(g, APLIC + SETIPNUM_LE, source); /* pending again if the line is still high (4.9.2) */
    }
    cpus[g->cpu].source = 0;
}

void guest_send_ipi(struct sim_guest *g, unsigned vcpu)
{
    if (AIA) {
        guest_put32(g, FILES + (PAGE_SIZE * vcpu), 1);
    } else {
        sim_expect(sim_guest_sbi3(g, SBI_IPI, 0, 1, vcpu, 0).error == 0);
    }
}
