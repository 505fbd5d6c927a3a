/* SPDX-License-Identifier: Apache-2.0 */
#include "core/console_mux.h"

void console_text_char(struct console_text *t, char c)
{
    if (t->len < CONSOLE_TEXT_BYTES) {
        t->s[t->len] = c;
        t->len++;
    }
}

void console_text_string(struct console_text *t, const char *s)
{
    for (size_t i = 0; s[i] != '\0'; i++) {
        console_text_char(t, s[i]);
    }
}

void console_text_number(struct console_text *t, uint32_t n)
{
    uint32_t unit = 1;

    while (n / unit >= 10U) { /* at most 9 turns */
        unit *= 10U;
    }
    while (unit != 0U) { /* at most 10 turns */
        console_text_char(t, (char)('0' + (char)(n / unit % 10U)));
        unit /= 10U;
    }
}
