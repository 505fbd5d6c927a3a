/* SPDX-License-Identifier: Apache-2.0 */
/* What a VM printed, found again in the merged output of the shared console. */
#ifndef TESTS_MERGED_H
#define TESTS_MERGED_H

#include <stdbool.h>
#include <stddef.h>

/* Fails, through sim_fail(), unless each line of the console begins with one of the names, also behind a carriage
 * return
 * in it, and those of names[0] are the text: complete up to its last end of line, in order, with nothing else in them.
 * With `whole` a line is broken behind CONSOLE_LINE_MAX characters at the earliest; else it may be anywhere, but all of
 * the text is there. (Of carriage returns in a row one is seen, and none before the end of a line:
 * core/console_mux.c.) `text`
 * NULL: each line begins with one of the names, whatever it holds. */
void merged_expect(const char *const names[], unsigned nr_names, const char *text, size_t length, bool whole);

#endif
