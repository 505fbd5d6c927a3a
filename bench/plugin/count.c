/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A QEMU plugin that attributes every executed instruction, and if asked every data access, to a CPU and to the hypervisor, the
 * firmware or a guest, and writes down each exit of a guest: its reason, and what it cost from the first instruction of the
 * vector to the ERET or SRET, both counted. books.h tells what the log holds.
 *
 *   -plugin count.so[,base=A,size=N,vectors=A[,load=A]][,firmware=A,firmware-size=N][,guests=on][,accesses=on][,marks=on]
 *       [,cpu=N][,profile=on][,cache=SIZE:WAYS:LINE,owners=BASE:SIZE+BASE:SIZE],log=FILE -icount shift=0,sleep=off
 *
 * base, size  virtual addresses of the hypervisor's code; vectors what VBAR_EL2 or stvec holds. Without: there is none
 * load        where that code lies, for what it executes before its MMU is on
 * firmware    physical addresses of code at M level, counted at that level only: guests may have code there
 * guests      count guests' instructions too, and a loader's as the firmware's: slow
 * accesses    count data accesses of all whose instructions are counted; as QEMU makes them: a pair of registers is one or two
 * marks       guests' marks are written down: MOVZ XZR, #n on Armv8, SLTI x0, x0, n on RISC-V, which do nothing else
 * cpu         write down this one alone
 * profile     how often each instruction of the hypervisor was executed
 * cache       a last-level cache of data accesses, if those are counted (cache.h); written down at each mark and at the end
 * owners      whose RAM is where, by physical address: ranges of one are joined by "/"
 *
 * -icount is needed: it makes a run the same each time, and one thread runs all CPUs, block by block. There QEMU 10 hands
 * callbacks the index of the CPU that translated the code, not of the one that runs it, so the CPU is read from its
 * registers as each block begins: mhartid; on Armv8 TPIDR_EL2, in which the hypervisor keeps its logical CPU number. That is
 * 0 until a CPU sets it; till then VMPIDR_EL2 holds its own number, as it does at reset.
 *
 * What it cannot see: the physical addresses of instruction fetches; walks of translation tables, of either stage, and what
 * caches do; which level code at an address of the hypervisor's runs at on RISC-V (VS and HS look alike); firmware below
 * EL2, which on these boards is QEMU itself; time, and so a CPU that waits in WFI.
 */
#include "books.h"
#include "cache.h"
#include "options.h"
#include "qemu_plugin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

PLUGIN_API int qemu_plugin_version = PLUGIN_VERSION;
PLUGIN_API int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

/* Where a block's code lies. */
enum place { PLACE_GUEST = 0, PLACE_HV, PLACE_HV_LOADED, PLACE_FIRMWARE };

/* What runs: the block that began last. */
static struct {
    unsigned cpu;
    enum owner owner;
} now;

static const struct isa *isa;
static struct qemu_plugin_register *handles[NR_REGS];
static struct byte_array *buffer;
static FILE *log_file;
static bool numbered[MAX_CPUS]; /* CPUs that have set TPIDR_EL2 to other than 0 */
static int nr_numbered, nr_cpus;

static uint64_t read_reg(enum reg r)
{
    uint64_t v = 0;
    if (handles[r] != NULL) {
        g_byte_array_set_size(buffer, 0);
        int size = qemu_plugin_read_register(handles[r], buffer);
        if (size > 0 && (size_t)size <= sizeof(v)) {
            memcpy(&v, buffer->data, (size_t)size); /* the target is little-endian, as the host is */
        }
    }
    return v;
}

static unsigned read_cpu(void)
{
    uint64_t cpu = read_reg(REG_CPU);
    if (cpu == 0U && handles[REG_AFFINITY] != NULL && nr_numbered < nr_cpus - 1) {
        /* Not the number of one that is known by now: that is CPU 0 with a guest's number in the register. */
        uint64_t own = read_reg(REG_AFFINITY) & 0xffU;
        return own < MAX_CPUS && !numbered[own] ? (unsigned)own : 0U;
    }
    if (cpu >= MAX_CPUS) {
        fprintf(stderr, "count: no CPU has number %lu\n", (unsigned long)cpu);
        exit(1);
    }
    if (cpu != 0U && !numbered[cpu]) {
        numbered[cpu] = true;
        nr_numbered++;
    }
    return (unsigned)cpu;
}

static bool at_level(uint64_t level)
{
    return (read_reg(REG_LEVEL) & isa->level_mask) == level;
}

static enum owner owner_of(enum place place, unsigned cpu)
{
    if (place == PLACE_FIRMWARE && at_level(isa->fw_level)) {
        return OWNER_FW;
    }
    if (place == PLACE_GUEST && option.size != 0U && !books_begun(cpu)) {
        return OWNER_FW; /* a loader */
    }
    if (place == PLACE_GUEST || place == PLACE_FIRMWARE || !at_level(isa->hv_level) || (place == PLACE_HV_LOADED && books_mapped(cpu))) {
        return OWNER_GUEST;
    }
    if (place == PLACE_HV) {
        books_set_mapped(cpu);
    }
    return OWNER_HV;
}

