/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "merged.h"

#include <stdio.h>
#include <string.h>

#include "core/console.h"
#include "sim/sim.h"

static struct {
    const char *text;
    size_t length;
    size_t at;    /* so much of it has been seen */
    bool cr_left; /* a line was broken behind a carriage return: another one may follow, of the same row */
    unsigned empty; /* lines that may have been broken right before their end: an empty one may follow for each */
} merged;

/* Length of "[name] " if the line, which goes on to `end`, begins with it; else 0. */
static size_t prefix(const char *line, const char *end, const char *name)
{
    char text[32];
    size_t n = (size_t)snprintf(text, sizeof(text), "[%s] ", name);
    return (size_t)(end - line) >= n && memcmp(line, text, n) == 0 ? n : 0U;
}

static bool skip_returns(void)
{
    size_t from = merged.at;
    while (merged.at < merged.length && merged.text[merged.at] == '\r') {
        merged.at++;
    }
    return merged.at != from;
}

static void take(char c)
{
    bool again = merged.cr_left && c == '\r';
    merged.cr_left = false;
    if (again) {
        return;
    }
    if (merged.at >= merged.length || merged.text[merged.at] != c) {
        sim_fail("interference: the console has 0x%x where character %zu of %zu was printed", (unsigned char)c, merged.at,
                 merged.length);
    }
    merged.at++;
    if (c == '\r') {
        (void)skip_returns();
    }
}

/* One line of the console, without its prefix and end. Each carriage return in it is followed by the prefix again. */
static void line(const char *s, const char *end, const char *name, bool compare)
{
    while (s < end) {
        char c = *s++;
        if (c == '\r') {
            size_t n = prefix(s, end, name);
            if (n == 0U) {
                sim_fail("interference: behind a carriage return in a line of %s stands no name", name);
            }
            s += n;
        }
        if (compare) {
            take(c);
        }
    }
}

/* What was sent for a line, of `wire` characters with its names: each carriage return is one more, since it is taken
 * apart
 * from what follows it. */
static bool is_long(size_t from, size_t wire)
{
    for (size_t i = from; i < merged.at; i++) {
        wire += merged.text[i] == '\r' ? 1U : 0U;
    }
    return wire >= CONSOLE_LINE_MAX;
}

/* A line of names[0] has ended, of which the text from `from` on was seen: was it its end? */
static void line_end(size_t from, size_t wire, bool whole)
{
    bool nothing = merged.at == from;
    merged.empty = nothing ? merged.empty : 0U;
    merged.cr_left = skip_returns();
    bool may_break = !whole || is_long(from, wire);
    if (merged.at < merged.length && merged.text[merged.at] == '\n') {
        merged.at++;
        merged.cr_left = false;
        merged.empty += may_break ? 1U : 0U;
    } else if (nothing && merged.empty != 0U) {
        merged.empty--;
    } else if (!may_break) {
        sim_fail("interference: a line is broken behind character %zu of %zu", merged.at, merged.length);
    }
}

void merged_expect(const char *const names[], unsigned nr_names, const char *text, size_t length, bool whole)
{
    const char *at = sim_console(), *end = at + sim_console_length();
    merged.text = text;
    merged.length = length;
    merged.at = 0;
    merged.cr_left = false;
    merged.empty = 0;
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *line_stop = stop != NULL ? stop : end;
        size_t n = 0, from = merged.at;
        unsigned who = 0;
        while (who < nr_names && (n = prefix(at, line_stop, names[who])) == 0U) {
            who++;
        }
        if (who == nr_names) {
            sim_fail("interference: a line of the console begins with no name: %.20s", at);
        }
        bool compare = who == 0U && text != NULL;
        line(at + n, line_stop, names[who], compare);
        if (compare && stop != NULL) {
            line_end(from, (size_t)(line_stop - at), whole);
        }
        at = line_stop + (stop != NULL ? 2U : 0U);
    }
    if (text == NULL) {
        return;
    }
    (void)skip_returns();
    if (whole ? memchr(text + merged.at, '\n', length - merged.at) != NULL : merged.at != length) {
        sim_fail("interference: the console lacks what was printed from character %zu of %zu on", merged.at, length);
    }
}
