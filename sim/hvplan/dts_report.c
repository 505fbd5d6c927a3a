/* SPDX-License-Identifier: Apache-2.0 */
/* What dtc says of a wrong source, as hvplan says it. */
#include "dts.h"

#include <stdlib.h>
#include <string.h>

/* Splits "FILE:LINE.COL-COL rest" at the colon before LINE; NULL if the line does not look like that. */
static char *location_end(char *line)
{
    for (char *c = strchr(line, ':'); c != NULL; c = strchr(c + 1, ':')) {
        size_t digits = strspn(c + 1, "0123456789");

        if (digits > 0U && c[1U + digits] == '.') {
            return c;
        }
    }
    return NULL;
}

/*
 * dtc says "Error: FILE:LINE.COL-COL TEXT" of the syntax, and "FILE:LINE.COL-COL: ERROR (CHECK): /NODE: TEXT"
 * of what it finds later. Ours are "FILE:LINE: error: /NODE: TEXT; how to mend it".
 */
static void report_line(struct arena *a, struct diag *d, const char *file, char *line)
{
    static const char mend[] = "see Devicetree Specification chapter 6 for how to write it";
    char *at = strncmp(line, "Error: ", 7) == 0 ? line + 7 : line;
    char *colon = location_end(at);
    char *text = colon != NULL ? strchr(colon, ' ') : NULL;
    const char *node = "/";

    if (text == NULL) {
        if (strncmp(line, "FATAL", 5) != 0 && strncmp(line, "ERROR: Input tree", 17) != 0) {
            diag_error(d, arena_printf(a, "%s:1", file), "/", "%s; %s", line, mend);
        }
        return;
    }
    unsigned long n = strtoul(colon + 1, NULL, 10);
    char *path = strstr(text, "): /");
    char *rest = path != NULL ? strstr(path + 3, ": ") : NULL;

    *colon = '\0';
    text++;
    if (rest != NULL) {
        *rest = '\0';
        node = path + 3;
        text = rest + 2;
    }
    diag_error(d, arena_printf(a, "%s:%lu", at, n > 0U ? n : 1U), node, "%s; %s", text,
               strstr(text, "syntax error") != NULL
                   ? "is a ; or a quote missing here or in the line before? A file begins with /dts-v1/;, and comments are /* */ or //"
                   : mend);
}

bool dts_report(struct arena *a, struct diag *d, const char *file, char *text)
{
    bool twice = false;

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strstr(line, ": ERROR (duplicate_node_names): ") != NULL ||
            strstr(line, ": ERROR (duplicate_property_names): ") != NULL) {
            twice = true;
        } else {
            report_line(a, d, file, line);
        }
    }
    return twice;
}