static void on_block(unsigned vcpu, void *arg)
{
    (void)vcpu;
    now.cpu = read_cpu();
    now.owner = owner_of((enum place)(uintptr_t)arg, now.cpu);
}

static void tell_cache(void)
{
    for (unsigned i = 0; option.cache != NULL && i < cache_nr_owners(); i++) {
        struct cache_counts c = cache_of(i);
        fprintf(log_file, "%u cache %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", i, c.accesses, c.misses, c.lost);
    }
}

/* arg: role, and above it the offset in the hypervisor's code, or a mark's number. */
static void on_insn(unsigned vcpu, void *arg)
{
    enum role role = (enum role)((uintptr_t)arg & 15U);
    uint64_t more = (uintptr_t)arg >> 4;
    (void)vcpu;
    if (now.owner == OWNER_HV) {
        books_hv(now.cpu, role, more);
    } else if (now.owner == OWNER_FW) {
        books_firmware(now.cpu, role);
    } else {
        if (option.guests) {
            books_guest(now.cpu);
        }
        if (role == ROLE_MARK) {
            books_mark(now.cpu, (unsigned)more);
            tell_cache();
        }
    }
}

static void on_access(unsigned vcpu, uint32_t info, uint64_t va, void *arg)
{
    (void)vcpu;
    (void)arg;
    if (now.owner == OWNER_GUEST && !option.guests) {
        return;
    }
    books_access(now.cpu, now.owner);
    const struct qemu_plugin_hwaddr *h = option.cache != NULL ? qemu_plugin_get_hwaddr(info, va) : NULL;
    if (h != NULL && !qemu_plugin_hwaddr_is_io(h)) {
        cache_access(qemu_plugin_hwaddr_phys_addr(h));
    }
}

static enum place place_of(uint64_t va)
{
    if (va - option.base < option.size) {
        return PLACE_HV;
    }
    if (option.load != 0U && va - option.load < option.size) {
        return PLACE_HV_LOADED;
    }
    return va - option.firmware < option.firmware_size ? PLACE_FIRMWARE : PLACE_GUEST;
}

/* What on_insn is told of an instruction. */
static uintptr_t about(enum place place, uint64_t va, uint32_t code)
{
    unsigned number = 0;
    if (option.marks && isa->mark(code, &number)) {
        return (uintptr_t)number << 4 | ROLE_MARK;
    }
    enum role role = place == PLACE_HV ? isa->at_vector(va - option.vectors) : ROLE_INSN;
    uint64_t offset = place == PLACE_HV ? va - option.base : place == PLACE_HV_LOADED ? va - option.load : 0U;
    return (uintptr_t)offset << 4 | (role != ROLE_INSN ? role : isa->of_code(code));
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    bool any = false;
    size_t count = qemu_plugin_tb_n_insns(tb);
    enum place place = count != 0U ? place_of(qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0))) : PLACE_GUEST;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint32_t code = 0;
        (void)qemu_plugin_insn_data(insn, &code, sizeof(code));
        uintptr_t arg = about(place, qemu_plugin_insn_vaddr(insn), code);
        if (place == PLACE_GUEST && !option.guests && (arg & 15U) != ROLE_MARK) {
            continue;
        }
        any = true;
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_R_REGS, (void *)arg);
        if (option.accesses) {
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
        }
    }
    if (any) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_R_REGS, (void *)(uintptr_t)place);
    }
}

/* The handles are the same for all CPUs. */
static void on_cpu(uint64_t id, unsigned vcpu)
{
    (void)id;
    (void)vcpu;
    struct array *all = qemu_plugin_get_registers();
    const struct qemu_plugin_reg_descriptor *r = (const void *)all->data;
    for (unsigned i = 0; i < all->len; i++) {
        for (unsigned k = 0; k < NR_REGS; k++) {
            if (handles[k] == NULL && isa->regs[k] != NULL && strcmp(r[i].name, isa->regs[k]) == 0) {
                handles[k] = r[i].handle;
            }
        }
    }
    g_array_free(all, 1);
}

static void on_end(uint64_t id, void *arg)
{
    (void)id;
    (void)arg;
    books_close();
    tell_cache();
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    for (size_t i = 0; i < NR_ISAS; i++) {
        isa = strcmp(isas[i].target, info->target_name) == 0 ? &isas[i] : isa;
    }
    if (isa == NULL || !options_read(argc, argv)) {
        return 1;
    }
    log_file = fopen(option.log, "w");
    if (log_file == NULL || setvbuf(log_file, NULL, _IOLBF, BUFSIZ) != 0 ||
        !books_open(isa, read_reg, log_file, option.cpu < MAX_CPUS ? option.cpu : MAX_CPUS, option.profile ? option.size : 0U)) {
        fprintf(stderr, "count: cannot write %s\n", option.log);
        return 1;
    }
    nr_cpus = info->system.smp_vcpus;
    buffer = g_byte_array_new();
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
