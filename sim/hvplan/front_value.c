/* SPDX-License-Identifier: Apache-2.0 */
/* Values of properties: what they are, and what is said if they are something else. */
#include "front.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

bool front_is(const struct value *v, enum value_kind kind)
{
    return v->kind == kind || v->kind == VALUE_UNKNOWN;
}

void front_value_error(struct front *c, const struct value *v, unsigned wants, const char *mend)
{
    static const char *const kinds[] = {[VALUE_NONE] = "no value",  [VALUE_STRINGS] = "text",
                                        [VALUE_CELLS] = "cells",    [VALUE_BYTES] = "bytes",
                                        [VALUE_MIXED] = "a mixture of text, cells or bytes"};

    if (v->kind != VALUE_UNKNOWN && (wants & WANTS(v->kind)) == 0U) {
        front_error(c, v->name,
                    arena_printf(c->a, "%s has a value of the wrong type: %s; %s", v->name, kinds[v->kind], mend));
    } else {
        front_error(c, v->name, arena_printf(c->a, "%s has a wrong value; %s", v->name, mend));
    }
}

bool value_is_strings(const struct value *v)
{
    bool empty = true;

    if (!front_is(v, VALUE_STRINGS) || v->len == 0 || v->data[v->len - 1] != '\0') {
        return false;
    }
    for (int i = 0; i < v->len; i++) {
        if (v->data[i] == '\0' && empty) {
            return false;
        }
        if (v->data[i] != '\0' && ((unsigned char)v->data[i] < ' ' || (unsigned char)v->data[i] > '~')) {
            return false;
        }
        empty = v->data[i] == '\0';
    }
    return true;
}

static bool is_one(const struct value *strings)
{
    return strlen(strings->data) + 1U == (size_t)strings->len;
}

const char *value_string(struct front *c, const struct value *v)
{
    if (!value_is_strings(v) || !is_one(v)) {
        front_value_error(c, v, WANTS(VALUE_STRINGS), "write one string, like \"text\"");
        return NULL;
    }
    return v->data;
}

bool value_number(const struct value *v, uint64_t *out)
{
    if (!front_is(v, VALUE_CELLS)) {
        return false;
    }
    if (v->len == 4) {
        *out = fdt32_ld((const fdt32_t *)v->data);
        return true;
    }
    if (v->len == 8) {
        *out = fdt64_ld((const fdt64_t *)v->data);
        return true;
    }
    return false;
}

/* "512M": decimal or 0x hexadecimal digits, then K, M, G or nothing. */
static bool parse_size(const char *text, uint64_t *out)
{
    char *end;
    unsigned shift = 0;

    if (*text < '0' || *text > '9') {
        return false;
    }
    uint64_t n = strtoumax(text, &end, text[0] == '0' && text[1] == 'x' ? 16 : 10);

    if (*end != '\0') {
        const char *units = "KMG";
        const char *u = strchr(units, *end);

        if (u == NULL || end[1] != '\0') {
            return false;
        }
        shift = 10U * (unsigned)(u - units + 1);
    }
    *out = n << shift;
    return *out >> shift == n && n != UINT64_MAX;
}

/* False after an error. */
static bool read_size(struct front *c, const struct value *v, uint64_t *n)
{
    if (!(value_is_strings(v) ? is_one(v) && parse_size(v->data, n) : value_number(v, n))) {
        front_value_error(c, v, WANTS(VALUE_STRINGS) | WANTS(VALUE_CELLS),
                          "write a size like \"256M\", or one or two cells of bytes");
        return false;
    }
    return true;
}

void value_size(struct front *c, const struct value *v, uint64_t *out)
{
    uint64_t n = 0;

    if (read_size(c, v, &n) && n == 0U) {
        front_error(c, v->name, arena_printf(c->a, "%s is 0; write what it is", v->name));
    } else if (n != 0U) {
        *out = n;
    }
}

void value_memory(struct front *c, const struct value *v, uint64_t *out)
{
    uint64_t n = 0;

    if (!read_size(c, v, &n)) {
        return;
    }
    if (n == 0U || n % SZ_2M != 0U) {
        front_error(c, v->name, arena_printf(c->a, "memory is not in whole pieces of 2 MiB: %" PRIu64 " bytes; write a multiple, like \"256M\"", n));
        return;
    }
    *out = n;
}

bool value_address(struct front *c, const struct value *v, unsigned wants, uint64_t align, const char *unit, uint64_t *out)
{
    if (!value_number(v, out)) {
        front_value_error(c, v, wants, "write a guest-physical address of one or two cells, like <0x40080000>");
        return false;
    }
    if (!is_aligned(*out, align)) {
        front_error(c, v->name,
                    arena_printf(c->a, "%s 0x%" PRIx64 " is not a multiple of %s; write 0x%" PRIx64, v->name,
                                 *out, unit, align_down(*out, align)));
        return false;
    }
    return true;
}

bool value_flag(struct front *c, const struct value *v)
{
    if (v->len != 0) {
        front_value_error(c, v, WANTS(VALUE_NONE),
                          arena_printf(c->a, "it is a flag: write %s; without a value", v->name));
    }
    return v->len == 0;
}
