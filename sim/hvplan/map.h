/* SPDX-License-Identifier: Apache-2.0 */
/* Who has what, in tables: what show.c prints and svg.c draws. */
#ifndef SIM_HVPLAN_MAP_H
#define SIM_HVPLAN_MAP_H

#include "hvplan.h"

/* A VM's index, or one of these. */
#define OWNER_HV       (-1)
#define OWNER_FIRMWARE (-2)
#define OWNER_NOBODY   (-3)
#define OWNER_ALL      (-4) /* each VM has one of its own */
#define OWNER_CHANNEL  (-5) /* the VMs that are its endpoints */

struct map_range {
    uint64_t base;
    uint64_t size;
    int owner;
    bool inside; /* a part of the range before it */
    const char *text;
    const char *irqs; /* of devices: "irq 33", or "" */
};

struct map_irq {
    uint32_t number; /* as the board's manual has it */
    const char *text;
    int owner;
};

struct map_cpu {
    int owner; /* OWNER_NOBODY: no vCPU runs on it */
    uint32_t vcpu;
    bool console; /* it serves the shared console */
};

struct map {
    unsigned nr_memory, nr_devices, nr_irqs;
    struct map_range *memory; /* by address, as are devices */
    struct map_range *devices;
    struct map_irq *irqs;
    struct map_cpu cpu[HV_MAX_CPUS];
    uint64_t ram_left; /* that nobody has */
};

void map_make(struct run *r, struct map *m);
const char *map_owner(const struct run *r, int owner);
/* "irq" or "source", as the ISA's manuals say. */
const char *map_irq_word(const struct run *r);

/* svg.c */
void svg(struct run *r, FILE *f);

#endif
