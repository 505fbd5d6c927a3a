// SPDX-License-Identifier: GPL-2.0-only
/* Channels of the device tree: what each is, and whether that can be so, before anything is made of it. */
#include "link.h"

#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

static bool in_a_resource(struct platform_device *pdev, u64 start, u64 size)
{
    struct resource *res;
    unsigned int i;

    for (i = 0; (res = platform_get_resource(pdev, IORESOURCE_MEM, i)) != NULL; i++) {
        if (start >= res->start && start - res->start < resource_size(res)) {
            return size <= resource_size(res) - (start - res->start);
        }
    }
    return false;
}

/* The sections, as the page has them, are memory of the device tree's. */
static int check_sections(struct platform_device *pdev, struct bulkhead_channel *ch)
{
    u32 i;

    ch->size = BULKHEAD_INFO_SIZE;
    for (i = 0; i < ch->info->nr_sections; i++) {
        const struct channel_info_section *s = &ch->info->section[i];

        if (s->offset < BULKHEAD_INFO_SIZE || s->size == 0U || !in_a_resource(pdev, ch->base + s->offset, s->size)) {
            return dev_err_probe(ch->dev, -EINVAL, "section %u is not in the device tree\n", i);
        }
        ch->size = max_t(u64, ch->size, s->offset + s->size);
    }
    return 0;
}

static int check_info(struct platform_device *pdev, struct bulkhead_channel *ch)
{
    const struct channel_info *info = ch->info;

    if (info->magic != CHANNEL_INFO_MAGIC || info->major != CHANNEL_INFO_MAJOR) {
        return dev_err_probe(ch->dev, -ENODEV, "no page of information of version %u\n", CHANNEL_INFO_MAJOR);
    }
    if (info->length < offsetof(struct channel_info, direct) || info->length > BULKHEAD_INFO_SIZE || info->nr_ends < 2U ||
        info->nr_ends > CHANNEL_INFO_ENDS || info->nr_sections > CHANNEL_INFO_SECTIONS) {
        return dev_err_probe(ch->dev, -EINVAL, "the page of information contradicts itself\n");
    }
    return check_sections(pdev, ch);
}

static int find_self(struct bulkhead_channel *ch)
{
    const char *name = NULL;
    int err = of_property_read_string(ch->dev->of_node, "bulkhead,endpoint", &name);

    for (ch->self = 0; err == 0 && ch->self < ch->info->nr_ends; ch->self++) {
        if (strncmp(ch->info->end[ch->self].name, name, CHANNEL_INFO_NAME) == 0) {
            return 0;
        }
    }
    return dev_err_probe(ch->dev, -EINVAL, "bulkhead,endpoint is none of the channel's\n");
}

/* The page of information, and what can be told from it. */
static int describe(struct platform_device *pdev, struct bulkhead_channel *ch)
{
    struct resource *res = platform_get_resource_byname(pdev, IORESOURCE_MEM, "info");
    void *page;
    int err;

    if (res == NULL || resource_size(res) < BULKHEAD_INFO_SIZE || of_property_read_string(ch->dev->of_node, "label", &ch->label) != 0) {
        return dev_err_probe(ch->dev, -ENODEV, "no label, or no page of information\n");
    }
    page = devm_memremap(ch->dev, res->start, BULKHEAD_INFO_SIZE, MEMREMAP_WB);
    if (IS_ERR(page)) {
        return PTR_ERR(page);
    }
    ch->base = res->start;
    ch->info = page;
    err = check_info(pdev, ch);
    return err != 0 ? err : find_self(ch);
}

/* The interrupt last: it goes first, and what it calls is there as long as it may come. */
static int make(struct bulkhead_channel *ch, int irq)
{
    int err = irq >= 0 || irq == -ENXIO ? bulkhead_doorbell_init(ch) : irq; /* -ENXIO: a channel without doorbells */

    ch->doorbell = irq >= 0;
    err = err != 0 ? err : bulkhead_link_init(ch);
    err = err != 0 ? err : bulkhead_net_init(ch);
    err = err != 0 ? err : bulkhead_file_init(ch);
    return err != 0 || !ch->doorbell ? err : bulkhead_doorbell_connect(ch, irq);
}

static int bulkhead_probe(struct platform_device *pdev)
{
    struct bulkhead_channel *ch = devm_kzalloc(&pdev->dev, sizeof(*ch), GFP_KERNEL);
    int err;

    if (ch == NULL) {
        return -ENOMEM;
    }
    ch->dev = &pdev->dev;
    err = describe(pdev, ch);
    err = err != 0 ? err : make(ch, platform_get_irq_optional(pdev, 0));
    if (err == 0) {
        dev_info(ch->dev, "channel %s, endpoint %u of %u, %llu bytes, %s\n", ch->label, ch->self, ch->info->nr_ends, ch->size,
                 ch->doorbell ? "with a doorbell" : "no doorbell");
    }
    return err;
}

static const struct of_device_id bulkhead_match[] = {
    { .compatible = "bulkhead,channel-v1" },
    { }
};
MODULE_DEVICE_TABLE(of, bulkhead_match);

/* Nobody takes a channel away but with the module, which does not go while a file is open. */
static struct platform_driver bulkhead_driver = {
    .probe = bulkhead_probe,
    .driver = {
        .name = "bulkhead",
        .of_match_table = bulkhead_match,
        .suppress_bind_attrs = true,
    },
};
module_platform_driver(bulkhead_driver);

MODULE_DESCRIPTION("Channels between virtual machines of the Bulkhead hypervisor");
MODULE_LICENSE("GPL");
