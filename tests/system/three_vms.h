/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine with three VMs, drawn from a seed: how many vCPUs each has (victim 1 or 2, attacker 1 to 3, keeper 1), on
 * which CPUs, in which order the plan has them, list registers, triggers, who serves the console that they share, how
 * fast its UART is, and the numbers of their virtual UARTs' interrupts. Its interrupt controller is the board's.
 */
#ifndef TESTS_THREE_VMS_H
#define TESTS_THREE_VMS_H

#include "hv/plan.h"
#include "random_guest.h"

#define THREE_SPIS 4U
#define THREE_VMS  3U

enum role { VICTIM = 0, ATTACKER, KEEPER };
extern const char *const three_names[]; /* of the roles, and "hv" */
#define THREE_NAMES 4U

/* All VMs have the same INTIDs' neighbours: words and trigger registers are shared. */
extern const uint32_t three_spis[THREE_VMS][THREE_SPIS];

/* Whose CPU serves the shared console. */
enum three_server { SERVER_NOBODY = 0, SERVER_KEEPER, SERVER_ATTACKER, SERVER_NONE /* no console is shared */ };

extern struct three_plan {
    struct plan p;
    struct plan_cpu cpus[HV_MAX_CPUS];
    struct plan_vm vms[THREE_VMS];
    struct plan_region regions[3U * THREE_VMS];
    struct plan_irq irqs[THREE_SPIS * THREE_VMS];
    char log[16];
} three_plan;

extern struct three_role {
    unsigned index; /* in the plan */
    uint32_t cpus;  /* as bits */
    struct random_vm guest;
} three_roles[THREE_VMS];

extern enum three_server three_server;
extern enum role three_focus; /* who is to have the focus */

/* Makes plan and roles, and the machine, at power-on with the plan in its RAM. With `console` a CPU of nobody's serves
 * one in any case. */
void three_install(uint64_t seed, bool console);

/* The roles' CPUs are a domain each, and so are all others; what else there is of *d is the caller's. */
void three_domains(struct sim_domains *d);

#endif
