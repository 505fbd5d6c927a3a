/* SPDX-License-Identifier: Apache-2.0 */
/* Maps and unmaps of stage 2 as a list, done to a tree and to a plain list of what is mapped, which have to agree; any instruction
 * set. A list that fails can be made smaller. */
#ifndef TESTS_UNIT_S2_STEPS_H
#define TESTS_UNIT_S2_STEPS_H

#include "core/s2.h"

struct s2_step {
    bool map; /* else unmap, which pa, mem and rights are not of */
    uint64_t ipa, size, pa;
    enum s2_mem mem;
    unsigned rights;
};

struct s2_steps {
    unsigned ipa_bits, pa_bits;
    uint64_t pages;                   /* of the pool */
    bool audit_each;                  /* else the walker looks behind the last step alone */
    unsigned seen[2][HV_ERR_NOENT + 1]; /* answers of unmaps and maps, counted on */
};

/* NULL, or how answers or what the walker finds differ from the list; at which step is then in *at. */
const char *s2_steps_run(struct s2_steps *s, const struct s2_step *steps, unsigned n, unsigned *at);

/* Makes a failing list smaller in place: no step of it can be left out, no size halved or made a page less, so that it still fails.
 * How many steps are left. */
unsigned s2_steps_shrink(struct s2_step *steps, unsigned n, bool (*fails)(void *ctx, const struct s2_step *steps, unsigned n), void *ctx);

#endif
