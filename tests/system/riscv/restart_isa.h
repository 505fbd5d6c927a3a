/* SPDX-License-Identifier: Apache-2.0 */
/* What test_restart.c has of this ISA: what else is known of VM one, and what a guest can leave behind. */
#ifndef TESTS_RESTART_ISA_H
#define TESTS_RESTART_ISA_H

#include "guest_irqc.h"
#include "sim/riscv/hart.h"
#include "vdev/vaplic_state.h"
#include "vdev/vplic_state.h"

#define SOURCE (SPI - RISCV_WIRED)
#define FILE_WORDS 4U

struct isa_snapshot {
    struct vplic vplic;
    struct vaplic vaplic;
    struct hart hart[VM_MAX_VCPUS];
    /* of each interrupt file: delivery, threshold, pending, enabled */
    uint64_t file[VM_MAX_VCPUS][2U + 2U * FILE_WORDS];
    bool phys[3];                                     /* of the source: enabled, pending, active */
    uint64_t mode;                                    /* of it, at the APLIC */
};

/* By name, so that a failure tells. */
#define ISA_SAME(SAME)                                                                                              \
    SAME(isa.vplic.word);                                                                                           \
    SAME(isa.vplic.threshold);                                                                                      \
    SAME(isa.vplic);                                                                                                \
    SAME(isa.vaplic.w);                                                                                             \
    SAME(isa.vaplic.mode);                                                                                          \
    SAME(isa.vaplic.target);                                                                                        \
    SAME(isa.vaplic);                                                                                               \
    SAME(isa.hart);                                                                                                 \
    SAME(isa.file);                                                                                                 \
    SAME(isa.phys);                                                                                                 \
    SAME(isa.mode)

/* Left out, by name: locks, which count their tickets; IPIs of the hypervisor and its own timer's enable; the
 * interrupt files of
 * vCPUs that are off, which siblings may have written to and whose start clears them; with a PLIC a request that its
 * gateway
 * has forwarded, which nothing but a claim takes back (vdev/vplic.h). */
static void isa_take_snapshot(struct isa_snapshot *s)
{
    if (AIA) {
        memcpy(&s->vaplic, &vaplics[0], sizeof(s->vaplic));
    } else {
        memcpy(&s->vplic, &vplics[0], sizeof(s->vplic));
    }
    memset(&s->vplic.lock, 0, sizeof(s->vplic.lock));
    memset(&s->vaplic.lock, 0, sizeof(s->vaplic.lock));
    for (unsigned i = 0; i < vms[0].nr_vcpus; i++) {
        unsigned cpu = vms[0].vcpus[i].cpu;

        s->hart[i] = (struct hart){ .hvip = sim_harts[cpu].hvip, .vsie = i == 0U ? sim_harts[cpu].vsie : 0U };
        for (unsigned k = 0; i == 0U && k < FILE_WORDS; k++) {
            s->file[i][2U + k] = sim_aia_file_read(cpu, EIP0 + 2U * k);
            s->file[i][2U + FILE_WORDS + k] = sim_aia_file_read(cpu, EIE0 + 2U * k);
        }
        s->file[i][0] = i == 0U ? sim_aia_file_read(cpu, EIDELIVERY) : 0U;
        s->file[i][1] = i == 0U ? sim_aia_file_read(cpu, EITHRESHOLD) : 0U;
    }
    for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
        enum irqc_bit what = (enum irqc_bit)k;
        uint32_t word = AIA ? sim_aia_get(what, SOURCE / 32U) : sim_plic_get(what, SOURCE / 32U);
        s->phys[k] = (AIA || what != IRQC_PENDING) && (word >> (SOURCE % 32U) & 1U) != 0U;
    }
    s->mode = sim_aia_source(SOURCE) >> 48;
}

static void isa_expect_cold(struct sim_guest *g)
{
    uint64_t v = ~0ULL;
    sim_expect(sim_guest_csr_read(g, SIM_CSR_SIE, &v) == SIM_OK && v == 0U);
    if (AIA) {
        static const uint32_t own[] = { EIDELIVERY, EITHRESHOLD, EIE0, EIE0 + 2U };
        for (unsigned i = 0; i < ARRAY_SIZE(own); i++) {
            sim_expect(sim_guest_csr_write(g, SIM_CSR_SISELECT, own[i]) == SIM_OK);
            sim_expect(sim_guest_csr_read(g, SIM_CSR_SIREG, &v) == SIM_OK && v == 0U);
        }
    }
    sim_expect(sim_config()->sstc ? sim_guest_csr_read(g, SIM_CSR_STIMECMP, &v) == SIM_OK && v == ~0ULL : true);
}

static void file_write(struct sim_guest *g, uint64_t select, uint64_t value)
{
    sim_expect(sim_guest_csr_write(g, SIM_CSR_SISELECT, select) == SIM_OK);
    sim_expect(sim_guest_csr_write(g, SIM_CSR_SIREG, value) == SIM_OK);
}

/* Moves its interrupts about. */
static void isa_stir(struct sim_guest *g, unsigned index)
{
    if (AIA) {
        guest_put32(g, APLIC + SOURCECFG(SOURCE), sim_random() % 8U);
        guest_put32(g, APLIC + TARGET(SOURCE), (sim_random() % 4U) << 18 | (1U + sim_random() % 60U));
        guest_put32(g, APLIC + SETIE, sim_random());
        guest_put32(g, APLIC + SETIP, sim_random());
        guest_put32(g, FILES + PAGE_SIZE * (sim_random() % nr_vcpus), 1U + sim_random() % 60U);
        file_write(g, EIE0, sim_random());
        file_write(g, EITHRESHOLD, sim_random() % 3U);
    } else {
        guest_put32(g, PLIC + PLIC_PRIORITY(SOURCE), sim_random());
        guest_put32(g, PLIC + PLIC_ENABLE(sim_random() % nr_vcpus, 0), sim_random());
        guest_put32(g, PLIC + PLIC_ENABLE(index, 0), sim_random());
        guest_put32(g, PLIC + PLIC_THRESHOLD(index), sim_random() % 4U == 0U ? sim_random() : 0U);
    }
    (void)sim_guest_sbi3(g, 0x735049U, 0, sim_random() % (1U << nr_vcpus), 0, 0);
}

/* Leaves no register as it was. */
static void isa_dirty(struct sim_guest *g)
{
    unsigned index = g->cpu == 0U ? 0U : g->cpu - 1U;
    guest_irq_on(g, index);
    if (sim_random() % 2U != 0U) {
        guest_line_on(g, SPI, (unsigned)(sim_random() % nr_vcpus), sim_random() % 2U != 0U);
    }
    isa_stir(g, index);
    if (sim_random() % 4U == 0U) {
        sim_expect(sim_guest_csr_write(g, SIM_CSR_SIP, SIM_SSIP) == SIM_OK);
    }
}

#endif
