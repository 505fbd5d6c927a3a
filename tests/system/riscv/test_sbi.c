/* SPDX-License-Identifier: Apache-2.0 */
/* SBI from guests: each call scoped to the VM, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "console_guest.h"
#include "sbi_calls.h"

#define RAM   0x40000000ULL
#define START 0x40002000ULL
#define FLAG  0x40001000ULL /* a word in the RAM of VM one */
#define TEXT  0x40003000ULL
#define END   0x41200000ULL /* of the RAM of VM one */

static struct sim_sbi sbi(struct sim_guest *g, uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2)
{
    return sim_guest_sbi3(g, ext, fid, a0, a1, a2);
}

static void asks_the_impossible(struct sim_guest *g)
{
    static const struct {
        uint64_t ext, fid, a0, a1, a2;
        int64_t want;
    } cases[] = {
        { SBI_HSM, 0, 0, START, 0, SBI_ERR_ALREADY_AVAILABLE }, /* itself */
        { SBI_HSM, 0, 2, START, 0, SBI_ERR_INVALID_PARAM },     /* a hart of the board, but none of its own */
        { SBI_HSM, 0, ~0ULL, START, 0, SBI_ERR_INVALID_PARAM },
        { SBI_HSM, 0, 1, START + 1U, 0, SBI_ERR_INVALID_ADDRESS },
        { SBI_HSM, 0, 1, 0x09000000, 0, SBI_ERR_INVALID_ADDRESS }, /* its device */
        { SBI_HSM, 0, 1, END, 0, SBI_ERR_INVALID_ADDRESS },
        { SBI_HSM, 0, 1, ~1ULL, 0, SBI_ERR_INVALID_ADDRESS },
        { SBI_HSM, 2, 2, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_HSM, 3, 1, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_HSM, 3, 0x80000000, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_HSM, 4, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_IPI, 0, 4, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_IPI, 0, 1, 2, 0, SBI_ERR_INVALID_PARAM },
        { SBI_IPI, 0, 0xff, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_IPI, 1, 1, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_RFENCE, 0, 6, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_RFENCE, 1, 1, 0, ~0ULL, SBI_ERR_INVALID_ADDRESS }, /* the size is a3: see below */
        { SBI_RFENCE, 3, 1, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_RFENCE, 6, 1, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_SRST, 0, 3, 0, 0, SBI_ERR_INVALID_PARAM },
        { SBI_SRST, 0, 0, 2, 0, SBI_ERR_INVALID_PARAM },
        { SBI_DBCN, 0, 4, RAM, 0, SBI_ERR_NOT_SUPPORTED }, /* no console is shared */
        { SBI_PMU, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_SUSP, 0, 0, START, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_STA, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { SBI_HSM | 1ULL << 32, 1, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { 0xdeadbeef, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
        { 15, 0, 0, 0, 0, SBI_ERR_NOT_SUPPORTED },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t args[5] = { cases[i].a0, cases[i].a1, cases[i].a2, cases[i].ext == SBI_RFENCE ? 2U : 0U, 0 };
        int64_t got = sim_guest_sbi(g, cases[i].ext, cases[i].fid, args).error;
        if (got != cases[i].want) {
            sim_fail("case %u: call 0x%lx, %lu (0x%lx, 0x%lx): %ld", i, cases[i].ext, cases[i].fid, args[0], args[1], got);
        }
    }
    sim_expect(sbi(g, SBI_BASE, 0, 0, 0, 0).value == 0x2000000U);
    sim_expect(sbi(g, SBI_BASE, 3, SBI_HSM, 0, 0).value == 1U);
    sim_expect(sbi(g, SBI_BASE, 3, SBI_PMU, 0, 0).value == 0U && sbi(g, SBI_BASE, 3, SBI_DBCN, 0, 0).value == 0U);
    guest_power_off(g);
}

static void boot_two(uint64_t seed, sim_guest_fn one, sim_guest_fn one_second, sim_guest_fn two)
{
    struct system s;
    system_prepare(&s, seed);
    system_install(&s);
    sim_guest_script(0, one, NULL);
    sim_guest_script(2, one_second, NULL);
    sim_guest_script(1, two, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void impossible(void *arg)
{
    boot_two(SEED(arg), asks_the_impossible, NULL, guest_power_off);
}

/* WALL-CPU-3 WALL-FW-1 */
static void a_guest_reaches_no_hart_but_its_own(void **state)
{
    (void)state;
    run_on_seeds(impossible, 3);
}

/* ---- Fences and IPIs ---- */

static uint32_t fenced;
static unsigned fences;

static enum hv_status watch_fence(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid)
{
    (void)what;
    (void)start;
    (void)size;
    (void)asid;
    fenced |= cpus;
    fences++;
    return HV_OK;
}

static void waits_for_ipis(struct sim_guest *g)
{
    uint64_t v = 0;
    guest_irq_on(g, 1);
    sim_expect(sim_guest_write(g, FLAG, 8, 1) == SIM_OK);
    sim_expect(guest_irq_wait(g) == guest_ipi);
    sim_expect(sim_guest_csr_read(g, SIM_CSR_SIP, &v) == SIM_OK && (v & SIM_SSIP) == 0U);
    sim_expect(sim_guest_write(g, FLAG, 8, 2) == SIM_OK);
    for (;;) {
        sim_guest_step(g);
    }
}

static void wait_flag(struct sim_guest *g, uint64_t want)
{
    uint64_t v = 0;
    while (v != want) {
        sim_expect(sim_guest_read(g, FLAG, 8, &v) == SIM_OK);
    }
}

static void fences_and_ipis(struct sim_guest *g)
{
    sim_expect(sim_guest_start_vcpu(g, 1, START, 0) == 0);
    wait_flag(g, 1);
    for (uint64_t fid = 0; fid < 3U; fid++) {
        sim_expect(sim_guest_sbi(g, SBI_RFENCE, fid, (const uint64_t[5]){ 0, ~0ULL, 0x1000, 0x2000, 7 }).error == 0);
    }
    sim_expect(fenced == 5U && fences == 3U); /* VM one's CPUs are 0 and 2 */
    fenced = 0;
    sim_expect(sim_guest_sbi(g, SBI_RFENCE, 1, (const uint64_t[5]){ 2, 0, 0, 0, 0 }).error == 0);
    sim_expect(fenced == 4U);
    sim_expect(sbi(g, SBI_IPI, 0, 2, 0, 0).error == 0);
    wait_flag(g, 2);
    guest_power_off(g);
}

static void hears_nothing(struct sim_guest *g)
{
    guest_irq_on(g, 0);
    for (unsigned i = 0; i < 300U; i++) {
        sim_expect(guest_irq_ack(g) == GUEST_NO_IRQ);
    }
    guest_power_off(g);
}

static void fencing(void *arg)
{
    struct system s;
    system_prepare(&s, SEED(arg));
    system_install(&s);
    arch_ops.isa.remote_fence = watch_fence;
    sim_guest_script(0, fences_and_ipis, NULL);
    sim_guest_script(2, waits_for_ipis, NULL);
    sim_guest_script(1, hears_nothing, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

/* WALL-IRQ-2 */
static void fences_and_ipis_reach_the_harts_of_the_vm_and_no_other(void **state)
{
    (void)state;
    run_on_seeds(fencing, 8);
}

/* ---- The debug console ---- */

static void put_text(struct sim_guest *g, uint64_t ipa, const char *text)
{
    for (size_t i = 0; i < strlen(text); i++) {
        sim_expect(sim_guest_write(g, ipa + i, 1, (uint8_t)text[i]) == SIM_OK);
    }
}

static void uses_the_debug_console(struct sim_guest *g)
{
    static const struct {
        uint64_t len, low, high;
    } wrong[] = { { 8, 0x0, 0 },  { 8, 0x09000000, 0 }, { 8, END, 0 },       { 8, END - 4U, 0 },   { 8, RAM - 4U, 0 }, { 8, TEXT, 1 },
                  { ~0ULL, TEXT, 0 }, { 8, ~0ULL, 0 },  { 8, ~0ULL, ~0ULL }, { END - RAM + 1U, RAM, 0 } };
    const char text[] = "by the debug console\n";
    char typed[8] = "";
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        for (uint64_t fid = 0; fid < 2U; fid++) {
            if (sbi(g, SBI_DBCN, fid, wrong[i].len, wrong[i].low, wrong[i].high).error != SBI_ERR_INVALID_PARAM) {
                sim_fail("function %lu, case %u: not refused", fid, i);
            }
        }
    }
    put_text(g, END - sizeof(text) + 1U, text); /* to the last byte */
    struct sim_sbi r = sbi(g, SBI_DBCN, 0, sizeof(text) - 1U, END - sizeof(text) + 1U, 0);
    sim_expect(r.error == 0 && r.value == sizeof(text) - 1U);
    sim_expect(sbi(g, SBI_DBCN, 2, 'x', 0, 0).error == 0 && sbi(g, SBI_DBCN, 2, '\n', 0, 0).error == 0);
    sim_expect(sbi(g, 1, 0, 'y', 0, 0).error == 0 && sbi(g, 1, 0, '\n', 0, 0).error == 0); /* v0.1 */
    sim_type("key");
    for (size_t n = 0; n < 3U;) {
        r = sbi(g, SBI_DBCN, 1, 3U - n, TEXT + n, 0);
        sim_expect(r.error == 0 && r.value <= 3U - n);
        n += r.value;
    }
    for (unsigned i = 0; i < 3U; i++) {
        uint64_t v = 0;
        sim_expect(sim_guest_read(g, TEXT + i, 1, &v) == SIM_OK);
        typed[i] = (char)v;
    }
    sim_expect(strcmp(typed, "key") == 0);
    guest_power_off(g);
}

static void debug_console(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    system_install(&s);
    sim_guest_script(0, uses_the_debug_console, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_console("[one] by the debug console\r\n");
    expect_console("[one] x\r\n");
    expect_console("[one] y\r\n");
}

/* WALL-MEM-1 WALL-CON-1 */
static void the_debug_console_takes_buffers_in_ram_of_the_vm_alone(void **state)
{
    (void)state;
    run_on_seeds(debug_console, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_reaches_no_hart_but_its_own),
        cmocka_unit_test(fences_and_ipis_reach_the_harts_of_the_vm_and_no_other),
        cmocka_unit_test(the_debug_console_takes_buffers_in_ram_of_the_vm_alone),
    };
    return cmocka_run_group_tests_name("sbi", tests, NULL, NULL);
}
