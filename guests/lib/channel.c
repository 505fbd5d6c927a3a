/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

static bool is_name(const volatile char *name, const char *s)
{
    for (unsigned i = 0; i < CHANNEL_INFO_NAME; i++) {
        if (name[i] != s[i]) {
            return false;
        }
        if (s[i] == '\0') {
            return true;
        }
    }
    return false;
}

static bool find_self(struct guest_channel *c, const char *name)
{
    for (c->self = 0; c->self < c->info->nr_ends && c->self < CHANNEL_INFO_ENDS; c->self++) {
        if (is_name(c->info->end[c->self].name, name)) {
            return true;
        }
    }
    return false;
}

bool channel_find(unsigned nth, struct guest_channel *c)
{
    uint32_t node = fdt_compatible("bulkhead,channel-v1", nth);
    uint64_t size = 0;
    uint32_t len = 0;
    const char *name = node != FDT_NONE ? fdt_prop(node, "bulkhead,endpoint", &len) : NULL;

    if (name == NULL || !fdt_reg(node, 0, &c->base, &size) || size < sizeof(*c->info)) {
        return false;
    }
    c->info = (const volatile struct channel_info *)(uintptr_t)c->base;
    c->size = size;
    for (unsigned n = 1; fdt_reg(node, n, &(uint64_t){0}, &size); n++) {
        c->size += size;
    }
    c->irq = fdt_irq(node, 0);
    return c->info->magic == CHANNEL_INFO_MAGIC && c->info->major == CHANNEL_INFO_MAJOR && find_self(c, name);
}

uint64_t channel_section(const struct guest_channel *c, uint32_t writer, uint64_t *size)
{
    for (unsigned i = 0; i < c->info->nr_sections && i < CHANNEL_INFO_SECTIONS; i++) {
        const volatile struct channel_info_section *s = &c->info->section[i];

        if (s->writer == writer) {
            *size = s->size;
            return c->base + s->offset;
        }
    }
    *size = 0;
    return 0;
}

void channel_listen(const struct guest_channel *c)
{
    irq_edge(c->irq);
    irq_enable(c->irq);
}

uint32_t channel_state(const struct guest_channel *c, uint32_t end)
{
    uint32_t state = c->info->end[end].state;

    barrier(); /* what is read behind it is no older */
    return state;
}

int64_t channel_ring(const struct guest_channel *c, uint32_t end)
{
    return hypercall_ring(c->info->number, end);
}
