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
    for (unsigned n = 1; n <= c->info->nr_sections && fdt_reg(node, n, &(uint64_t){0}, &size); n++) { /* behind them: files of others */
        c->size += size;
    }
    c->irq = fdt_irq(node, 0);
    if (c->info->magic != CHANNEL_INFO_MAGIC || c->info->major != CHANNEL_INFO_MAJOR || !find_self(c, name)) {
        return false;
    }
    c->direct = c->info->minor != 0U && c->info->end[c->self].rate != 0U && c->info->direct[c->self].offset != 0U;
    return true;
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

uint64_t channel_file(const struct guest_channel *c, uint32_t end, uint32_t file)
{
    const volatile struct channel_info *i = c->info;

    return c->direct && end < i->nr_ends && end != c->self && file < i->direct[end].files
               ? c->base + i->direct[end].offset + (uint64_t)CHANNEL_FILE_SIZE * file
               : 0U;
}

/* As channel_info.h says. False: it has to be called. */
static bool ring_directly(const struct guest_channel *c, uint32_t end)
{
    uint64_t page = channel_file(c, end, 0);

    if (page == 0U) {
        return false;
    }
    const volatile struct channel_info_direct *d = &c->info->direct[end];
    uint32_t target = d->target;

    if (target == 0U) {
        return false;
    }
    barrier(); /* what was stored before is seen by who takes the interrupt */
    mmio_write32(page + (uint64_t)CHANNEL_FILE_SIZE * CHANNEL_TARGET_FILE(target), CHANNEL_TARGET_ID(target));
    barrier();
    return d->target == target;
}

int64_t channel_ring(const struct guest_channel *c, uint32_t end)
{
    return c->direct && ring_directly(c, end) ? 0 : hypercall_ring(c->info->number, end);
}
