/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_fixture.h"

#include <string.h>

#define RWX 7U
#define RW  3U

static void fill_header(struct plan *p)
{
    p->magic = PLAN_MAGIC;
    p->major = PLAN_MAJOR;
    p->minor = PLAN_MINOR;
    p->length = sizeof(struct plan_fixture);
    strcpy(p->board, FIXTURE_BOARD);
    p->isa = PLAN_ISA_ARMV8;
    p->hv_base = 0x40200000;
    p->hv_size = HV_REGION_SIZE;
    p->hv_image_size = 0x10008;
    p->hv_mem_size = 0x20000;
    p->hv_sum = (struct plan_sum){1, 2};
    p->plan_pa = p->hv_base + p->hv_mem_size;
    p->pool_pa = p->plan_pa + PLAN_MAX_BYTES;
    p->pool_pages = 64;
    p->ram_base = 0x40000000;
    p->ram_size = 0x4000000;
    p->pa_bits_min = 36;
    p->nr_irqs = 64;
    p->irqc_base[0] = 0x08000000;
    p->irqc_size[0] = 0x10000;
    p->irqc_base[1] = 0x080a0000;
    p->irqc_size[1] = 0x80000;
    p->maint_irq = 25;
    p->vtimer_irq = 27;
    p->ptimer_irq = 30;
    p->htimer_irq = 26;
    p->irqc_version = 3;
    p->console_base = 0x09000000;
}

#define TABLE(field, count) ((struct plan_table){(uint32_t)offsetof(struct plan_fixture, field), count})

static void fill_tables(struct plan_fixture *f)
{
    f->p.cpus = TABLE(cpus, 4);
    f->p.vms = TABLE(vms, 2);
    f->p.regions = TABLE(regions, FIXTURE_REGIONS);
    f->p.irqs = TABLE(irqs, FIXTURE_IRQS);
    f->p.images = TABLE(images, FIXTURE_IMAGES);
    f->p.channels = TABLE(channels, 0);
    strcpy(f->log, "two VMs\n");
    f->p.log = TABLE(log, (uint32_t)strlen(f->log));
    for (unsigned i = 0; i < 4U; i++) {
        f->cpus[i].hw_id = i;
    }
    const struct plan_region regions[FIXTURE_REGIONS] = {
        {0x40000000, 0x40400000, 0x200000, PLAN_REGION_RAM, RWX, 0},
        {0x40200000, 0x41000000, 0x1000000, PLAN_REGION_RAM, RWX, 0},
        {0x09000000, 0x09000000, 0x1000, PLAN_REGION_DEVICE, RW, 0},
        {0x40000000, 0x40600000, 0x200000, PLAN_REGION_RAM, RWX, 0},
        {0x09040000, 0x09040000, 0x1000, PLAN_REGION_DEVICE, RW, 0},
        {0x09010000, 0x09010000, 0x1000, PLAN_REGION_DEVICE, RW, 0},
    };
    memcpy(f->regions, regions, sizeof(regions));
    f->irqs[0] = (struct plan_irq){33, 0};
    f->irqs[1] = (struct plan_irq){40, PLAN_IRQ_EDGE};
    f->irqs[2] = (struct plan_irq){41, 0};
    f->images[0] = (struct plan_image){.pa = 0x40400000, .size = 0x1000};
    f->images[1] = (struct plan_image){.pa = 0x40500000, .size = 0x100000, .flags = PLAN_IMAGE_CHECK};
    f->images[2] = (struct plan_image){.pa = 0x40600000, .size = 8};
}

void plan_fixture_good(struct plan_fixture *f)
{
    memset(f, 0, sizeof(*f));
    fill_header(&f->p);
    fill_tables(f);
    f->vms[0] = (struct plan_vm){
        .name = "one",
        .nr_vcpus = 2,
        .cpus = {0, 2},
        .ipa_bits = 31,
        .entry = 0x40000000,
        .dtb = 0x40100000,
        .irqc_ipa = {0x08000000, 0x080a0000},
        .nr_regions = 3,
        .nr_irqs = 1,
        .nr_images = 2,
    };
    f->vms[1] = (struct plan_vm){
        .name = "two",
        .nr_vcpus = 1,
        .cpus = {1},
        .ipa_bits = 31,
        .entry = 0x40000004,
        .irqc_ipa = {0x08000000, 0x080a0000},
        .first_region = 3,
        .nr_regions = 3,
        .first_irq = 1,
        .nr_irqs = 2,
        .first_image = 2,
        .nr_images = 1,
    };
    plan_fixture_seal(f);
}

void plan_fixture_restart(struct plan_fixture *f)
{
    f->vms[0].on_reset = PLAN_POLICY_RESTART;
    f->vms[0].pristine_pa = 0x40800000;
    f->vms[0].pristine_size = 0x400000;
    f->images[0].pristine_pa = 0x40800000;
    f->images[1].pristine_pa = 0x409c0000;
    f->vms[1].on_reset = PLAN_POLICY_RESTART;
    f->vms[1].pristine_pa = 0x40c00000;
    f->vms[1].pristine_size = 0x200000;
    f->images[2].pristine_pa = 0x40dffff8;
    plan_fixture_seal(f);
}

void plan_fixture_channel(struct plan_fixture *f)
{
    f->regions[2] = (struct plan_region){0x50000000, 0x43000000, 0x2000, PLAN_REGION_CHANNEL, RW, 0};
    f->regions[5] = (struct plan_region){0x60000000, 0x43000000, 0x2000, PLAN_REGION_CHANNEL, RW & ~2U, 0};
    plan_fixture_seal(f);
}

