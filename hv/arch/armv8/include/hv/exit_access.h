/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses are told by exit_is_word() and exit_decode(). */
#ifndef HV_EXIT_ACCESS_H
#define HV_EXIT_ACCESS_H

#include "hv/exit.h"

static inline bool exit_word_at_once(struct exit_word *out)
{
    *out = (struct exit_word){0};
    return false;
}

#endif
