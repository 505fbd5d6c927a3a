/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical APLIC in MSI delivery mode, and the interrupt files of each hart's IMSIC (AIA 1.0 chapters 3 and 4). Sources of
 * guests go to the guest file of a hart and never come here; the hypervisor's own go to a hart's supervisor file, each with
 * its own number as identity.
 */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/local.h"
#include "hv/plan.h"

/* APLIC (4.5) */
#define DOMAINCFG      0x0000U
#define SOURCECFG(s)   (4U * (s))
#define SETIP(word)    (0x1c00U + 4U * (word))
#define IN_CLRIP(word) (0x1d00U + 4U * (word))
#define SETIE(word)    (0x1e00U + 4U * (word))
#define CLRIE(word)    (0x1f00U + 4U * (word))
#define SETIPNUM       0x1cdcU
#define TARGET(s)      (0x3000U + 4U * (s))
#define DOMAIN_IE      0x100U
#define DOMAIN_DM      (1U << 2) /* MSIs */
#define TARGET_HART(h) ((h) << 18)
#define TARGET_GUEST   0x1000U /* guest file 1 */

/* Interrupt files (3.8), by siselect and sireg or vsiselect and vsireg. */
#define EIDELIVERY  0x70U
#define EITHRESHOLD 0x72U
#define EIP(n)      (0x80U + (n))
#define EIE(n)      (0xc0U + (n)) /* even n only: 64 identities each */
#define GUEST_FILE  PAGE_SIZE     /* of the hart, behind its supervisor file (3.6) */
#define MAX_SOURCES 988U

static volatile uint32_t *aplic;
static volatile uint8_t *files;
static uint64_t file_offset[HV_MAX_CPUS]; /* of each CPU's supervisor file */
static uint32_t hart_index[HV_MAX_CPUS];
static uint32_t nr_sources;
static uint32_t nr_ids;

static uint32_t get(uint32_t offset)
{
    uint32_t v = aplic[offset / 4U];

    __asm__ volatile("fence io, rw" : : : "memory");
    return v;
}

static void put(uint32_t offset, uint32_t value)
{
    __asm__ volatile("fence rw, io" : : : "memory");
    aplic[offset / 4U] = value;
}

static bool is_source(uint32_t intid)
{
    return intid > RISCV_WIRED && intid - RISCV_WIRED < nr_sources;
}

enum hv_status irqc_init(const struct plan *plan)
{
    if (plan->irqc_version != (uint32_t)PLAN_IRQC_AIA || !features.imsic) {
        return HV_ERR_MACHINE;
    }
    aplic = arch_ops.mmu.map(PA(plan->irqc_base[0]), plan->irqc_size[0], MAP_DEVICE);
    files = arch_ops.mmu.map(PA(plan->irqc_base[1]), plan->irqc_size[1], MAP_DEVICE);
    if (aplic == NULL || files == NULL) {
        return HV_ERR_NOMEM;
    }
    nr_sources = plan->nr_irqs - RISCV_WIRED;
    nr_sources = nr_sources < MAX_SOURCES ? nr_sources : MAX_SOURCES;
    nr_ids = plan->irqc_ids;
    for (uint32_t cpu = 0; cpu < plan->cpus.count; cpu++) {
        file_offset[cpu] = plan_cpu(plan, cpu)->irqc_pa - plan->irqc_base[1];
        hart_index[cpu] = plan_cpu(plan, cpu)->irqc_index;
    }
    put(DOMAINCFG, DOMAIN_DM);
    for (volatile uint32_t *source = &aplic[SOURCECFG(1) / 4U]; source < &aplic[SOURCECFG(nr_sources) / 4U]; source++) {
        *source = APLIC_INACTIVE; /* which also disables it and clears its pending bit (4.5.2) */
    }
    put(DOMAINCFG, DOMAIN_DM | DOMAIN_IE);
    return (get(DOMAINCFG) & (DOMAIN_DM | DOMAIN_IE)) == (DOMAIN_DM | DOMAIN_IE) ? HV_OK : HV_ERR_MACHINE;
}

static void file_write(uint32_t select, uint64_t value)
{
    CSR_WRITE(CSR_SISELECT, select);
    CSR_WRITE(CSR_SIREG, value);
}

static void guest_file_write(uint32_t select, uint64_t value)
{
    CSR_WRITE(CSR_VSISELECT, select);
    CSR_WRITE(CSR_VSIREG, value);
}

static uint64_t file_read(uint32_t select)
{
    CSR_WRITE(CSR_SISELECT, select);
    return CSR_READ(CSR_SIREG);
}

static uint64_t guest_file_read(uint32_t select)
{
    CSR_WRITE(CSR_VSISELECT, select);
    return CSR_READ(CSR_VSIREG);
}

/* A message written to the page that the plan has as a file of this CPU arrives in that file: other boards have their files
 * elsewhere, and stage 2 would give a guest somebody else's. Nothing is delivered yet. */
