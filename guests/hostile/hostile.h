/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hostile guest runs the attacks its boot arguments name ("attack=a,b,c", or "attack=all" for those that it survives)
 * and prints what it met, one fact a line: hostile: <attack>: <what> = <answer>
 * It judges nothing and knows nobody's address: what lies where is in the boot arguments too (victim=A:B, hv=..., see
 * tests/boot/hostile.py), and so is what the answers have to be. "step" makes it wait for a key before each attack,
 * so that the harness can look at the machine in between; "seed=" seeds what is drawn.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "attempt.h"

/* One attack. `list` names the boot argument that holds the addresses it is about, or is NULL. */
struct attack {
    const char *name;
    void (*run)(const struct attack *self);
    const char *list;
    bool ends; /* does not come back: not part of "all" */
};

/* Those of the ISA: <isa>/attacks.c. */
extern const struct attack attacks[];
extern const unsigned nr_attacks;

/* Number n of the addresses in the boot argument `key` ("key=A:B:C"); false behind the last. */
bool address(const char *key, unsigned n, uint64_t *a);

/* A sequence drawn by seed=, the same in each run. */
uint64_t draw(void);

/* The facts of an attack: "hostile: <attack>: <what> <number> = ..." */
void fact(const struct attack *self, const char *what, uint64_t number, struct outcome o);
/* "hostile: <attack>: <whose><what> <number> = ..." */
void fact_of(const struct attack *self, const char *whose, const char *what, uint64_t number, struct outcome o);
void fact_number(const struct attack *self, const char *what, int64_t value);

/* Starts vCPU 1 with this work, or runs nothing if it does not come; it goes off when the work returns. */
bool other_start(void (*work)(uint64_t arg), uint64_t arg);
/* Waits in bounded time until vCPU 1 is off. */
bool other_gone(void);

/* Forms of access that cannot be emulated: name of form n, or NULL behind the last. The ISA's. */
const char *odd_access(unsigned n, uint64_t (**fn)(uint64_t a));

#define PATTERN  0xa5a5a5a5a5a5a5a5U
#define ALL_ONES UINT64_MAX

/* memory.c */
void attack_read(const struct attack *self);
void attack_write(const struct attack *self);
void attack_fetch(const struct attack *self);
void attack_odd(const struct attack *self);
void attack_novectors(const struct attack *self);

/* exits.c */
void attack_exit_counts(const struct attack *self);

#endif
