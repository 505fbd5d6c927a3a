/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

const struct attack attacks[] = {
    {"read-victim", attack_read, "victim", false},
    {"read-hv", attack_read, "hv", false},
    {"read-device", attack_read, "device", false},
    {"read-gic", attack_read, "gic", false},
    {"read-hole", attack_read, "hole", false},
    {"read-beyond", attack_read, "beyond", false},
    {"write-victim", attack_write, "victim", false},
    {"write-hv", attack_write, "hv", false},
    {"write-device", attack_write, "device", false},
    {"write-gic", attack_write, "gic", false},
    {"write-hole", attack_write, "hole", false},
    {"write-beyond", attack_write, "beyond", false},
    {"fetch-victim", attack_fetch, "victim", false},
    {"fetch-hv", attack_fetch, "code", false},
    {"fetch-device", attack_fetch, "own", false},
    {"fetch-hole", attack_fetch, "hole", false},
    {"odd-victim", attack_odd, "victim", false},
    {"odd-hv", attack_odd, "hv", false},
    {"stage1-victim", attack_stage1, "victim", false},
    {"stage1-hv", attack_stage1, "hv", false},
    {"stage1-gic", attack_stage1, "gic", false},
    {"walk-victim", attack_walk, "victim", false},
    {"walk-hv", attack_walk, "hv", false},
    {"walk-hole", attack_walk, "hole", false},
    {"rewrite-code", attack_rewrite, "code", false},
    {"gicd-sweep", attack_gicd_sweep, NULL, false},
    {"gicr-sweep", attack_gicr_sweep, NULL, false},
    {"gicd-widths", attack_gicd_widths, NULL, false},
    {"gicr-widths", attack_gicr_widths, NULL, false},
    {"gicr-foreign", attack_gicr_foreign, NULL, false},
    {"gic-odd", attack_gic_odd, NULL, false},
    {"spi-bits", attack_spi_bits, NULL, false},
    {"spi-route", attack_spi_route, NULL, false},
    {"spi-priority", attack_spi_priority, NULL, false},
    {"ppi-bits", attack_ppi_bits, NULL, false},
    {"sgi-sweep", attack_sgi_sweep, NULL, false},
    {"sgi-group0", attack_sgi_group0, NULL, false},
    {"sgi-broadcast", attack_sgi_broadcast, NULL, false},
    {"icc-end", attack_icc_end, NULL, false},
    {"spi-targets", attack_spi_targets, NULL, false},
    {"sgir-sweep", attack_sgir_sweep, NULL, false},
    {"sgi-sources", attack_sgi_sources, NULL, false},
    {"gicc-sweep", attack_gicc_sweep, NULL, false},
    {"gicc-end", attack_gicc_end, NULL, false},
    {"ranges-hvc", attack_ranges_hvc, NULL, false},
    {"ranges-smc", attack_ranges_smc, NULL, false},
    {"random-hvc", attack_random_hvc, NULL, false},
    {"random-smc", attack_random_smc, NULL, false},
    {"immediates", attack_immediates, NULL, false},
    {"cpu-on-foreign", attack_cpu_on_foreign, NULL, false},
    {"cpu-on-entry", attack_cpu_on_entry, "code", false},
    {"affinity", attack_affinity, NULL, false},
    {"idregs", attack_idregs, NULL, false},
    {"sysreg-read", attack_sysreg_read, NULL, false},
    {"sysreg-write", attack_sysreg_write, NULL, false},
    {"sysinsn", attack_sysinsn, NULL, false},
    {"gpr-leak", attack_gpr_leak, NULL, false},
    {"fp-leak", attack_fp_leak, NULL, false},
    {"el1-leak", attack_el1_leak, NULL, false},
    {"debug", attack_debug, NULL, false},
    {"hlt", attack_hlt, NULL, false},
    {"sve", attack_vectors_length, NULL, false},
    {"setway", attack_setway, NULL, false},
    {"tlbi", attack_tlbi, NULL, false},
    {"wfi", attack_wfi, NULL, false},
    {"wfe", attack_wfe, NULL, false},
    {"suspend", attack_suspend, NULL, false},
    {"timer-past", attack_timer_past, NULL, false},
    {"timer-toggle", attack_timer_toggle, NULL, false},
    {"hvc-storm", attack_hvc_storm, NULL, false},
    {"fault-storm", attack_fault_storm, "hole", false},
    {"brk-storm", attack_brk_storm, NULL, false},
    {"mmio-storm", attack_mmio_storm, NULL, false},
    {"recall-storm", attack_recall_storm, NULL, false},
    {"sgi-storm", attack_sgi_storm, NULL, false},
    {"onoff-storm", attack_onoff_storm, NULL, false},
    {"off-hvc", attack_off_hvc, NULL, true},
    {"off-smc", attack_off_smc, NULL, true},
    {"reset-hvc", attack_reset_hvc, NULL, true},
    {"reset-smc", attack_reset_smc, NULL, true},
    {"no-vectors", attack_novectors, "code", true},
    {"stack", attack_stack, "hole", true},
    {"endless", attack_endless, NULL, true},
};
const unsigned nr_attacks = sizeof(attacks) / sizeof(attacks[0]);

