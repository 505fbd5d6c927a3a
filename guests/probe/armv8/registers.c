/* SPDX-License-Identifier: Apache-2.0 */
/* System registers: identification, and those a guest must not have. */
#include "tests.h"

#define READ_CASE(n, name)                                                                                   \
    case n:                                                                                                  \
        __asm__ volatile("mrs %0, " name : "+r"(v));                                                         \
        break

#define ROW(m)                                                                                               \
    READ_CASE(m * 8 + 0, "s3_0_c0_c" #m "_0");                                                               \
    READ_CASE(m * 8 + 1, "s3_0_c0_c" #m "_1");                                                               \
    READ_CASE(m * 8 + 2, "s3_0_c0_c" #m "_2");                                                               \
    READ_CASE(m * 8 + 3, "s3_0_c0_c" #m "_3");                                                               \
    READ_CASE(m * 8 + 4, "s3_0_c0_c" #m "_4");                                                               \
    READ_CASE(m * 8 + 5, "s3_0_c0_c" #m "_5");                                                               \
    READ_CASE(m * 8 + 6, "s3_0_c0_c" #m "_6");                                                               \
    READ_CASE(m * 8 + 7, "s3_0_c0_c" #m "_7")

/* Numbers 0..63: op0 3, op1 0, CRn 0, CRm n / 8, op2 n % 8: the identification space of EL1. */
static uint64_t read_id(uint64_t n)
{
    uint64_t v = 0;
    switch (n) {
        ROW(0);
        ROW(1);
        ROW(2);
        ROW(3);
        ROW(4);
        ROW(5);
        ROW(6);
        ROW(7);
    default:
        break;
    }
    return v;
}

/* Others that identify, by op1 and op2 in CRn 0, CRm 0. */
static const struct {
    uint8_t op1;
    uint8_t op2;
} others[] = {{1, 0}, {1, 1}, {1, 2}, {1, 4}, {1, 6}, {1, 7}, {3, 1}, {3, 7}};

static uint64_t read_other(uint64_t i)
{
    uint64_t v = 0;
    switch (i) {
        READ_CASE(0, "s3_1_c0_c0_0"); /* CCSIDR_EL1 */
        READ_CASE(1, "s3_1_c0_c0_1"); /* CLIDR_EL1 */
        READ_CASE(2, "s3_1_c0_c0_2"); /* CCSIDR2_EL1 */
        READ_CASE(3, "s3_1_c0_c0_4"); /* GMID_EL1 */
        READ_CASE(4, "s3_1_c0_c0_6"); /* SMIDR_EL1 */
        READ_CASE(5, "s3_1_c0_c0_7"); /* AIDR_EL1 */
        READ_CASE(6, "s3_3_c0_c0_1"); /* CTR_EL0 */
        READ_CASE(7, "s3_3_c0_c0_7"); /* DCZID_EL0 */
    default:
        break;
    }
    return v;
}

static void print_id(unsigned op1, unsigned crm, unsigned op2, struct outcome o)
{
    if (o.faulted) {
        print("id 3 %u 0 %u %u undef ec 0x%lx\n", op1, crm, op2, o.cause >> 26 & 0x3fU);
    } else {
        print("id 3 %u 0 %u %u 0x%016lx\n", op1, crm, op2, o.value);
    }
}

void test_idregs(void)
{
    for (unsigned n = 0; n < 64U; n++) {
        print_id(0, n / 8U, n % 8U, try_call(read_id, n));
    }
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        print_id(others[i].op1, 0, others[i].op2, try_call(read_other, i));
    }
}

static const char *const forbidden[] = {
    "S3_7_C15_C15_7 read", "S3_7_C15_C15_7 write", "S3_1_C15_C2_0 read", "S3_1_C15_C2_0 write",
    "HCR_EL2 read",        "VTTBR_EL2 write",      "ACTLR_EL1 read",     "ACTLR_EL1 write",
    "LORC_EL1 read",       "PMCR_EL0 read",        "ICC_SRE_EL2 read",   "SCR_EL3 read",
    "ICC_SRE_EL1 write",   "S1_0_C15_C0_0 sys",    "ERRSELR_EL1 write",
};

static uint64_t touch(uint64_t i)
{
    uint64_t v = 0;
    switch (i) {
        READ_CASE(0, "s3_7_c15_c15_7");
        READ_CASE(2, "s3_1_c15_c2_0");
        READ_CASE(4, "s3_4_c1_c1_0");
        READ_CASE(6, "s3_0_c1_c0_1");
        READ_CASE(8, "s3_0_c10_c4_3");
        READ_CASE(9, "s3_3_c9_c12_0");
        READ_CASE(10, "s3_4_c12_c9_5");
        READ_CASE(11, "s3_6_c1_c1_0");
    case 1:
        __asm__ volatile("msr s3_7_c15_c15_7, %0" ::"r"(v));
        break;
    case 3:
        __asm__ volatile("msr s3_1_c15_c2_0, %0" ::"r"(v));
        break;
    case 5:
        __asm__ volatile("msr s3_4_c2_c1_0, %0" ::"r"(v));
        break;
    case 7:
        __asm__ volatile("msr s3_0_c1_c0_1, %0" ::"r"(v));
        break;
    case 12:
        __asm__ volatile("msr s3_0_c12_c12_5, %0" ::"r"(v));
        __asm__ volatile("mrs %0, s3_0_c12_c12_5" : "=r"(v)); /* SRE must read as one still */
        break;
    case 13:
        __asm__ volatile("sys #0, c15, c0, #0, %0" ::"r"(v));
        break;
    default:
        __asm__ volatile("msr s3_0_c5_c3_1, %0" ::"r"(v));
        break;
    }
    return v;
}

void test_sysregs(void)
{
    for (unsigned i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        report("sysregs", forbidden[i], try_call(touch, i));
    }
}

/* Set/way maintenance of every way and set of a level 1 data cache of 64 KiB: 4 ways, 256 sets of 64 bytes.
 */
void test_setway(void)
{
    for (uint64_t way = 0; way < 4U; way++) {
        for (uint64_t set = 0; set < 256U; set++) {
            uint64_t v = way << 30 | set << 6;
            __asm__ volatile("dc cisw, %0" ::"r"(v) : "memory");
        }
    }
    barrier();
    report_number("setway", "operations", 1024);
}
