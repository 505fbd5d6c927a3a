/* SPDX-License-Identifier: Apache-2.0 */
/* A flat device tree, read in place (Devicetree specification 0.4, chapter 5). The tree comes from the
 * hypervisor or a boot loader and is trusted to be well-formed; only its end is watched. */
#include "guest.h"

#define FDT_MAGIC      0xd00dfeedU
#define FDT_BEGIN_NODE 1U
#define FDT_END_NODE   2U
#define FDT_PROP       3U
#define FDT_NOP        4U

#define DEPTH_MAX 8U

static const uint8_t *fdt_struct;
static const char *fdt_strings;
static uint32_t fdt_struct_size;

static uint32_t be32(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t cells(const uint8_t *p, uint32_t n)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < n; i++) {
        v = v << 32 | be32(p + 4U * i);
    }
    return v;
}

bool fdt_init(const void *dtb)
{
    const uint8_t *b = dtb;
    if (((uintptr_t)dtb & 7U) != 0U || dtb == NULL || be32(b) != FDT_MAGIC) {
        return false;
    }
    fdt_struct = b + be32(b + 8);
    fdt_strings = (const char *)b + be32(b + 12);
    fdt_struct_size = be32(b + 36);
    return true;
}

static uint32_t pad4(uint32_t n)
{
    return (n + 3U) & ~3U;
}

/* Offset behind the token at `at`. */
static uint32_t next_token(uint32_t at)
{
    switch (be32(fdt_struct + at)) {
    case FDT_BEGIN_NODE:
        return at + 4U + pad4((uint32_t)str_len((const char *)fdt_struct + at + 4U) + 1U);
    case FDT_PROP:
        return at + 12U + pad4(be32(fdt_struct + at + 4U));
    default:
        return at + 4U;
    }
}

const void *fdt_prop(uint32_t node, const char *name, uint32_t *len)
{
    if (node == FDT_NONE) {
        return NULL;
    }
    for (uint32_t at = next_token(node); at < fdt_struct_size; at = next_token(at)) {
        uint32_t token = be32(fdt_struct + at);
        if (token == FDT_NOP) {
            continue;
        }
        if (token != FDT_PROP) {
            break;
        }
        if (str_equal(fdt_strings + be32(fdt_struct + at + 8U), name)) {
            *len = be32(fdt_struct + at + 4U);
            return fdt_struct + at + 12U;
        }
    }
    return NULL;
}

bool fdt_cell(uint32_t node, const char *name, unsigned n, uint32_t *value)
{
    uint32_t len = 0;
    const uint8_t *p = fdt_prop(node, name, &len);
    if (p == NULL || len / 4U <= n) {
        return false;
    }
    *value = be32(p + 4U * n);
    return true;
}

bool fdt_has_string(uint32_t node, const char *name, const char *s)
{
    uint32_t len = 0;
    const char *list = fdt_prop(node, name, &len);
    for (uint32_t i = 0; list != NULL && i < len; i += (uint32_t)str_len(list + i) + 1U) {
        if (str_equal(list + i, s)) {
            return true;
        }
    }
    return false;
}

uint32_t fdt_compatible(const char *compatible, unsigned nth)
{
    for (uint32_t at = 0; at < fdt_struct_size; at = next_token(at)) {
        if (be32(fdt_struct + at) == FDT_BEGIN_NODE && fdt_has_string(at, "compatible", compatible)) {
            if (nth == 0U) {
                return at;
            }
            nth--;
        }
    }
    return FDT_NONE;
}

uint32_t fdt_child(uint32_t node, unsigned nth)
{
    unsigned depth = 0;
    if (node == FDT_NONE) {
        return FDT_NONE;
    }
    for (uint32_t at = next_token(node); at < fdt_struct_size; at = next_token(at)) {
        uint32_t token = be32(fdt_struct + at);
        if (token == FDT_BEGIN_NODE) {
            if (depth == 0U && nth-- == 0U) {
                return at;
            }
            depth++;
        } else if (token == FDT_END_NODE) {
            if (depth == 0U) {
                break;
            }
            depth--;
        }
    }
    return FDT_NONE;
}

/* Length of the path component at p if the node's name matches it (a unit address may be left out), else 0.
 */
static uint32_t component_matches(const char *name, const char *p)
{
    uint32_t n = 0;
    while (p[n] != '\0' && p[n] != '/' && p[n] != ':') {
        if (name[n] != p[n]) {
            return 0;
        }
        n++;
    }
    return name[n] == '\0' || name[n] == '@' ? n : 0;
}

