/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole hypervisor in the simulator: the sample plan of tests/unit/plan_fixture.h on a machine that fits it.
 *
 * VM 0 "one": vCPU 0 on CPU 0, vCPU 1 on CPU 2. VM 1 "two": vCPU 0 on CPU 1. CPU 3 is nobody's. A test prepares,
 * changes what it wants, boots, and looks; what it boots runs in a child process, so each run starts from power-on.
 */
#ifndef TESTS_SYSTEM_H
#define TESTS_SYSTEM_H

#include "plan_fixture.h"
#include "sim/sim.h"

struct system {
    struct plan_fixture plan;
    struct sim_config machine;
    uint64_t load_pa;
    uint64_t plan_pa; /* where the plan really lies */
};

/* A good plan and its machine. */
void system_prepare(struct system *s, uint64_t seed);

/* Writes image, plan and guest images to RAM with the right checksums. The machine is at power-on afterwards. */
void system_install(struct system *s);

/* Where the byte at `at` of an image lies, or of its pristine copy. */
uint64_t system_image_pa(const struct system *s, unsigned image, uint64_t at, bool pristine);

/* Boots, and audits when the machine has stopped: system_audit_plan(). */
enum sim_end system_boot(struct system *s);

/* Everything the plan grants is reachable with its rights and nothing else; the page pool has not lost a page. Fails
 * through sim_fail(). Only if all VMs were built. */
void system_audit_plan(const struct plan *p);

/* cmocka: runs body(arg) in a child process, and fails with its message. */
void run_in_child(void (*body)(void *), void *arg);
/* The same for seeds 1..n, passed as (void *)(uintptr_t)seed; SYSTEM_SEED and SYSTEM_RUNS say others (seeds.h). */
void run_on_seeds(void (*body)(void *), unsigned n);
#define SEED(arg) ((uint64_t)(uintptr_t)(arg))

/* In a child: fails unless the console has the text. */
void expect_console(const char *text);
/* How often the console has it. */
unsigned count_console(const char *text);

/* Script: powers the VM off at once. */
void guest_power_off(struct sim_guest *g);

/* Makes a plan the board's: its name, interrupt controller, console and pool. Seal it afterwards. */
void system_plan(struct plan_fixture *f);

#endif
