/* SPDX-License-Identifier: Apache-2.0 */
/* Between console.c and console_mux.c alone. */
#ifndef HV_CORE_CONSOLE_MUX_H
#define HV_CORE_CONSOLE_MUX_H

#include "hv/types.h"

/* Text of limited length, put together piece by piece; what does not fit is cut. */
#define CONSOLE_TEXT_BYTES 128U
struct console_text {
    char s[CONSOLE_TEXT_BYTES];
    uint32_t len;
};

void console_text_char(struct console_text *t, char c);
void console_text_string(struct console_text *t, const char *s);
void console_text_number(struct console_text *t, uint32_t n);

/* No line is open and nothing is half written. */
void console_mux_reset(void);

/* From now on the serving CPU looks by itself (true), or has to be told of what is put (false). */
void console_looks(bool by_itself);

#endif
