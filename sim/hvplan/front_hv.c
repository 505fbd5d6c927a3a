/* SPDX-License-Identifier: Apache-2.0 */
/* What a system.dts says of the hypervisor itself. */
#include "front.h"

#include <libfdt.h>
#include <string.h>

void front_hypervisor(struct front *c, int node)
{
    static const char *const known[] = {"colours", NULL};
    int at;

    c->path = "/hypervisor";
    fdt_for_each_property_offset(at, c->fdt, node)
    {
        struct value v = front_value_at(c, at);

        if (strcmp(v.name, "colours") == 0) {
            value_colours(c, &v, &c->s->hv_colours);
        } else if (strcmp(v.name, "phandle") != 0) {
            front_unknown(c, v.name, "property", v.name, known);
        }
    }
    fdt_for_each_subnode(at, c->fdt, node)
    {
        front_error(c, NULL, arena_printf(c->a, "unknown node %s in it; remove it", fdt_get_name(c->fdt, at, NULL)));
    }
    c->path = "/";
}
