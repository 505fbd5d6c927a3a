/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs and instructions: what a guest has, and what it must not have. */
#include "insn.h"
#include "tests.h"

#define CSRS 4096U

/* Reads every CSR that there could be: "csr 0x<number> 0x<value>" for those that can be read; how many are illegal. */
void test_csrs(void)
{
    unsigned illegal = 0;
    unsigned readable = 0;
    for (uint32_t n = 0; n < CSRS; n++) {
        struct outcome o = try_csr_read(n);
        if (o.faulted && o.cause == CAUSE_ILLEGAL) {
            illegal++;
            continue;
        }
        print("csr 0x%03x ", n);
        if (o.faulted) {
            print_fault(o);
        } else {
            print("0x%016lx\n", o.value);
            readable++;
        }
    }
    report_number("csrs", "readable", readable);
    report_number("csrs", "illegal", illegal);
}

/* Those of the hypervisor, of VS level as the hypervisor sees them, of M level; and counters, which are read only. */
static const struct {
    const char *name;
    uint32_t number;
} forbidden[] = {
    {"hstatus", 0x600},    {"hedeleg", 0x602}, {"hideleg", 0x603},   {"hie", 0x604},           {"htimedelta", 0x605},
    {"hcounteren", 0x606}, {"hgeie", 0x607},   {"hvien", 0x608},     {"hvictl", 0x609},        {"henvcfg", 0x60a},
    {"hstateen0", 0x60c},  {"htval", 0x643},   {"hip", 0x644},       {"hvip", 0x645},          {"hviprio1", 0x646},
    {"hviprio2", 0x647},   {"htinst", 0x64a},  {"hgatp", 0x680},     {"hcontext", 0x6a8},      {"hgeip", 0xe12},
    {"vsstatus", 0x200},   {"vsie", 0x204},    {"vstvec", 0x205},    {"vsscratch", 0x240},     {"vsepc", 0x241},
    {"vscause", 0x242},    {"vstval", 0x243},  {"vsip", 0x244},      {"vstimecmp", 0x24d},     {"vsiselect", 0x250},
    {"vsireg", 0x251},     {"vstopei", 0x25c}, {"vsatp", 0x280},     {"vstopi", 0xeb0},        {"mstatus", 0x300},
    {"misa", 0x301},       {"medeleg", 0x302}, {"mideleg", 0x303},   {"mie", 0x304},           {"mtvec", 0x305},
    {"mcounteren", 0x306}, {"menvcfg", 0x30a}, {"mstateen0", 0x30c}, {"mcountinhibit", 0x320}, {"mscratch", 0x340},
    {"mepc", 0x341},       {"mcause", 0x342},  {"mtval", 0x343},     {"mip", 0x344},           {"miselect", 0x350},
    {"mtopei", 0x35c},     {"pmpcfg0", 0x3a0}, {"pmpaddr0", 0x3b0},  {"mseccfg", 0x747},       {"tselect", 0x7a0},
    {"tdata1", 0x7a1},     {"dcsr", 0x7b0},    {"dpc", 0x7b1},       {"mcycle", 0xb00},        {"mhpmcounter3", 0xb03},
    {"mvendorid", 0xf11},  {"marchid", 0xf12}, {"mimpid", 0xf13},    {"mhartid", 0xf14},       {"mconfigptr", 0xf15},
    {"mtopi", 0xfb0},
};
static const struct {
    const char *name;
    uint32_t number;
} read_only[] = {{"cycle", 0xc00}, {"time", 0xc01}, {"instret", 0xc02}, {"hpmcounter3", 0xc03}, {"stopi", 0xdb0}};

static void report_of(const char *test, const char *name, const char *how, struct outcome o)
{
    print("probe: %s: %s %s = ", test, name, how);
    if (o.faulted) {
        print_fault(o);
    } else {
        print("0x%lx\n", o.value);
    }
}

void test_sysregs(void)
{
    for (unsigned i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        report_of("sysregs", forbidden[i].name, "read", try_csr_read(forbidden[i].number));
        report_of("sysregs", forbidden[i].name, "write", try_csr_write(forbidden[i].number, 0));
    }
    for (unsigned i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
        report_of("sysregs", read_only[i].name, "write", try_csr_write(read_only[i].number, 0));
    }
}

/* Of other privileges, of the hypervisor extension, and none at all. a0 = 0. */
static const struct {
    const char *name;
    uint32_t insn;
} instructions[] = {
    {"mret", 0x30200073},           {"mnret", 0x70200073},
    {"dret", 0x7b200073},           {"uret", 0x00200073},
    {"hfence.vvma", 0x22000073},    {"hfence.gvma", 0x62000073},
    {"hinval.vvma", 0x26000073},    {"hinval.gvma", 0x66000073},
    {"hlv.b", 0x60054573},          {"hlv.d", 0x6c054573},
    {"hlvx.hu", 0x64354573},        {"hlvx.wu", 0x68354573},
    {"hsv.b", 0x62a54073},          {"hsv.d", 0x6ea54073},
    {"custom-0", 0x0000000b},       {"custom-3", 0x0000007b},
    {"all ones", 0xffffffff},       {"system 0x7ff", 0x7ff04073},
    {"sfence.vma", 0x12000073},     {"sinval.vma", 0x16000073},
    {"sfence.w.inval", 0x18000073}, {"sfence.inval.ir", 0x18100073},
    {"wrs.sto", 0x01d00073},
};

void test_insns(void)
{
    for (unsigned i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
        report("insns", instructions[i].name, try_insn(instructions[i].insn, 0));
    }
}
