/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the parts of the front end: front.c walks the source's nodes, front_vm.c reads a VM's properties, front_region.c
 * its regions of memory, front_colour.c what has to do with colours, front_channel.c channels, front_value.c values. */
#ifndef SIM_HVPLAN_FRONT_H
#define SIM_HVPLAN_FRONT_H

#include "hvplan.h"

struct front {
    struct arena *a;
    struct diag *d;
    struct system *s;
    const void *fdt;
    struct sys_vm *vm;
    const char *path; /* of the node at hand */
};

struct value {
    const char *name;
    const char *data;
    int len;
    enum value_kind kind;
};

/* An error at a property of the node at hand, or at the node itself (NULL). */
void front_error(struct front *c, const char *prop, const char *what);

/* A property of the node at hand, by its offset in the tree. */
struct value front_value_at(struct front *c, int prop);

/* An error for each property of a node that has none: "unknown property X; HOLDS and nothing else". */
void front_no_props(struct front *c, int node, const char *holds);

/* "unknown KIND NAME; did you mean ...?" */
void front_unknown(struct front *c, const char *prop, const char *kind, const char *name,
                   const char *const *known);

/* "NAME has a wrong value; how to mend it", or what it is instead of one of the kinds wanted. */
#define WANTS(kind) (1U << (unsigned)(kind))
void front_value_error(struct front *c, const struct value *v, unsigned wants, const char *mend);

/* True if it was written as that, or nobody knows how. */
bool front_is(const struct value *v, enum value_kind kind);

/* One or more strings, each with its NUL, none empty, of printable characters. */
bool value_is_strings(const struct value *v);

/* One or two cells as a number. */
bool value_number(const struct value *v, uint64_t *out);

/* These report what is wrong themselves. One string; NULL after an error. */
const char *value_string(struct front *c, const struct value *v);

/* A size of memory, in whole pieces of 2 MiB; *out stays as it is after an error. */
void value_memory(struct front *c, const struct value *v, uint64_t *out);

/* A guest address at a multiple of `align`, said as `unit`; false after an error. */
bool value_address(struct front *c, const struct value *v, unsigned wants, uint64_t align, const char *unit, uint64_t *out);

/* A size like "1M", not 0; *out stays as it is after an error. */
void value_size(struct front *c, const struct value *v, uint64_t *out);

/* Colours as a mask; *out stays as it is after an error. */
void value_colours(struct front *c, const struct value *v, uint64_t *out);

/* True if it is a flag as it has to be. */
bool value_flag(struct front *c, const struct value *v);

/* One property of a VM into c->vm. */
void front_vm_prop(struct front *c, const struct value *v);

/* The node `regions` of a VM, which is the node at hand, into c->vm. */
void front_regions(struct front *c, int node);

/* The nodes /cache and /hypervisor into c->s. */
void front_cache(struct front *c, int node);
void front_hypervisor(struct front *c, int node);

/* The node /channels into c->s. */
void front_channels(struct front *c, int node);

/* The property of a VM that has this name, or with `near` one that is spelt nearly so; NULL if there is none. */
const char *front_vm_known(const char *name, bool near);

#endif
