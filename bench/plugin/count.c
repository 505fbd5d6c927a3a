/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A QEMU plugin that counts the hypervisor's instructions per exit of a guest: from the first of a vector to the ERET or
 * SRET, both counted. One CPU's exits are summed up, or all CPUs' are written down one by one, or both.
 *
 *   -plugin count.so,base=A,size=N,vectors=A[,cpu=N,kind=sync|irq,skip=N,count=N,out=FILE]
 *       [,log=FILE[,firmware=A,firmware-size=N]] -icount shift=0,sleep=off
 *
 * base, size  virtual addresses of the hypervisor's code; vectors what VBAR_EL2 or stvec holds
 * cpu         value of TPIDR_EL2, in which the hypervisor keeps its logical CPU number; on RISC-V mhartid
 * skip, count exits of that kind on that CPU that are passed over, then those that are counted
 * out         gets one line when `count` is reached, or at the end of the run: exits N min A max B total T
 * log         gets a line as each exit ends: CPU CAUSE N M ARG ARG ARG, with the cause (scause, ESR_EL2) and the arguments
 *             (a7, a6, a0; x0, x1, x2) in hex, as they were at the vector. N instructions are the hypervisor's, M the
 *             firmware's that it called meanwhile. Two causes are words (RISC-V): "boot", what came before the first
 *             guest of a CPU; "firmware", what the firmware did while a guest ran, from its own trap to its MRET
 * firmware    physical addresses of code at M level, counted at that level only: guests may have code there
 *
 * With one thread for all CPUs, as any -icount run has, QEMU 10 hands callbacks the index of the CPU that translated the
 * code, not of the one that runs it. So the CPU is read from its register: at each vector, and while the CPU in question
 * is in the hypervisor at each instruction (for the log always), since QEMU may switch CPUs anywhere.
 */
#include "qemu_plugin.h"

#include "isa.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_CPUS 16U

PLUGIN_API int qemu_plugin_version = PLUGIN_VERSION;
PLUGIN_API int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

static struct {
    uint64_t base, size, vectors, cpu, skip, count, firmware, firmware_size;
    uint64_t kind; /* ROLE_SYNC or ROLE_IRQ: of the exits that are summed up */
    const char *out, *log;
} option;

static struct {
    uint64_t passed, exits, min, max, total;
    bool told;
} sum;

static struct cpu {
    bool inside;      /* the hypervisor, or the firmware that it called */
    bool own_trap;    /* inside: what is returned from first */
    bool in_firmware; /* as a guest ran */
    bool booted;      /* has run a guest */
    uint64_t kind;
    uint64_t regs[NR_REGS]; /* at the vector */
    uint64_t n, m;
} cpus[MAX_CPUS];

static const struct isa *isa;
static struct qemu_plugin_register *handles[NR_REGS];
static struct byte_array *buffer;
static FILE *log_file;

static uint64_t read_reg(enum reg r)
{
    uint64_t v = 0;
    g_byte_array_set_size(buffer, 0);
    if (handles[r] != NULL && qemu_plugin_read_register(handles[r], buffer) == 8) {
        memcpy(&v, buffer->data, sizeof(v)); /* the target is little-endian, as the host is */
    }
    return v;
}

static void tell(void)
{
    FILE *f = sum.told || option.out == NULL ? NULL : fopen(option.out, "w");
    if (f != NULL) {
        fprintf(f, "exits %" PRIu64 " min %" PRIu64 " max %" PRIu64 " total %" PRIu64 "\n", sum.exits, sum.min, sum.max,
                sum.total);
        fclose(f);
        sum.told = true;
    }
}

static void sum_up(const struct cpu *c)
{
    if (c->kind != option.kind || option.out == NULL || sum.told) {
        return;
    }
    if (sum.passed < option.skip) {
        sum.passed++;
        return;
    }
    sum.exits++;
    sum.total += c->n;
    sum.min = sum.exits == 1U || c->n < sum.min ? c->n : sum.min;
    sum.max = c->n > sum.max ? c->n : sum.max;
    if (sum.exits == option.count) {
        tell();
    }
}

static void write_down(const struct cpu *c, uint64_t cpu, const char *word)
{
    if (log_file == NULL) {
        return;
    }
    char cause[17];
    (void)snprintf(cause, sizeof(cause), "%" PRIx64, c->regs[REG_CAUSE]);
    fprintf(log_file, "%" PRIu64 " %s %" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", cpu,
            word != NULL ? word : cause, c->n, c->m, c->regs[REG_ARG0], c->regs[REG_ARG1], c->regs[REG_ARG2]);
}

static void enter(struct cpu *c, uint64_t role)
{
    memset(c->regs, 0, sizeof(c->regs));
    c->inside = true;
    c->own_trap = false;
    c->n = 0;
    c->m = 0;
    if (role == ROLE_INSN || role == ROLE_RETURN) { /* no vector: it boots */
        c->kind = ROLE_INSN;
        return;
    }
    for (unsigned r = REG_CAUSE; r < NR_REGS; r++) {
        c->regs[r] = read_reg(r);
    }
    c->kind = role != ROLE_VECTOR ? role : (c->regs[REG_CAUSE] >> 63) != 0U ? ROLE_IRQ : ROLE_SYNC;
}

