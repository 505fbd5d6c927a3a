/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the interrupt controller at the edge: odd widths, reserved offsets, sources that are another VM's. */
#include "insn.h"
#include "tests.h"

#define SOURCES           1024U
#define PLIC_PENDING      0x1000U
#define PLIC_ENABLE       0x2000U
#define PLIC_CONTEXT      0x200000U
#define APLIC_SOURCECFG   0x0000U
#define APLIC_MMSIADDR    0x1bc0U
#define APLIC_SETIP       0x1c00U
#define APLIC_SETIPNUM    0x1cdcU
#define APLIC_SETIE       0x1e00U
#define APLIC_SETIPNUM_LE 0x2000U
#define APLIC_GENMSI      0x3000U
#define APLIC_TARGET      0x3000U
#define APLIC_IDC         0x4000U

static unsigned ones(uint32_t w)
{
    unsigned n = 0;
    for (; w != 0U; w &= w - 1U) {
        n++;
    }
    return n;
}

/* Writes a word to each of `n` registers from `at` on, and counts those that then are not 0; 0 again after it. */
static unsigned settable(uint64_t at, unsigned n, uint32_t value)
{
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++) {
        mmio_write32(at + 4U * i, value);
        count += mmio_read32(at + 4U * i) != 0U ? 1U : 0U;
        mmio_write32(at + 4U * i, 0);
    }
    return count;
}

static void plic(void)
{
    uint64_t p = irqc_base();
    uint64_t self = irqc_context(cpu_id());
    uint64_t enable = p + PLIC_ENABLE + 0x80U * self;
    uint64_t context = p + PLIC_CONTEXT + 0x1000U * self;
    unsigned enabled = 0;
    report("irqc", "priority 0", try_read(p, 4));
    report("irqc", "priority 1, 1 byte", try_read(p + 4U, 1));
    report("irqc", "priority 1, 2 bytes", try_read(p + 4U, 2));
    report("irqc", "priority 0, 8 bytes", try_read(p, 8));
    report("irqc", "priority 1, 2 bytes off", try_read(p + 6U, 4));
    report("irqc", "pending 0", try_read(p + PLIC_PENDING, 4));
    report("irqc", "pending written", try_write(p + PLIC_PENDING, 4, UINT32_MAX));
    report("irqc", "threshold", try_read(context, 4));
    report("irqc", "claim of nothing", try_read(context + 4U, 4));
    report("irqc", "completion of nothing", try_write(context + 4U, 4, 1023));
    report("irqc", "reserved of the context", try_read(context + 8U, 4));
    report("irqc", "context 15871", try_read(p + PLIC_CONTEXT + 0x1000U * 15871U, 4));
    report("irqc", "last word", try_read(p + irqc_size() - 4U, 4));
    report("irqc", "behind", try_read(p + irqc_size(), 4));
    report("irqc", "fetch", try_fetch(p));
    report_number("irqc", "sources with a priority", settable(p + 4U, SOURCES - 1U, 7));
    for (unsigned w = 0; w < SOURCES / 32U; w++) {
        mmio_write32(enable + 4U * w, UINT32_MAX);
        enabled += ones(mmio_read32(enable + 4U * w));
        mmio_write32(enable + 4U * w, 0);
    }
    report_number("irqc", "sources that could be enabled", enabled);
}

static void aplic(void)
{
    uint64_t p = irqc_base();
    unsigned enabled = 0;
    report("irqc", "domaincfg", try_read(p, 4));
    report("irqc", "domaincfg, 1 byte", try_read(p, 1));
    report("irqc", "domaincfg, 8 bytes", try_read(p, 8));
    report("irqc", "domaincfg, 2 bytes off", try_read(p + 2U, 4));
    report("irqc", "mmsiaddrcfg", try_read(p + APLIC_MMSIADDR, 4));
    report("irqc", "mmsiaddrcfg written", try_write(p + APLIC_MMSIADDR, 4, UINT32_MAX));
    report("irqc", "setipnum read", try_read(p + APLIC_SETIPNUM, 4));
    report("irqc", "setipnum of 1023", try_write(p + APLIC_SETIPNUM, 4, 1023));
    report("irqc", "setipnum of -1", try_write(p + APLIC_SETIPNUM_LE, 4, UINT32_MAX));
    report("irqc", "genmsi written", try_write(p + APLIC_GENMSI, 4, UINT32_MAX));
    report("irqc", "genmsi", try_read(p + APLIC_GENMSI, 4));
    report("irqc", "reserved 0x1000", try_read(p + 0x1000U, 4));
    report("irqc", "idc 0", try_read(p + APLIC_IDC, 4));
    report("irqc", "behind", try_read(p + irqc_size(), 4));
    report("irqc", "fetch", try_fetch(p));
    report_number("irqc", "sources that are delegated", settable(p + 4U, SOURCES - 1U, 0x400));
    for (unsigned n = 1; n < SOURCES; n++) { /* detached: its line does not count */
        mmio_write32(p + APLIC_SOURCECFG + 4U * n, 1);
    }
    report_number("irqc", "targets", settable(p + APLIC_TARGET + 4U, SOURCES - 1U, 1));
    for (unsigned w = 0; w < SOURCES / 32U; w++) {
        mmio_write32(p + APLIC_SETIE + 4U * w, UINT32_MAX);
        enabled += ones(mmio_read32(p + APLIC_SETIE + 4U * w));
    }
    report_number("irqc", "sources that could be enabled", enabled);
    report_number("irqc", "sources that have a mode", settable(p + APLIC_SOURCECFG + 4U, SOURCES - 1U, 1));
}

/* The hart's interrupt file, by its page and by CSRs; what is behind the last page. */
static void imsic(void)
{
    static const uint32_t selects[] = {0x30, 0x3f, 0x70, 0x71, 0x72, 0x73, 0x80, 0x81, 0xc0, 0xc1, 0xff, 0x100, 0x1ff};
    uint64_t page = imsic_page(cpu_id());
    report("irqc", "file", try_read(page, 4));
    report("irqc", "file, 1 byte", try_read(page, 1));
    report("irqc", "file + 0x800", try_read(page + 0x800U, 4));
    report("irqc", "file, big-endian", try_write(page + 4U, 4, 0));
    report("irqc", "file, fetch", try_fetch(page));
    report("irqc", "behind the last file", try_read(imsic_page(0) + 0x1000U * bootarg_number("cpus", 1), 4));
    for (unsigned i = 0; i < sizeof(selects) / sizeof(selects[0]); i++) {
        print("probe: irqc: siselect = 0x%x\n", selects[i]);
        WRITE_CSR(CSR_SISELECT, selects[i]);
        report("irqc", "sireg", try_csr_read(CSR_SIREG));
    }
    report("irqc", "stopei", try_csr_read(CSR_STOPEI));
}

void test_irqc(void)
{
    irq_off();
    if (!irqc_init() || !irqc_init_cpu()) {
        print("probe: no usable interrupt controller\n");
        return;
    }
    report_number("irqc", "sources", irqc_sources());
    if (irqc_kind() == IRQC_PLIC) {
        plic();
        return;
    }
    if (irqc_sources() != 0U) {
        aplic();
    }
    imsic();
}
