/* SPDX-License-Identifier: Apache-2.0 */
/* What registers hold that is not this guest's: after an exit, and in a second life of hart 1. */
#include "attacks.h"

#define LIVES      3U
#define CSR_VLENB  0xc22U
#define VLENB_MAX  1024U

/* gpr_call(after, eid, mmio): every register but sp and tp filled, one ECALL, one load at mmio; all stored at `after`. */
void gpr_call(uint64_t *after, uint64_t eid, uint64_t mmio);
__asm__(".text\n"
        ".option push\n"
        ".option norelax\n"
        "gpr_call:\n"
        "addi sp, sp, -384\n"
        ".irp n, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
        "sd x\\n, 8 * \\n(sp)\n"
        ".endr\n"
        "sd a0, 256(sp)\n"
        "mv x17, a1\n"
        "mv x6, a2\n"
        ".irp n, 1,3,5,7,8,9,10,11,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
        "li x\\n, 0x5a00 + \\n\n"
        ".endr\n"
        "ecall\n"
        "lw x5, 0(x6)\n"
        "sd x31, 264(sp)\n"
        "ld x31, 256(sp)\n"
        ".irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
        "sd x\\n, 8 * \\n(x31)\n"
        ".endr\n"
        "ld x5, 264(sp)\n"
        "sd x5, 8 * 31(x31)\n"
        ".irp n, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
        "ld x\\n, 8 * \\n(sp)\n"
        ".endr\n"
        "addi sp, sp, 384\n"
        "ret\n"
        ".option pop\n");

void attack_gpr_leak(const struct attack *self)
{
    static uint64_t after[32];
    if (!irqc_ready(self)) {
        return;
    }
    gpr_call(after, 0x0bad, irqc_base() + 0xffcU); /* nobody's source */
    for (unsigned n = 1; n < 32U; n++) {
        if (n != 2U && n != 4U && n != 6U) {
            fact(self, "x", n, (struct outcome){.value = after[n]});
        }
    }
}

/* ---- What a second life of hart 1 finds of the first ---- */

static volatile uint64_t found[32];

#define ALL "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

static void fp_life(uint64_t life)
{
    static uint64_t f[32];
    uint64_t status = 0;
    SET_CSR(sstatus, SSTATUS_FS);
    __asm__ volatile("mv t0, %0\n\t"
                     ".irp n, " ALL "\n\t.insn s 0x27, 3, x\\n, 8 * \\n(t0)\n\t.endr" ::"r"(f)
                     : "t0", "memory");
    __asm__ volatile("csrr %0, 0x003" : "=r"(status));
    uint64_t left = 0;
    for (unsigned i = 0; i < 32U; i++) {
        left += f[i] != 0U ? 1U : 0U;
        f[i] = PATTERN;
    }
    found[2U * life] = left;
    found[2U * life + 1U] = status;
    __asm__ volatile("mv t0, %0\n\t"
                     ".irp n, " ALL "\n\t.insn i 0x07, 3, x\\n, 8 * \\n(t0)\n\t.endr\n\t"
                     "li t0, 0x7f\n\tcsrw 0x003, t0" ::"r"(f)
                     : "t0", "memory");
}

static bool lives(const struct attack *self, void (*life)(uint64_t n))
{
    for (uint64_t n = 0; n < LIVES; n++) {
        if (!other_start(life, n) || !other_gone()) {
            print("hostile: %s: life %lu did not come to its end\n", self->name, n);
            return false;
        }
    }
    return true;
}

void attack_fp_leak(const struct attack *self)
{
    if (!lives(self, fp_life)) {
        return;
    }
    for (unsigned n = 0; n < 2U * LIVES; n++) {
        fact(self, n % 2U == 0U ? "registers in life" : "status in life", n / 2U, (struct outcome){.value = found[n]});
    }
}

static uint8_t v[32U * VLENB_MAX] __attribute__((aligned(64)));

/* Eight registers at once: VS8R.V and VL8RE8.V (vector extension, 7.9). */
#define VECTORS_STORE(first) ".word 0xe2850027 + (" #first " << 7)\n\tadd a0, a0, a1\n\t"
#define VECTORS_LOAD(first)  ".word 0xe2850007 + (" #first " << 7)\n\tadd a0, a0, a1\n\t"
#define VECTORS_ALL(way)     "mv a0, %0\n\tmv a1, %1\n\t" way(0) way(8) way(16) way(24)

