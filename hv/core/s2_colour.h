/* SPDX-License-Identifier: Apache-2.0 */
/* Coloured memory (core/colour.h) in stage 2: pages of 4 KiB, one by one, as cheaply as that goes. */
#ifndef HV_CORE_S2_COLOUR_H
#define HV_CORE_S2_COLOUR_H

#include "core/s2.h"
#include "hv/extent.h"

/*
 * Maps [ipa, ipa + e->size) to the extent, which is coloured and has a span (extent_span()), as normal memory. Answers as
 * s2_map() does, and undoes as much. Takes a table of the last level for each 2 MiB of guest addresses that it touches.
 */
enum hv_status s2_map_coloured(struct s2 *s, ipaddr_t ipa, const struct extent *e, unsigned rights) MUST_CHECK;

#endif
