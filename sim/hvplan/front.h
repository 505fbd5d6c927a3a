/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two halves of the front end: front.c walks the source's nodes, front_vm.c reads a VM's
 * properties. */
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
};

/* An error at a property of the node at hand, or at the node itself (NULL). */
void front_error(struct front *c, const char *prop, const char *what);

/* "unknown KIND NAME; did you mean ...?" */
void front_unknown(struct front *c, const char *prop, const char *kind, const char *name,
                   const char *const *known);

/* One property of a VM into c->vm. */
void front_vm_prop(struct front *c, const struct value *v);

#endif