static void (*volatile other_work)(uint64_t arg);
static uint64_t sequence;

bool address(const char *key, unsigned n, uint64_t *a)
{
    char list[256];
    if (!bootarg(key, list, sizeof(list))) {
        return false;
    }
    const char *s = list;
    for (unsigned i = 0; i < n; i++) {
        while (*s != ':' && *s != '\0') {
            s++;
        }
        if (*s++ == '\0') {
            return false;
        }
    }
    *a = 0;
    for (; *s != ':' && *s != '\0'; s++) {
        *a = *a << 4 | ((uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10) & 0xfU);
    }
    return true;
}

/* xorshift64: nothing but varied, and the same for the same seed. */
uint64_t draw(void)
{
    sequence ^= sequence << 13;
    sequence ^= sequence >> 7;
    sequence ^= sequence << 17;
    return sequence;
}

void fact(const struct attack *self, const char *what, uint64_t number, struct outcome o)
{
    fact_of(self, "", what, number, o);
}

void fact_of(const struct attack *self, const char *whose, const char *what, uint64_t number, struct outcome o)
{
    print("hostile: %s: %s%s 0x%lx = ", self->name, whose, what, number);
    if (o.faulted) {
        print_fault(o);
    } else {
        print("0x%lx\n", o.value);
    }
}

void fact_number(const struct attack *self, const char *what, int64_t value)
{
    report_number(self->name, what, value);
}

bool other_start(void (*work)(uint64_t arg), uint64_t arg)
{
    other_work = work;
    barrier();
    return psci(PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)secondary_entry, arg) == 0;
}

bool other_gone(void)
{
    uint64_t end = timer_now() + 60U * (uint64_t)timer_freq();
    while ((int32_t)psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}

void guest_secondary(uint64_t arg)
{
    other_work(arg);
    (void)psci(PSCI_CPU_OFF, 0, 0, 0);
    print("hostile: CPU_OFF returned\n");
}

static void nothing(uint64_t arg)
{
    (void)arg;
}

static void wait_key(void)
{
    while (uart_getc() < 0) {
        barrier();
    }
}

static void run(const struct attack *a, bool step)
{
    if (step) {
        wait_key();
    }
    print("hostile: %s: begin\n", a->name);
    a->run(a);
    print("hostile: %s: end\n", a->name);
}

static bool one_of(const char *list, const char *name)
{
    size_t n = str_len(name);
    for (const char *s = list; *s != '\0';) {
        size_t i = 0;
        while (s[i] != '\0' && s[i] != ',') {
            i++;
        }
        bool same = i == n;
        for (size_t k = 0; same && k < n; k++) {
            same = s[k] == name[k];
        }
        if (same) {
            return true;
        }
        s += s[i] == ',' ? i + 1U : i;
    }
    return false;
}

void guest_main(void)
{
    static char list[1536];
    report_guest = "hostile";
    print("hostile: attacking guest: %s\n", fdt_bootargs());
    if (!bootarg("attack", list, sizeof(list))) {
        print("hostile: no attack= in the boot arguments\n");
        return;
    }
    sequence = bootarg_number("seed", 1) * 0x9e3779b97f4a7c15U | 1U;
    /* All its CPUs have been on once, so that what the harness sees of them is what they have for good. */
    if (!other_start(nothing, 0) || !other_gone()) {
        print("hostile: vCPU 1 does not come and go\n");
    }
    if (!irqc_init() || !irqc_init_cpu()) {
        print("hostile: no usable interrupt controller\n");
    }
    bool step = bootarg_number("step", 0) != 0U;
    print("hostile: ready\n");
    for (unsigned i = 0; i < nr_attacks; i++) {
        const struct attack *a = &attacks[i];
        if (one_of(list, a->name) || (str_equal(list, "all") && !a->ends)) {
            run(a, step);
        }
    }
    print("hostile: all done\n");
    if (step) {
        wait_key();
    }
}
