/* SPDX-License-Identifier: Apache-2.0 */
/* Which line every node and property came from, and what kind of value was written there. */
#include "dts.h"

#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The comment that dtc -T puts at the end of a line: the file and line; NULL if there is none. */
static const char *annotation(struct arena *a, const char *file, char *line)
{
    char *open = NULL;

    for (char *p = strstr(line, "/* "); p != NULL; p = strstr(p + 1, "/* ")) {
        open = p;
    }
    if (open == NULL) {
        return NULL;
    }
    char *where = open + 3;
    size_t n = strcspn(where, ", ");

    *open = '\0';
    where[n] = '\0';
    char *colon = strrchr(where, ':');

    if (colon != NULL && (size_t)(colon - where) == strlen(base_name(file)) &&
        strncmp(where, base_name(file), strlen(base_name(file))) == 0) {
        return arena_printf(a, "%s%s", file, colon); /* dtc shortens the path it was given */
    }
    return arena_printf(a, "%s", where);
}

/* What stands between "=" and ";", as dtc writes it: "text", <cells>, [bytes], or several of them. */
static enum value_kind kind_of(const char *line)
{
    const char *p = strstr(line, " = ");
    enum value_kind kind = VALUE_NONE;

    if (p == NULL) {
        return VALUE_NONE;
    }
    for (p += 3; *p != '\0'; p++) {
        enum value_kind one = *p == '"' ? VALUE_STRINGS : *p == '<' ? VALUE_CELLS : *p == '[' ? VALUE_BYTES : VALUE_NONE;

        if (one != VALUE_NONE) {
            const char end = one == VALUE_STRINGS ? '"' : one == VALUE_CELLS ? '>' : ']';

            kind = kind == VALUE_NONE || kind == one ? one : VALUE_MIXED;
            for (p++; *p != end && *p != '\0'; p++) {
                p += *p == '\\' && p[1] != '\0';
            }
            p -= *p == '\0';
        }
    }
    return kind != VALUE_NONE ? kind : VALUE_UNKNOWN;
}

static void add_line(struct arena *a, struct source *s, const struct source_line *line)
{
    struct source_line *l = arena_alloc(a, sizeof(*l));

    *l = *line;
    l->next = s->lines;
    s->lines = l;
}

/* The name that a line of dtc's output defines: after labels, before " {", " =" or ";". */
static char *defined_name(char *line)
{
    char *p = line + strspn(line, "\t ");

    for (;;) {
        size_t n = strcspn(p, " ;");

        if (n < 2U || p[n - 1U] != ':' || p[n] != ' ') {
            p[n] = '\0';
            return p;
        }
        p += n + 1U;
    }
}

void dts_lines(struct arena *a, struct source *s, char *text)
{
    const char *stack[64] = {""};
    unsigned depth = 0;

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *where = annotation(a, s->file, line);
        char *end = line + strlen(line);

        while (end > line && (end[-1] == ' ' || end[-1] == '\t')) {
            *--end = '\0';
        }
        if (end == line) {
            continue;
        }
        if (end[-1] == '{' && depth + 1U < ARRAY_SIZE(stack)) {
            const char *name = defined_name(line);

            depth++;
            stack[depth] =
                depth == 1U ? "/" : arena_printf(a, "%s/%s", depth == 2U ? "" : stack[depth - 1U], name);
            if (where != NULL) { /* dtc itself makes the nodes around an overlay's */
                add_line(a, s, &(struct source_line){.path = stack[depth], .where = where});
            }
        } else if (strstr(line, "};") != NULL && strspn(line, "\t ") + 2U == strlen(line)) {
            depth -= depth > 0U;
        } else if (end[-1] == ';' && where != NULL) {
            struct source_line l = {.path = stack[depth], .where = where, .kind = kind_of(line)};

            l.prop = arena_printf(a, "%s", defined_name(line));
            add_line(a, s, &l);
        }
    }
}

const char *source_where(const struct source *s, const char *path, const char *prop)
{
    const char *node = s->file;

    for (const struct source_line *l = s->lines; l != NULL; l = l->next) {
        if (strcmp(l->path, path) != 0) {
            continue;
        }
        if (l->prop == NULL) {
            node = l->where;
        } else if (prop != NULL && strcmp(l->prop, prop) == 0) {
            return l->where;
        }
    }
    return node;
}

enum value_kind source_kind(const struct source *s, const char *path, const char *prop)
{
    for (const struct source_line *l = s->lines; l != NULL; l = l->next) {
        if (l->prop != NULL && strcmp(l->path, path) == 0 && strcmp(l->prop, prop) == 0) {
            return l->kind;
        }
    }
    return VALUE_UNKNOWN;
}

/* The last line before this one that defines the same, a property in the same node; NULL if there is none. */
static const struct source_line *before(const struct source_line *line)
{
    for (const struct source_line *l = line->next; l != NULL; l = l->next) {
        if (strcmp(l->path, line->path) != 0) {
            continue;
        }
        if (l->prop == NULL) {
            return line->prop == NULL ? l : NULL; /* above it are the properties of another node */
        }
        if (line->prop != NULL && strcmp(l->prop, line->prop) == 0) {
            return l;
        }
    }
    return NULL;
}

void dts_twice(struct arena *a, struct diag *d, const struct source *s)
{
    unsigned n = 0;

    for (const struct source_line *l = s->lines; l != NULL; l = l->next) {
        n++;
    }
    const struct source_line **all = arena_alloc(a, (n + 1U) * sizeof(struct source_line *));

    for (const struct source_line *l = s->lines; l != NULL; l = l->next) { /* the newest is the first */
        all[--n] = l;
    }
    for (; all[n] != NULL; n++) {
        const struct source_line *first = before(all[n]);

        if (first != NULL && all[n]->prop != NULL) {
            diag_error(d, all[n]->where, all[n]->path, "property %s is written twice, before at %s; remove one of them",
                       all[n]->prop, first->where);
        } else if (first != NULL) {
            diag_error(d, all[n]->where, all[n]->path,
                       "there are two nodes of this name, the other at %s; give one of them another name, or remove it",
                       first->where);
        }
    }
}
