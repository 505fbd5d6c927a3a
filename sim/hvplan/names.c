/* SPDX-License-Identifier: Apache-2.0 */
/* What a name in the plan, or the board's stdout-path, means in the board's tree: a path, an alias, or in the plan a
 * label, if the tree still has those (dtc -@ keeps them in /__symbols__). */
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

/* The node with that path. libfdt lets "/pl011" stand for "/pl011@9000000": a plan names a device in full. */
static int by_path(const void *fdt, const char *path)
{
    int node = fdt_path_offset(fdt, path);

    if (node > 0 && strcmp(fdt_get_name(fdt, node, NULL), strrchr(path, '/') + 1) != 0) {
        return -1;
    }
    return node;
}

#define ALIASES "/aliases"
#define LABELS  "/__symbols__"

/* The path that a property of /aliases or /__symbols__ holds; NULL if it does not hold one. An alias of an alias is not followed: libfdt
 * would, round and round if they name each other. */
static const char *path_of(const void *fdt, const char *list, const char *name, int len)
{
    int node = fdt_path_offset(fdt, list);
    int size = 0;
    const char *path = node >= 0 ? fdt_getprop_namelen(fdt, node, name, len, &size) : NULL;

    return path != NULL && size > 1 && path[0] == '/' && path[size - 1] == '\0' ? path : NULL;
}

int find_node(const void *fdt, const char *name)
{
    const char *path = name[0] == '/' ? name : path_of(fdt, ALIASES, name, (int)strlen(name));

    path = path != NULL ? path : path_of(fdt, LABELS, name, (int)strlen(name));
    return path != NULL ? by_path(fdt, path) : -1;
}

const char *find_ambiguity(struct arena *a, const void *fdt, const char *name)
{
    const char *alias = path_of(fdt, ALIASES, name, (int)strlen(name));
    const char *label = path_of(fdt, LABELS, name, (int)strlen(name));

    if (name[0] == '/' || alias == NULL || label == NULL || strcmp(alias, label) == 0) {
        return NULL;
    }
    return arena_printf(a, "the alias of %s and the label of %s", alias, label);
}

int find_stdout(const void *fdt)
{
    int chosen = fdt_path_offset(fdt, "/chosen");
    const char *name = chosen >= 0 ? fdt_getprop(fdt, chosen, "stdout-path", NULL) : NULL;
    int len = name != NULL ? (int)strcspn(name, ":") : 0; /* behind it come options of the line */

    if (name == NULL || name[0] == '/') {
        return name != NULL ? fdt_path_offset_namelen(fdt, name, len) : -1;
    }
    name = path_of(fdt, ALIASES, name, len);
    return name != NULL ? fdt_path_offset(fdt, name) : -1;
}

static unsigned count_names(const void *fdt, int aliases, int labels)
{
    unsigned n = 1;
    int depth = 0;
    int prop;

    for (int node = fdt_next_node(fdt, 0, &depth); node >= 0 && depth > 0; node = fdt_next_node(fdt, node, &depth)) {
        n++;
    }
    fdt_for_each_property_offset(prop, fdt, aliases)
    {
        n++;
    }
    fdt_for_each_property_offset(prop, fdt, labels)
    {
        n++;
    }
    return n;
}

/* The path of a node that is called as the name's last part, wherever it stands; NULL if there is none. */
static const char *same_leaf(struct arena *a, const void *fdt, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *leaf = slash != NULL ? slash + 1 : name;

    for (int node = fdt_next_node(fdt, 0, NULL); node >= 0 && leaf[0] != '\0'; node = fdt_next_node(fdt, node, NULL)) {
        if (strcmp(fdt_get_name(fdt, node, NULL), leaf) == 0) {
            return node_path(a, fdt, node);
        }
    }
    return NULL;
}

const char *find_suggestion(struct arena *a, const void *fdt, const char *name)
{
    int aliases = fdt_path_offset(fdt, ALIASES);
    int labels = fdt_path_offset(fdt, LABELS);
    const char **all = arena_alloc(a, count_names(fdt, aliases, labels) * sizeof(*all));
    unsigned n = 0;
    int depth = 0;
    int prop;

    for (int node = fdt_next_node(fdt, 0, &depth); node >= 0 && depth > 0; node = fdt_next_node(fdt, node, &depth)) {
        if (node != aliases && node != labels) {
            all[n++] = node_path(a, fdt, node);
        }
    }
    fdt_for_each_property_offset(prop, fdt, aliases)
    {
        fdt_getprop_by_offset(fdt, prop, &all[n++], NULL);
    }
    fdt_for_each_property_offset(prop, fdt, labels)
    {
        fdt_getprop_by_offset(fdt, prop, &all[n++], NULL);
    }
    const char *best = same_leaf(a, fdt, name);

    best = best != NULL ? best : nearest(name, all);
    if (best != NULL) {
        return arena_printf(a, "did you mean %s?", best);
    }
    return name[0] != '/' && labels < 0 ? "the board's tree has no labels (dtc -@ keeps them): write a path or an alias, which dtc -I dtb "
                                          "shows"
                                        : "dtc -I dtb shows what the board has";
}
