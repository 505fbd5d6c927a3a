/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The extensions of a RISC-V CPU, as its node tells them, and which of them a guest is told of: those on two lists. One
 * that the hypervisor has not heard of may have state to be granted by a register, which is then switched off.
 */
#include "hvplan.h"

#include <ctype.h>
#include <libfdt.h>
#include <string.h>

#define MAX_NAMES 256U

struct names {
    unsigned n;
    const char *name[MAX_NAMES];
};

static void add_name(struct arena *a, struct names *to, const char *text, size_t len)
{
    if (to->n < MAX_NAMES && len != 0U) {
        char *name = arena_printf(a, "%.*s", (int)len, text);

        for (char *p = name; *p != '\0'; p++) {
            *p = (char)tolower((unsigned char)*p);
        }
        to->name[to->n++] = name;
    }
}

static bool begins_long(char ch)
{
    return strchr("sxzSXZ", ch) != NULL;
}

/* "2p1" behind a single letter, the version of its extension. */
static const char *skip_version(const char *p)
{
    p += strspn(p, "0123456789");
    if ((p[0] == 'p' || p[0] == 'P') && isdigit((unsigned char)p[-1]) && isdigit((unsigned char)p[1])) {
        p += 1U + strspn(p + 1, "0123456789");
    }
    return p;
}

/* Unprivileged ISA, chapter "ISA Extension Naming Conventions": single letters, then long names with _ between them. */
static void split_string(struct arena *a, const char *isa, struct names *to)
{
    const char *p = isa + strspn(isa, "rvRV");

    p += strspn(p, "0123456789");
    while (*p != '\0') {
        size_t len = begins_long(*p) ? strcspn(p, "_") : (size_t)(*p != '_');

        add_name(a, to, p, len);
        p = len <= 1U ? skip_version(p + 1) : p + len;
    }
}

/* A property that is strings with their NULs; NULL if it is absent or does not end with one. */
static const char *strings_of(const void *fdt, int node, const char *prop, int *len)
{
    const char *s = fdt_getprop(fdt, node, prop, len);

    return s != NULL && *len > 0 && s[*len - 1] == '\0' ? s : NULL;
}

static bool names_of(struct arena *a, const void *fdt, int cpu, const char *prop, struct names *to)
{
    int len = 0;
    const char *s = strings_of(fdt, cpu, prop, &len);

    if (s != NULL && strcmp(prop, "riscv,isa") == 0) {
        split_string(a, s, to);
    } else {
        for (int i = 0; s != NULL && i < len; i += (int)strlen(s + i) + 1) {
            add_name(a, to, s + i, strlen(s + i));
        }
    }
    return s != NULL;
}

static bool in_list(const char *name, const char *const *list)
{
    while (*list != NULL && strcmp(name, *list) != 0) {
        list++;
    }
    return *list != NULL;
}

/* Instructions that compute, load and store with registers that are the guest's own: the hypervisor has no say in them. Not
 * zk, which holds zkr, whose CSR a guest may not read. */
static const char *const computing[] = {
    "i", "m", "a", "f", "d", "c", "b", "v", "g", "zicsr", "zifencei", "zmmul", "zaamo", "zalrsc", "zabha",
    "zacas", "zama16b", "za64rs", "za128rs", "zic64b", "ziccamoa", "ziccif", "zicclsm", "ziccrse", "zicond",
    "zihintntl", "zihintpause", "zca", "zcb", "zcd", "zimop", "zcmop", "zfa", "zfbfmin", "zfh", "zfhmin", "zba",
    "zbb", "zbc", "zbs", "zbkb", "zbkc", "zbkx", "zkn", "zknd", "zkne", "zknh", "zks", "zksed", "zksh", "zkt",
    "zvbb", "zvbc", "zve32f", "zve32x", "zve64d", "zve64f", "zve64x", "zvfbfmin", "zvfbfwma", "zvfh", "zvfhmin",
    "zvkb", "zvkg", "zvkn", "zvknc", "zvkned", "zvkng", "zvknha", "zvknhb", "zvks", "zvksc", "zvksed", "zvksg",
    "zvksh", "zvkt", "zvl32b", "zvl64b", "zvl128b", "zvl256b", "zvl512b", "zvl1024b", NULL};

/* What the hypervisor grants by a register (hv/arch/riscv): hcounteren gives time, cycle and instret but no other counter,
 * henvcfg CBIE, CBCFE, CBZE and STCE, not PBMTE (hv/arch/riscv/reset.c says why); with ADUE clear the hart is one with Svade, and with hstatus.VTW clear Zawrs
 * waits without a trap. The rest needs no leave. */
static const char *const granted[] = {"zicntr", "zicbom",  "zicbop",  "zicboz", "sstc",
                                      "svinval", "svnapot", "svade",  "zawrs",
                                      NULL};

static bool guest_has(const char *name, bool aia)
{
    return in_list(name, computing) || in_list(name, granted) || (aia && strcmp(name, "ssaia") == 0);
}

bool riscv_isa_has(struct arena *a, const void *fdt, int cpu, const char *name)
{
    struct names all = {0};

    (void)names_of(a, fdt, cpu, "riscv,isa", &all);
    (void)names_of(a, fdt, cpu, "riscv,isa-extensions", &all);
    for (unsigned i = 0; i < all.n; i++) {
        if (strcmp(all.name[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *riscv_isa_guest_string(struct arena *a, const void *fdt, int cpu, bool aia)
{
    struct names all = {0};
    const char *out = "rv64";

    if (!names_of(a, fdt, cpu, "riscv,isa", &all)) {
        return NULL;
    }
    for (unsigned i = 0; i < all.n; i++) {
        if (guest_has(all.name[i], aia)) {
            out = arena_printf(a, "%s%s%s", out, all.name[i][1] != '\0' ? "_" : "", all.name[i]);
        }
    }
    return out;
}

const char *riscv_isa_guest_list(struct arena *a, const void *fdt, int cpu, bool aia, int *len)
{
    struct names all = {0};
    size_t size = 1;

    if (!names_of(a, fdt, cpu, "riscv,isa-extensions", &all)) {
        return NULL;
    }
    for (unsigned i = 0; i < all.n; i++) {
        size += strlen(all.name[i]) + 1U;
    }
    char *out = arena_alloc(a, size);

    *len = 0;
    for (unsigned i = 0; i < all.n; i++) {
        if (guest_has(all.name[i], aia)) {
            size_t with_end = strlen(all.name[i]) + 1U;

            memcpy(out + *len, all.name[i], with_end);
            *len += (int)with_end;
        }
    }
    return out;
}