uint32_t fdt_path(const char *path)
{
    unsigned depth = 0;
    unsigned matched = 0; /* components found so far */
    if (path[0] != '/') {
        return FDT_NONE;
    }
    const char *p = path + 1;
    if (*p == '\0') {
        return 0;
    }
    for (uint32_t at = 0; at < fdt_struct_size; at = next_token(at)) {
        uint32_t token = be32(fdt_struct + at);
        if (token == FDT_BEGIN_NODE) {
            if (depth == matched + 1U) {
                uint32_t n = component_matches((const char *)fdt_struct + at + 4U, p);
                if (n != 0U && (p[n] == '\0' || p[n] == ':')) {
                    return at;
                }
                if (n != 0U) {
                    p += n + 1U;
                    matched++;
                }
            }
            depth++;
        } else if (token == FDT_END_NODE) {
            depth--;
            if (depth <= matched) {
                break; /* the last component that matched has ended */
            }
        }
    }
    return FDT_NONE;
}

bool fdt_reg(uint32_t node, unsigned n, uint64_t *base, uint64_t *size)
{
    uint32_t cells_at[DEPTH_MAX + 1U][2];
    unsigned depth = 0;
    uint32_t len = 0;
    const uint8_t *reg = fdt_prop(node, "reg", &len);
    if (reg == NULL) {
        return false;
    }
    cells_at[0][0] = 2;
    cells_at[0][1] = 1;
    for (uint32_t at = 0; at < node; at = next_token(at)) {
        uint32_t token = be32(fdt_struct + at);
        if (token == FDT_BEGIN_NODE && depth < DEPTH_MAX) {
            uint32_t l = 0;
            const void *a = fdt_prop(at, "#address-cells", &l);
            const void *s = fdt_prop(at, "#size-cells", &l);
            depth++;
            cells_at[depth][0] = a != NULL ? be32(a) : 2U;
            cells_at[depth][1] = s != NULL ? be32(s) : 1U;
        } else if (token == FDT_END_NODE && depth > 0U) {
            depth--;
        }
    }
    uint32_t ac = cells_at[depth][0];
    uint32_t sc = cells_at[depth][1];
    uint32_t entry = 4U * (ac + sc);
    if (entry == 0U || len < entry * (n + 1U)) {
        return false;
    }
    *base = cells(reg + entry * n, ac);
    *size = cells(reg + entry * n + 4U * ac, sc);
    return true;
}

const char *fdt_bootargs(void)
{
    uint32_t len = 0;
    const char *s = fdt_prop(fdt_path("/chosen"), "bootargs", &len);
    return s != NULL && len != 0U ? s : "";
}

bool bootarg(const char *key, char *value, size_t size)
{
    const char *s = fdt_bootargs();
    size_t klen = str_len(key);
    while (*s != '\0') {
        size_t i = 0;
        while (i < klen && s[i] == key[i]) {
            i++;
        }
        if (i == klen && s[i] == '=') {
            size_t n = 0;
            for (s += klen + 1U; *s != '\0' && *s != ' ' && n + 1U < size; s++) {
                value[n++] = *s;
            }
            value[n] = '\0';
            return true;
        }
        while (*s != '\0' && *s != ' ') {
            s++;
        }
        while (*s == ' ') {
            s++;
        }
    }
    return false;
}

bool bootarg_each(const char *key, void (*f)(const char *word))
{
    char list[128];
    bool there = bootarg(key, list, sizeof(list));
    char *word = list;
    for (char *p = list; there; p++) {
        bool last = *p == '\0';
        if (last || *p == ',') {
            *p = '\0';
            f(word);
            word = p + 1;
        }
        if (last) {
            break;
        }
    }
    return there;
}

uint64_t bootarg_number(const char *key, uint64_t or_else)
{
    char text[24];
    uint64_t v = 0;
    if (!bootarg(key, text, sizeof(text))) {
        return or_else;
    }
    bool hex = text[0] == '0' && text[1] == 'x';
    for (const char *s = hex ? text + 2 : text; *s != '\0'; s++) {
        unsigned digit = *s <= '9' ? (unsigned)(*s - '0') : (unsigned)((*s | 0x20) - 'a') + 10U;
        v = v * (hex ? 16U : 10U) + digit;
    }
    return v;
}

bool fdt_memory(uint64_t *base, uint64_t *size)
{
    return fdt_reg(fdt_path("/memory"), 0, base, size);
}
