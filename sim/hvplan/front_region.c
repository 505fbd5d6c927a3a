/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that a VM has besides its `memory`: a node each in its node `regions`. */
#include "front.h"

#include <libfdt.h>
#include <string.h>

static void region_prop(struct front *c, const struct value *v, struct sys_region *g)
{
    static const char *const known[] = {"memory", "memory-address", "colours", "ro", "xn", NULL};

    if (strcmp(v->name, "memory") == 0) {
        value_memory(c, v, &g->size);
    } else if (strcmp(v->name, "memory-address") == 0) {
        value_address(c, v, WANTS(VALUE_CELLS), SZ_2M, "2 MiB", &g->ipa);
    } else if (strcmp(v->name, "colours") == 0) {
        value_colours(c, v, &g->colours);
    } else if (strcmp(v->name, "ro") == 0) {
        g->ro = value_flag(c, v);
    } else if (strcmp(v->name, "xn") == 0) {
        g->xn = value_flag(c, v);
    } else if (strcmp(v->name, "phandle") != 0) {
        front_unknown(c, v->name, "property", v->name, known);
    }
}

static void missing(struct front *c, int node, const char *prop, const char *mend)
{
    if (fdt_getprop(c->fdt, node, prop, NULL) == NULL) {
        front_error(c, NULL, arena_printf(c->a, "%s is missing; write %s", prop, mend));
    }
}

static void read_region(struct front *c, int node)
{
    struct sys_region *g = &c->vm->region[c->vm->nr_regions];
    int prop;
    int child;

    if (c->vm->nr_regions == MAX_REGIONS) {
        front_error(c, NULL, arena_printf(c->a, "too many regions; this version has room for %u in a VM", MAX_REGIONS));
        return;
    }
    c->vm->nr_regions++;
    g->name = fdt_get_name(c->fdt, node, NULL);
    g->path = c->path;
    if (strchr(g->name, '@') != NULL) {
        front_error(c, NULL, "name of a region has an @; its address is the property memory-address: name it without");
    }
    fdt_for_each_property_offset(prop, c->fdt, node)
    {
        struct value v = front_value_at(c, prop);

        region_prop(c, &v, g);
    }
    missing(c, node, "memory", "its size, like memory = \"2M\";");
    missing(c, node, "memory-address", "where the guest has it, like memory-address = <0x20000000>;");
    fdt_for_each_subnode(child, c->fdt, node)
    {
        front_error(c, NULL, arena_printf(c->a, "node %s in a region; remove it", fdt_get_name(c->fdt, child, NULL)));
    }
}

void front_regions(struct front *c, int node)
{
    const char *regions = c->path;
    int child;

    front_no_props(c, node, "regions holds one node per region");
    fdt_for_each_subnode(child, c->fdt, node)
    {
        c->path = arena_printf(c->a, "%s/%s", regions, fdt_get_name(c->fdt, child, NULL));
        read_region(c, child);
    }
    c->path = regions;
}
