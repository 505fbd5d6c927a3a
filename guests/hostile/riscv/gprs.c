/* SPDX-License-Identifier: Apache-2.0 */
/* Which registers an exit changes, by kinds of exits: every register but sp and tp is filled around one instruction. */
#include "attacks.h"

#define FILL(n)   (0x5a5a000000000000U + (uint64_t)(n) * 0x0101U)
#define RINGS     200U
#define EXIT_IRQ  0U /* hv/include/hv/exit.h */
#define ADDRESS   6U  /* the register that an access goes by; its data is in t0 */
#define NOT_FILLED ((uint64_t)1 << 0 | (uint64_t)1 << 2 | (uint64_t)1 << 4)

/* uint64_t NAME(uint64_t x[32]): the registers are loaded from x, the instruction runs, they are stored there. */
#define AROUND(name, insn)                                                                                   \
    uint64_t name(uint64_t regs);                                                                            \
    __asm__(".text\n"                                                                                        \
            ".global " #name "\n.hidden " #name "\n" #name ":\n"                                             \
            "addi sp, sp, -272\n"                                                                            \
            ".irp n, 1,3,8,9,18,19,20,21,22,23,24,25,26,27\n"                                                \
            "sd x\\n, 8 * \\n(sp)\n"                                                                         \
            ".endr\n"                                                                                        \
            "sd a0, 256(sp)\n"                                                                               \
            "mv x31, a0\n"                                                                                   \
            ".irp n, 1,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"      \
            "ld x\\n, 8 * \\n(x31)\n"                                                                        \
            ".endr\n" insn "\n"                                                                              \
            "sd x31, 264(sp)\n"                                                                              \
            "ld x31, 256(sp)\n"                                                                              \
            ".irp n, 1,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"         \
            "sd x\\n, 8 * \\n(x31)\n"                                                                        \
            ".endr\n"                                                                                        \
            "ld x5, 264(sp)\n"                                                                               \
            "sd x5, 8 * 31(x31)\n"                                                                           \
            ".irp n, 1,3,8,9,18,19,20,21,22,23,24,25,26,27\n"                                                \
            "ld x\\n, 8 * \\n(sp)\n"                                                                         \
            ".endr\n"                                                                                        \
            "addi sp, sp, 272\n"                                                                             \
            "ret\n");

AROUND(gprs_call, "ecall")
AROUND(gprs_load, "lw x5, 0(x6)")
AROUND(gprs_store, "sw x5, 0(x6)")
AROUND(gprs_load_kept, "lw x31, 0(x6)")
AROUND(gprs_byte, "lbu x5, 0(x6)")
AROUND(gprs_csr, "csrr x5, 0x600")
AROUND(gprs_wait, "1: lw x5, 0(x6)\nbeqz x5, 1b")

static uint64_t x[32];

static void fill(void)
{
    for (unsigned n = 0; n < 32U; n++) {
        x[n] = FILL(n);
    }
}

/* As it was filled, apart from sp and tp: what the exit changed of it. */
static void tell(const struct attack *self, const char *what, uint64_t (*around)(uint64_t regs))
{
    uint64_t before[32];
    uint64_t changed = 0;
    for (unsigned n = 0; n < 32U; n++) {
        before[n] = x[n];
    }
    struct outcome o = try_call(around, (uint64_t)(uintptr_t)x);
    for (unsigned n = 0; n < 32U; n++) {
        changed |= x[n] != before[n] ? (uint64_t)1 << n : 0U;
    }
    o.value = changed & ~NOT_FILLED;
    o.faulted = false;
    fact(self, what, o.count, o);
}

static void call(const struct attack *self, const char *what, uint64_t eid, uint64_t fid, const uint64_t a[6])
{
    fill();
    for (unsigned n = 0; n < 6U; n++) {
        x[10U + n] = a[n];
    }
    x[16] = fid;
    x[17] = eid;
    tell(self, what, gprs_call);
}

static void access(const struct attack *self, const char *what, uint64_t a, uint64_t data, uint64_t (*around)(uint64_t regs))
{
    fill();
    x[5] = data;
    x[ADDRESS] = a;
    tell(self, what, around);
}

static volatile uint32_t rung;

static void ring(uint64_t hart)
{
    for (unsigned i = 0; i < RINGS; i++) {
        (void)ipi_send((uint64_t)1 << hart, 0);
    }
    rung = 1;
}

/* The other hart's software interrupts, which this one has masked: each ends what it runs, and leaves no more than a pending bit. */
static void interrupts(const struct attack *self)
{
    CLEAR_CSR(sie, 1U << IRQ_SOFTWARE);
    int64_t before = exit_count(cpu_id(), EXIT_IRQ);
    rung = 0;
    if (!other_start(ring, cpu_id())) {
        return;
    }
    access(self, "interrupts", (uint64_t)(uintptr_t)&rung, 0, gprs_wait);
    (void)other_gone();
    fact_number(self, "interrupts taken", exit_count(cpu_id(), EXIT_IRQ) > before ? 1 : 0);
    CLEAR_CSR(sip, 1U << IRQ_SOFTWARE);
}

void attack_gpr_exits(const struct attack *self)
{
    static const uint8_t newline = '\n';
    uint64_t hole = 0;
    uint64_t uart = 0;
    uint64_t size = 0;
    if (!irqc_ready(self) || !address(self->list, 0, &hole) || !fdt_reg(fdt_compatible("ns16550a", 0), 0, &uart, &size)) {
        return;
    }
    uint64_t enables = irqc_base() + (irqc_kind() == IRQC_PLIC ? 0x2000U : 0x1e00U);
    call(self, "unknown call", 0x0badU, 0, (const uint64_t[6]){1, 2, 3, 4, 5, 6});
    call(self, "fence", SBI_RFENCE, RFENCE_SFENCE, (const uint64_t[6]){3, 0, 0, UINT64_MAX, 5, 6});
    call(self, "fence of an address space", SBI_RFENCE, RFENCE_SFENCE_ASID, (const uint64_t[6]){1, 0, 0, 4096, 7, 6});
    call(self, "ipi", SBI_IPI, 0, (const uint64_t[6]){2, 0, 3, 4, 5, 6});
    call(self, "ipi to itself", SBI_IPI, 0, (const uint64_t[6]){1, 0, 3, 4, 5, 6});
    CLEAR_CSR(sip, 1U << IRQ_SOFTWARE);
    call(self, "console", SBI_DBCN, 0, (const uint64_t[6]){1, (uint64_t)(uintptr_t)&newline, 0, 4, 5, 6});
    call(self, "console byte", SBI_DBCN, 2, (const uint64_t[6]){'\n', 2, 3, 4, 5, 6});
    call(self, "timer", SBI_TIME, 0, (const uint64_t[6]){UINT64_MAX, 2, 3, 4, 5, 6});
    call(self, "hart status", SBI_HSM, HSM_STATUS, (const uint64_t[6]){1, 2, 3, 4, 5, 6});
    access(self, "read", irqc_base() + 0xffcU, 0, gprs_load);
    access(self, "read into t6", irqc_base() + 0xffcU, 0, gprs_load_kept);
    access(self, "enables", enables, 0, gprs_store);
    access(self, "uart", uart + 5U, 0, gprs_byte);
    access(self, "fault", hole, 0, gprs_load);
    access(self, "fault of a store", hole, 0, gprs_store);
    access(self, "undefined", 0, 0, gprs_csr);
    interrupts(self);
}