static bool files_are_mine(unsigned cpu)
{
    volatile uint32_t *page = (volatile void *)&files[file_offset[cpu]];
    volatile uint32_t *guest = (volatile void *)&files[file_offset[cpu] + GUEST_FILE];
    bool mine;

    file_write(EIDELIVERY, 0);
    file_write(EIP(0), 0);
    CSR_SET(CSR_HSTATUS, HSTATUS_VGEIN);
    guest_file_write(EIDELIVERY, 0);
    guest_file_write(EIP(0), 0);
    *page = 1;
    __asm__ volatile("fence iorw, iorw" : : : "memory");
    mine = (file_read(EIP(0)) & 2U) != 0U && (guest_file_read(EIP(0)) & 2U) == 0U;
    *guest = 1;
    __asm__ volatile("fence iorw, iorw" : : : "memory");
    mine = mine && (guest_file_read(EIP(0)) & 2U) != 0U;
    guest_file_write(EIP(0), 0);
    CSR_CLEAR(CSR_HSTATUS, HSTATUS_VGEIN);
    return mine;
}

enum hv_status irqc_init_cpu(unsigned cpu)
{
    if (irqc_guest_files() == 0U || !features_same()) {
        return HV_ERR_MACHINE; /* no guest file: the board has AIA, but not for guests */
    }
    local_init_cpu();
    if (!files_are_mine(cpu)) {
        return HV_ERR_MACHINE;
    }
    file_write(EIDELIVERY, 0);
    file_write(EITHRESHOLD, 0);
    for (uint32_t n = 0; n <= (nr_sources - 1U) / 32U; n += 2U) { /* a source's number is its identity */
        file_write(EIP(n), 0);
        file_write(EIE(n), ~(uint64_t)0); /* nobody but the APLIC's own targets can name an identity here */
    }
    file_write(EIDELIVERY, 1);
    return HV_OK;
}

uint32_t irqc_ack(void)
{
    uint32_t intid = local_ack();

    if (intid == RISCV_INTID_EXTERNAL) {
        uint64_t top;

        __asm__ volatile("csrrw %0, %1, zero" : "=r"(top) : "i"(CSR_STOPEI) : "memory"); /* claims it (3.10) */
        intid = RISCV_WIRED + (uint32_t)(top >> 16 & 0x7ffU);
        intid = is_source(intid) ? intid : IRQC_NONE;
    }
    return intid;
}

void irqc_drop(uint32_t intid)
{
    (void)intid;
}

void irqc_deactivate(uint32_t intid)
{
    if (is_source(intid)) {
        put(SETIPNUM, intid - RISCV_WIRED);
    }
}

void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    if (word == 0U && what == IRQC_ENABLE) {
        local_set(true, mask);
    } else if (word != 0U && what != IRQC_ACTIVE) {
        put(what == IRQC_ENABLE ? SETIE(word - 1U) : SETIP(word - 1U), mask);
    } else {
        /* Nothing is active: a message was sent, and that was it. */
    }
}

void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    if (word == 0U && what == IRQC_ENABLE) {
        local_set(false, mask);
    } else if (word != 0U && what != IRQC_ACTIVE) {
        put(what == IRQC_ENABLE ? CLRIE(word - 1U) : IN_CLRIP(word - 1U), mask);
        (void)get(DOMAINCFG); /* it has arrived; messages sent before are on their way at the most (4.9.3) */
    } else {
        /* As above. */
    }
}

uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)cpu;
    if (word == 0U || what == IRQC_ACTIVE) {
        return 0;
    }
    return get(what == IRQC_ENABLE ? SETIE(word - 1U) : SETIP(word - 1U));
}

void irqc_set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    (void)cpu;
    irqc_source_mode(intid, edge ? APLIC_EDGE_RISE : APLIC_LEVEL_HIGH);
}

void irqc_route(uint32_t intid, unsigned cpu)
{
    if (is_source(intid) && cpu < HV_MAX_CPUS) {
        put(TARGET(intid - RISCV_WIRED), TARGET_HART(hart_index[cpu]) | (intid - RISCV_WIRED));
    }
}

unsigned irqc_guest_files(void)
{
    return features.guest_files;
}

void irqc_file_reset(void)
{
    guest_file_write(EIDELIVERY, 0);
    guest_file_write(EITHRESHOLD, 0);
    for (uint32_t n = 0; n <= nr_ids / 32U; n += 2U) {
        guest_file_write(EIE(n), 0);
        guest_file_write(EIP(n), 0);
    }
    CSR_WRITE(CSR_VSISELECT, 0);
}

void irqc_source_mode(uint32_t intid, enum aplic_mode mode)
{
    if (is_source(intid)) {
        put(SOURCECFG(intid - RISCV_WIRED), (uint32_t)mode);
    }
}

void irqc_target(uint32_t intid, unsigned cpu, uint32_t identity)
{
    if (is_source(intid) && cpu < HV_MAX_CPUS) {
        put(TARGET(intid - RISCV_WIRED), TARGET_HART(hart_index[cpu]) | TARGET_GUEST | identity);
    }
}

/* seteipnum_le is the first word of the page (3.5). */
void irqc_send_msi(unsigned cpu, uint32_t identity)
{
    volatile uint32_t *page = (volatile void *)&files[file_offset[cpu] + GUEST_FILE];

    __asm__ volatile("fence rw, io" : : : "memory");
    *page = identity;
}

uint32_t irqc_inputs(unsigned word)
{
    return word == 0U ? 0U : get(IN_CLRIP(word - 1U));
}
