/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A QEMU plugin that counts the hypervisor's instructions per exit of one CPU's guest: from the first of a vector for a lower
 * exception level (DDI 0487 D1.3.1) to the ERET, both counted.
 *
 *   -plugin count.so,base=A,size=N,vectors=A,cpu=N,kind=sync|irq,skip=N,count=N,out=FILE -icount shift=0,sleep=off
 *
 * base, size  virtual addresses of the hypervisor's code; vectors what VBAR_EL2 holds
 * cpu         value of TPIDR_EL2, in which the hypervisor keeps its logical CPU number
 * skip, count exits of that kind on that CPU that are passed over, then those that are counted
 * out         gets one line when `count` is reached, or at the end of the run: exits N min A max B total T
 *
 * With one thread for all CPUs, as any -icount run has, QEMU 10 hands callbacks the index of the CPU that translated the code,
 * not of the one that runs it. So the CPU is read from TPIDR_EL2: at each vector, and while the CPU in question is in
 * the hypervisor at each instruction, since QEMU may switch CPUs anywhere.
 */
#include "qemu_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOWER_EL     0x400U
#define VECTORS_SIZE 0x800U
#define VECTOR_SIZE  0x80U
#define ERET         0xd69f03e0U

enum role { ROLE_INSN = 0, ROLE_SYNC, ROLE_IRQ, ROLE_OTHER_VECTOR, ROLE_ERET };

PLUGIN_API int qemu_plugin_version = PLUGIN_VERSION;
PLUGIN_API int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

static struct {
    uint64_t base, size, vectors, cpu, skip, count;
    uint64_t kind; /* enum role of the vector */
    const char *out;
} option;

static struct {
    bool inside;   /* the CPU in question is in an exit */
    bool counting; /* of the kind in question */
    uint64_t n;
    uint64_t passed, exits, min, max, total;
    bool told;
} state;

static struct qemu_plugin_register *tpidr;
static struct byte_array *buffer;

static uint64_t current_cpu(void)
{
    uint64_t v = 0;
    g_byte_array_set_size(buffer, 0);
    if (qemu_plugin_read_register(tpidr, buffer) == 8) {
        memcpy(&v, buffer->data, sizeof(v)); /* the target is little-endian, as the host is */
    }
    return v;
}

static void tell(void)
{
    FILE *f = state.told ? NULL : fopen(option.out, "w");
    if (f != NULL) {
        fprintf(f, "exits %" PRIu64 " min %" PRIu64 " max %" PRIu64 " total %" PRIu64 "\n", state.exits, state.min,
                state.max, state.total);
        fclose(f);
        state.told = true;
    }
}

static void leave(void)
{
    state.inside = false;
    if (!state.counting || state.told) {
        return;
    }
    if (state.passed < option.skip) {
        state.passed++;
        return;
    }
    state.exits++;
    state.total += state.n;
    state.min = state.exits == 1U || state.n < state.min ? state.n : state.min;
    state.max = state.n > state.max ? state.n : state.max;
    if (state.exits == option.count) {
        tell();
    }
}

static void on_insn(unsigned vcpu, void *arg)
{
    uint64_t role = (uint64_t)(uintptr_t)arg;
    (void)vcpu;
    bool vector = role == ROLE_SYNC || role == ROLE_IRQ || role == ROLE_OTHER_VECTOR;
    if ((!state.inside && !vector) || current_cpu() != option.cpu) {
        return;
    }
    if (vector) {
        state.inside = true;
        state.counting = role == option.kind;
        state.n = 0;
    }
    state.n++;
    if (role == ROLE_ERET) {
        leave();
    }
}

static uint64_t role_of(const struct qemu_plugin_insn *insn, uint64_t va)
{
    uint64_t at = va - option.vectors;
    uint32_t code = 0;
    if (va >= option.vectors + LOWER_EL && at < VECTORS_SIZE && at % VECTOR_SIZE == 0U) {
        return at == LOWER_EL ? ROLE_SYNC : at == LOWER_EL + VECTOR_SIZE ? ROLE_IRQ : ROLE_OTHER_VECTOR;
    }
    (void)qemu_plugin_insn_data(insn, &code, sizeof(code));
    return code == ERET ? ROLE_ERET : ROLE_INSN;
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t va = qemu_plugin_insn_vaddr(insn);
        if (va >= option.base && va - option.base < option.size) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_R_REGS,
                                                   (void *)(uintptr_t)role_of(insn, va));
        }
    }
}

/* The handle is the same for all CPUs. */
static void on_cpu(uint64_t id, unsigned vcpu)
{
    (void)id;
    (void)vcpu;
    struct array *all = qemu_plugin_get_registers();
    const struct qemu_plugin_reg_descriptor *r = (const void *)all->data;
    for (unsigned i = 0; tpidr == NULL && i < all->len; i++) {
        if (strcmp(r[i].name, "TPIDR_EL2") == 0) {
            tpidr = r[i].handle;
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
    } numbers[] = {{"base=", &option.base}, {"size=", &option.size}, {"vectors=", &option.vectors},
                   {"cpu=", &option.cpu},   {"skip=", &option.skip}, {"count=", &option.count}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t n = strlen(numbers[i].key);
        if (strncmp(word, numbers[i].key, n) == 0) {
            char *end = NULL;
            *numbers[i].value = strtoull(word + n, &end, 0);
            return end != word + n && *end == '\0';
        }
    }
    if (strncmp(word, "out=", 4) == 0) {
        option.out = strdup(word + 4);
        return option.out != NULL;
    }
    option.kind = strcmp(word, "kind=irq") == 0 ? ROLE_IRQ : ROLE_SYNC;
    return strcmp(word, "kind=irq") == 0 || strcmp(word, "kind=sync") == 0;
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!parse(argv[i])) {
            fprintf(stderr, "count: not understood: %s\n", argv[i]);
            return 1;
        }
    }
    if (option.size == 0U || option.kind == ROLE_INSN || option.out == NULL || option.count == 0U) {
        fprintf(stderr, "count: base, size, vectors, cpu, kind, count and out are needed\n");
        return 1;
    }
    buffer = g_byte_array_new();
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