void plan_fixture_doorbells(struct plan_fixture *f)
{
    const struct plan_region page = {0x4ffff000, 0x42fff000, 0x1000, PLAN_REGION_CHANNEL, 1, 0};
    const struct plan_channel channel = {.info_pa = 0x42fff000, .nr_ends = 2, .end = {{0, 33, 1000, 4}, {1, 40, 1, 1}}};

    plan_fixture_channel(f);
    memmove(&f->regions[4], &f->regions[3], 2U * sizeof(f->regions[0]));
    f->regions[7] = (struct plan_region){0x60000000, 0x43000000, 0x2000, PLAN_REGION_CHANNEL, 1, 0};
    f->regions[3] = f->regions[2];
    f->regions[2] = page;
    f->regions[6] = page;
    f->regions[6].ipa = 0x5ffff000;
    f->vms[0].nr_regions = 4;
    f->vms[1].first_region = 4;
    f->vms[1].nr_regions = 4;
    f->p.regions.count = FIXTURE_REGIONS + FIXTURE_MORE;
    f->irqs[0].flags = PLAN_IRQ_EDGE;
    f->channels[0] = channel;
    f->p.channels.count = 1;
    plan_fixture_seal(f);
}

void plan_fixture_direct(struct plan_fixture *f)
{
    plan_fixture_doorbells(f);
    f->channels[0].flags = PLAN_CHANNEL_DIRECT;
    f->channels[0].files_ipa[0] = 0x70000000;
    f->channels[0].files_ipa[1] = 0x70000000;
    plan_fixture_seal(f);
}

void plan_fixture_coloured(struct plan_fixture *f)
{
    f->p.llc = (struct plan_llc){.size = 0x100000, .ways = 16, .line = 64, .colours = 16};
    f->regions[0].colours = 0xff;
    f->regions[1].colours = 0xff;
    f->regions[1].size = 0x400000;
    f->regions[3].colours = 0xff00;
    f->regions[3].pa = 0x40410000;
    f->images[1].pa = 0x40600000; /* 1 MiB into the first region: 32 periods of 8 pages */
    f->images[2].pa = 0x40418000; /* the first page of its colours */
    f->vms[0].on_reset = PLAN_POLICY_RESTART;
    f->vms[0].pristine_pa = 0x41800000;
    f->vms[0].pristine_size = 0x102000;
    f->images[0].pristine_pa = 0x41800000;
    f->images[1].pristine_pa = 0x41801000;
    f->vms[1].on_reset = PLAN_POLICY_RESTART;
    f->vms[1].pristine_pa = 0x41810000;
    f->vms[1].pristine_size = 0x1000;
    f->images[2].pristine_pa = 0x41818ff8;
    plan_fixture_seal(f);
}

void plan_fixture_shared(struct plan_fixture *f)
{
    plan_fixture_good(f);
    f->regions[2].ipa = 0x09050000;
    f->regions[2].pa = 0x09050000;
    f->irqs[0].intid = 50;
    f->p.console_size = 0x1000;
    f->p.console_irq = 33;
    f->p.console_cpu = 3;
    for (unsigned i = 0; i < 2U; i++) {
        f->vms[i].vuart_ipa = 0x09000000;
        f->vms[i].vuart_irq = 33;
    }
    plan_fixture_seal(f);
}

void plan_fixture_seal(struct plan_fixture *f)
{
    f->p.sum = plan_sum_self(&f->p);
}

void plan_fixture_gicv2(struct plan_fixture *f)
{
    f->p.irqc_version = 2;
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) {
        static const uint64_t base[PLAN_IRQC_FRAMES] = {0x08000000, 0x08010000, 0x08030000, 0x08040000};

        f->p.irqc_base[i] = base[i];
        f->p.irqc_size[i] = 0x10000;
    }
    for (unsigned i = 0; i < 2U; i++) {
        f->vms[i].irqc_ipa[0] = 0x08000000;
        f->vms[i].irqc_ipa[1] = 0x08010000;
    }
}

void plan_fixture_riscv(struct plan_fixture *f, enum plan_irqc irqc)
{
    bool aia = irqc == PLAN_IRQC_AIA;

    f->p.isa = PLAN_ISA_RISCV;
    f->p.irqc_version = (uint32_t)irqc;
    f->p.pa_bits_min = 41;
    f->p.maint_irq = f->p.vtimer_irq = f->p.ptimer_irq = 0;
    f->p.htimer_irq = 5;
    f->p.timebase_hz = 10000000;
    f->p.irqc_ids = aia ? 255 : 0;
    f->p.irqc_base[0] = aia ? 0x0d000000 : 0x0c000000;
    f->p.irqc_size[0] = aia ? 0x8000 : 0x600000;
    f->p.irqc_base[1] = aia ? 0x28000000 : 0;
    f->p.irqc_size[1] = aia ? 0x10000 : 0;
    for (unsigned i = 0; i < ARRAY_SIZE(f->cpus); i++) {
        f->cpus[i].hw_id = i;
        f->cpus[i].irqc_pa = aia ? 0x28000000 + 0x2000ULL * i : 0;
        f->cpus[i].irqc_index = aia ? i : 2U * i + 1U;
    }
    for (unsigned i = 0; i < 2U; i++) {
        f->vms[i].irqc_ipa[0] = f->p.irqc_base[0];
        f->vms[i].irqc_ipa[1] = f->p.irqc_base[1];
    }
}

void plan_fixture_hv_colours(struct plan_fixture *f, uint64_t colours)
{
    f->p.llc = (struct plan_llc){.size = 0x100000, .ways = 16, .line = 64, .colours = 16};
    f->p.hv_colours = colours;
    f->p.hv_home = 0x43000000;
    plan_fixture_seal(f);
}
