/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a VM's output may reach the terminal as it is. Between console_mux.c and console_filter.c alone.
 *
 * Nothing but a newline or a carriage return, which the merge answers with the prefix, may begin a line or go back over the
 * prefix, as far as single characters can: VT, FF, NEL do the one, backspaces the other. So a control character is shown as
 * ^X, but for HT, BEL and ESC, and for a backspace over what this VM has written since the prefix, as line editing needs it; one
 * that would go further is dropped. Bytes from 0x80 on pass as parts of UTF-8; alone they are C1 controls in some terminals,
 * and become '?'. HT and characters that may have no column of their own are not gone back over.
 *
 * Escape sequences pass, and may move the cursor wherever they like; what they are made of counts as written.
 */
#ifndef HV_CORE_CONSOLE_FILTER_H
#define HV_CORE_CONSOLE_FILTER_H

#include "core/console_mux.h"

struct console_filter {
    uint32_t column; /* of what was written since the prefix: at least so many columns, which may be gone back over */
    uint32_t follow; /* bytes of UTF-8 that are to come */
    uint32_t least;  /* and the smallest that the next may be */
    bool wide;       /* the character certainly has a column: U+00C0 to U+02FF, letters. Others may combine with what is there */
};

/* A prefix is out, and nothing behind it. */
void console_filter_reset(struct console_filter *f);

/* Appends to `out`, at most two characters, what the terminal shall get for `from`, which is neither newline nor carriage return. */
void console_filter(struct console_filter *f, char from, struct console_text *out);

#endif