static void in_hypervisor(struct cpu *c, uint64_t cpu, uint64_t role)
{
    bool vector = role != ROLE_INSN && role != ROLE_RETURN;
    if (role == ROLE_VECTOR && c->inside) {
        c->own_trap = true;
    } else if (vector || !c->inside) {
        enter(c, role);
    }
    c->n++;
    if (role == ROLE_RETURN && c->own_trap) {
        c->own_trap = false;
    } else if (role == ROLE_RETURN) {
        c->inside = false;
        if (cpu == option.cpu) {
            sum_up(c);
        }
        write_down(c, cpu, c->kind == ROLE_INSN ? "boot" : NULL);
        c->booted = true;
    }
}

static void in_firmware(struct cpu *c, uint64_t cpu, uint64_t role)
{
    if (!c->inside && !c->in_firmware) {
        memset(c->regs, 0, sizeof(c->regs));
        c->in_firmware = true;
        c->n = 0;
        c->m = 0;
    }
    c->m++;
    if (role == ROLE_FIRMWARE_RETURN && c->in_firmware) {
        c->in_firmware = false;
        if (c->booted) {
            write_down(c, cpu, "firmware");
        }
    }
}

static void on_insn(unsigned vcpu, void *arg)
{
    uint64_t role = (uint64_t)(uintptr_t)arg;
    (void)vcpu;
    bool firmware = role == ROLE_FIRMWARE || role == ROLE_FIRMWARE_RETURN;
    if (log_file == NULL && !cpus[option.cpu].inside && (role == ROLE_INSN || role == ROLE_RETURN)) {
        return;
    }
    if (firmware && read_reg(REG_LEVEL) != isa->firmware_level) {
        return;
    }
    uint64_t cpu = read_reg(REG_CPU);
    if (cpu >= MAX_CPUS || (log_file == NULL && cpu != option.cpu)) {
        return;
    }
    if (firmware) {
        in_firmware(&cpus[cpu], cpu, role);
    } else {
        in_hypervisor(&cpus[cpu], cpu, role);
    }
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t va = qemu_plugin_insn_vaddr(insn);
        uint32_t code = 0;
        enum role role = ROLE_INSN;
        (void)qemu_plugin_insn_data(insn, &code, sizeof(code));
        if (va >= option.base && va - option.base < option.size) {
            role = isa->role(va - option.vectors, code);
        } else if (log_file != NULL && va >= option.firmware && va - option.firmware < option.firmware_size) {
            role = code == MRET ? ROLE_FIRMWARE_RETURN : ROLE_FIRMWARE;
        } else {
            continue;
        }
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_R_REGS, (void *)(uintptr_t)role);
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
    tell();
}

static bool parse(const char *word)
{
    static const struct {
        const char *key;
        uint64_t *value;
    } numbers[] = {{"base=", &option.base},         {"size=", &option.size},
                   {"vectors=", &option.vectors},   {"cpu=", &option.cpu},
                   {"skip=", &option.skip},         {"count=", &option.count},
                   {"firmware=", &option.firmware}, {"firmware-size=", &option.firmware_size}};
    static const struct {
        const char *key;
        const char **value;
    } texts[] = {{"out=", &option.out}, {"log=", &option.log}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t n = strlen(numbers[i].key);
        if (strncmp(word, numbers[i].key, n) == 0) {
            char *end = NULL;
            *numbers[i].value = strtoull(word + n, &end, 0);
            return end != word + n && *end == '\0';
        }
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t n = strlen(texts[i].key);
        if (strncmp(word, texts[i].key, n) == 0) {
            *texts[i].value = strdup(word + n);
            return *texts[i].value != NULL;
        }
    }
    option.kind = strcmp(word, "kind=irq") == 0 ? ROLE_IRQ : ROLE_SYNC;
    return strcmp(word, "kind=irq") == 0 || strcmp(word, "kind=sync") == 0;
}

static bool complete(void)
{
    bool summary = option.kind != ROLE_INSN && option.out != NULL && option.count != 0U && option.cpu < MAX_CPUS;
    bool none = option.out == NULL && option.count == 0U && option.log != NULL;
    return option.size != 0U && option.vectors != 0U && (summary || none);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        isa = strcmp(isas[i].target, info->target_name) == 0 ? &isas[i] : isa;
    }
    for (int i = 0; i < argc; i++) {
        if (!parse(argv[i])) {
            fprintf(stderr, "count: not understood: %s\n", argv[i]);
            return 1;
        }
    }
    if (isa == NULL || !complete()) {
        fprintf(stderr, "count: base, size, vectors, and cpu, kind, count and out, or log are needed\n");
        return 1;
    }
    log_file = option.log != NULL ? fopen(option.log, "w") : NULL;
    if (option.log != NULL && (log_file == NULL || setvbuf(log_file, NULL, _IOLBF, BUFSIZ) != 0)) {
        fprintf(stderr, "count: cannot write %s\n", option.log);
        return 1;
    }
    buffer = g_byte_array_new();
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
