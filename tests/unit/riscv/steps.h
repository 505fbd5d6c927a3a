/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of RISC-V's devices and firmware interface beside a model, or audited, or both. What happens is drawn: by the random
 * tests from a seed, by the fuzz targets from their input. Each world is two VMs.
 */
#ifndef TESTS_UNIT_RISCV_STEPS_H
#define TESTS_UNIT_RISCV_STEPS_H

#include <stdbool.h>
#include <stdint.h>

/* A number below n, or any if n is 0. Whoever uses the steps sets it. */
extern uint32_t (*steps_draw)(uint32_t n);

/* For what is printed at a failure: where the run is. */
extern char steps_where[128];

/* splitmix64 from a seed, as steps_draw. */
void steps_seed(uint64_t seed);

/* PLICs: every step is followed until all is quiet; what guests read and their lines must be the model's (plic_model.h).
 * With `all` every register is read. */
void plic_steps_begin(void);
void plic_step(bool all);
/* With CPUs that take interrupts late and guests that use every context: the physical PLIC (plic_hw.h) says what goes wrong,
 * and at the end nothing must have been lost. */
void plic_late_begin(void);
void plic_late_step(void);
void plic_late_end(void);

/* APLICs: see aplic_steps.c. */
void aplic_steps_begin(void);
void aplic_step(void);
uint64_t aplic_steps_sent(void); /* MSIs since the beginning */

/* SBI's calls by two VMs' harts, each checked by sbi_call() (sbi_fixture.h); VMs that end start again. True if a call was
 * answered without an error. */
void sbi_steps_begin(void);
bool sbi_step(void);
unsigned sbi_steps_lives(void); /* begun after a VM's end, in all runs */

#endif
