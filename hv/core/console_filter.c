/* SPDX-License-Identifier: Apache-2.0 */
#include "core/console_filter.h"

#define BEL    0x07U
#define BS     0x08U
#define HT     0x09U
#define ESC    0x1bU
#define SPACE  0x20U
#define DEL    0x7fU
#define HIGH   0x80U /* from here on UTF-8: continuation bytes up to 0xbf, then first bytes */
#define FIRST  0xc0U
#define CARET  0x40U /* what ^ makes of a letter */

void console_filter_reset(struct console_filter *f)
{
    *f = (struct console_filter){0};
}

/* A first byte of UTF-8 (Unicode 15, table 3-7): how many bytes follow, and from where on the next one may be, so that
 * nothing is written longer than it is. Behind C2 that also leaves out U+0080 to U+009F, the C1 controls. */
static void begin(struct console_filter *f, uint32_t c)
{
    f->follow = c < 0xc2U || c > 0xf4U ? 0U : c < 0xe0U ? 1U : c < 0xf0U ? 2U : 3U;
    f->least = c == 0xc2U || c == 0xe0U ? 0xa0U : c == 0xf0U ? 0x90U : HIGH;
    f->wide = c >= 0xc3U && c <= 0xcbU;
}

static void high(struct console_filter *f, uint32_t c, struct console_text *out)
{
    if (c >= FIRST) {
        begin(f, c);
        console_text_char(out, (char)c);
    } else if (f->follow != 0U && c >= f->least) {
        f->follow--;
        f->least = HIGH;
        f->column += f->wide ? 1U : 0U;
        console_text_char(out, (char)c);
    } else {
        f->follow = 0;
        f->column++;
        console_text_char(out, '?');
    }
}

void console_filter(struct console_filter *f, char from, struct console_text *out)
{
    uint32_t c = (uint8_t)from;

    if (c >= HIGH) {
        high(f, c, out);
        return;
    }
    f->follow = 0;
    if (c == BS) {
        if (f->column != 0U) {
            f->column--;
            console_text_char(out, from);
        }
    } else if (c == BEL || c == ESC || c == HT) {
        console_text_char(out, from);
    } else if (c >= SPACE && c != DEL) {
        f->column++;
        console_text_char(out, from);
    } else {
        f->column += 2U;
        console_text_char(out, '^');
        console_text_char(out, (char)(c ^ CARET));
    }
}
