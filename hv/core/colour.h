/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coloured memory: all bytes of some colours from a base on, as one run of offsets without gaps. Pure. `l` is one that
 * colour_llc_ok() holds for, a base is aligned to the period, and a mask has at least one and only existing colours.
 */
#ifndef HV_CORE_COLOUR_H
#define HV_CORE_COLOUR_H

#include "hv/llc.h"

/* True if the description is what hv/llc.h asks for; false also for one with size 0. */
bool colour_llc_ok(const struct plan_llc *l);

uint64_t colour_period(const struct plan_llc *l);

/* Contiguous bytes that have one colour. */
uint64_t colour_unit(const struct plan_llc *l);

/* All colours there are. */
uint64_t colour_all(const struct plan_llc *l);

/* True if the colour depends on more than the bits of (PA / unit). */
bool colour_hashed(const struct plan_llc *l);

/* What the hash adds (exclusive or) to the colour of each unit of the period that pa is in. */
unsigned colour_twist(const struct plan_llc *l, paddr_t pa);

unsigned colour_of(const struct plan_llc *l, paddr_t pa);

/* Where the byte at `offset` of the coloured memory lies. Unit n of a period's is that of the mask's n-th colour, whatever the
 * hash makes of the order of addresses; so offsets of whole periods' shares begin at whole periods. */
paddr_t colour_pa(const struct plan_llc *l, paddr_t base, uint64_t mask, uint64_t offset);

/* The opposite: true, and *offset, if pa (at or above base) has a colour of the mask. */
bool colour_offset(const struct plan_llc *l, paddr_t base, uint64_t mask, paddr_t pa, uint64_t *offset);

/* Bytes from the base to the end of the last period that `size` bytes of such memory touch. Wraps if size is not below 2^57. */
uint64_t colour_span(const struct plan_llc *l, uint64_t mask, uint64_t size);

#endif