static void vector_life(uint64_t life)
{
    SET_CSR(sstatus, SSTATUS_FS | SSTATUS_VS);
    uint64_t vlenb = try_csr_read(CSR_VLENB).value;
    uint64_t status = 0;
    __asm__ volatile(VECTORS_ALL(VECTORS_STORE) ::"r"(v), "r"(8U * vlenb) : "a0", "a1", "memory");
    for (uint32_t csr = 8; csr < 16U; csr++) { /* vstart, vxsat, vxrm, vcsr */
        struct outcome o = try_csr_read(csr);
        status |= o.faulted ? 0U : o.value;
    }
    uint64_t left = 0;
    for (unsigned i = 0; i < 32U * vlenb && i < sizeof(v); i++) {
        left += v[i] != 0U ? 1U : 0U;
        v[i] = 0xa5U;
    }
    found[3U * life] = vlenb;
    found[3U * life + 1U] = left;
    found[3U * life + 2U] = status;
    __asm__ volatile(VECTORS_ALL(VECTORS_LOAD) ::"r"(v), "r"(8U * vlenb) : "a0", "a1", "memory");
    (void)try_csr_write(0x00fU, 7); /* vcsr */
}

void attack_vector_leak(const struct attack *self)
{
    SET_CSR(sstatus, SSTATUS_FS | SSTATUS_VS);
    struct outcome vlenb = try_csr_read(CSR_VLENB);
    if (vlenb.faulted || vlenb.value > VLENB_MAX) {
        fact(self, "no vectors", CSR_VLENB, vlenb);
        return;
    }
    if (!lives(self, vector_life)) {
        return;
    }
    for (unsigned n = 0; n < LIVES; n++) {
        fact(self, "length in life", n, (struct outcome){.value = found[3U * n]});
        fact(self, "bytes in life", n, (struct outcome){.value = found[3U * n + 1U]});
        fact(self, "status in life", n, (struct outcome){.value = found[3U * n + 2U]});
    }
}

/* CSRs of its own, by number; those the hart lacks read as 0 here. sip pends only what the last life left. */
static const struct {
    const char *name;
    uint32_t csr;
    uint64_t first; /* what it is to be left with */
} state[] = {
    {"sstatus", 0x100, (uint64_t)3 << 13 | (uint64_t)3 << 18}, {"scounteren", 0x106, ALL_ONES},
    {"senvcfg", 0x10a, ALL_ONES},  {"sscratch", 0x140, PATTERN}, {"sepc", 0x141, PATTERN & ~(uint64_t)1},
    {"scause", 0x142, PATTERN},    {"stval", 0x143, PATTERN},    {"sip", 0x144, 2},
    {"satp", 0x180, 0},            {"sstateen0", 0x10c, ALL_ONES}, {"siselect", 0x150, 0xc0},
};
#define NR_STATE (sizeof(state) / sizeof(state[0]))

/* eidelivery, eithreshold, eip0, eie0 */
static const uint32_t file[] = {0x70, 0x72, 0x80, 0xc0};
#define NR_FILE (sizeof(file) / sizeof(file[0]))

static void vs_life(uint64_t life)
{
    static uint64_t first[NR_STATE]; /* before anything here changes them */
    for (unsigned i = 0; i < NR_STATE; i++) {
        struct outcome o = try_csr_read(state[i].csr); /* a fault changes sepc, scause and stval: these stand before it */
        first[i] = o.faulted ? 0U : o.value;
    }
    for (unsigned i = 0; i < NR_STATE; i++) {
        found[i] = life == 0U ? first[i] : found[i] | first[i];
        struct outcome o = try_csr_read(state[i].csr);
        if (!o.faulted) {
            (void)try_csr_write(state[i].csr, o.value | state[i].first);
        }
    }
    for (unsigned i = 0; irqc_kind() == IRQC_AIA && i < NR_FILE; i++) {
        WRITE_CSR(CSR_SISELECT, file[i]);
        uint64_t had = READ_CSR(CSR_SIREG);
        found[NR_STATE + i] = life == 0U ? had : found[NR_STATE + i] | had;
        WRITE_CSR(CSR_SIREG, i < 2U ? 1U : 0xfffffffffffffffeU);
    }
}

void attack_vs_leak(const struct attack *self)
{
    if (!irqc_ready(self) || !lives(self, vs_life)) {
        return;
    }
    for (unsigned i = 0; i < NR_STATE; i++) {
        fact(self, state[i].name, 0, (struct outcome){.value = found[i]});
    }
    for (unsigned i = 0; irqc_kind() == IRQC_AIA && i < NR_FILE; i++) {
        fact(self, "file", file[i], (struct outcome){.value = found[NR_STATE + i]});
    }
}
