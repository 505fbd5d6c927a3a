/* SPDX-License-Identifier: Apache-2.0 */
/* Doorbells of channels in hvplan: which interrupts they are, what rates they have, and what plan, trees and discovery page say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "hv/channel_info.h"
#include "hvplan_fixture.h"

#define LOAD        0x40200000ULL
#define VM(n)       n " { vcpus = <1>; memory = \"4M\"; image = \"raw.bin\"; };\n"
#define VMS         VM("a") VM("b")
#define CHANNELS    "}; channels {\n" /* ends what hvplan_vms() begins */
#define ENDS(a, b)  "endpoints { a { " a " }; b { " b " }; };"

static uint8_t *file;
static size_t file_size;
static const struct plan *plan;

static void build(const char *body)
{
    plan = hvplan_build(body, &file, &file_size);
}

static void assert_end(uint32_t channel, uint32_t i, struct plan_endpoint want)
{
    const struct plan_endpoint *e = &plan_channel(plan, channel)->end[i];

    assert_int_equal(e->vm, want.vm);
    assert_int_equal(e->intid, want.intid);
    assert_int_equal(e->rate, want.rate);
    assert_int_equal(e->burst, want.burst);
}

/* QEMU's virt has its last devices at SPIs 16 to 47, and so a GIC of SPIs up to 63. */
static void doorbells_are_interrupts_that_no_device_has(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { memory = \"4K\"; doorbells; " ENDS("", "rate = <100>; burst = <1>;") " };");
    assert_int_equal(plan->channels.count, 1);
    assert_int_equal(plan_channel(plan, 0)->info_pa, 0x40800000);
    assert_int_equal(plan_channel(plan, 0)->nr_ends, 2);
    assert_end(0, 0, (struct plan_endpoint){0, 95, 10000, 16});
    assert_end(0, 1, (struct plan_endpoint){1, 94, 100, 1});
    for (uint32_t vm = 0; vm < 2U; vm++) {
        const struct plan_vm *v = plan_vm(plan, vm);

        assert_int_equal(v->nr_irqs, 1);
        assert_int_equal(plan_irq(plan, v->first_irq)->intid, 95U - vm);
        assert_int_equal(plan_irq(plan, v->first_irq)->flags, PLAN_IRQ_EDGE);
    }
    assert_contains((const char *)plan + plan->log.offset, "common memory 4 KiB; doorbells a irq 95, rings 10000/s, b irq 94, rings 100/s\n");
}

static void a_guests_tree_has_its_doorbell(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { doorbells; " ENDS("", "") " };");
    for (uint32_t vm = 0; vm < 2U; vm++) {
        const struct plan_vm *v = plan_vm(plan, vm);
        const void *fdt = file + (plan_image(plan, v->first_image + v->nr_images - 1U)->pa - LOAD);
        int len = 0;
        const fdt32_t *irq = fdt_getprop(fdt, fdt_path_offset(fdt, "/channel@50000000"), "interrupts", &len);

        assert_int_equal(len, 12);
        assert_int_equal(fdt32_ld(irq), 0);            /* an SPI */
        assert_int_equal(fdt32_ld(irq + 1), 63U - vm);
        assert_int_equal(fdt32_ld(irq + 2), 1);        /* rising edge */
    }
}

static void a_channel_without_doorbells_has_none(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { memory = \"4K\"; " ENDS("", "") " };");
    assert_end(0, 0, (struct plan_endpoint){0, 0, 0, 0});
    assert_end(0, 1, (struct plan_endpoint){1, 0, 0, 0});
    assert_int_equal(plan->irqs.count, 0);
}

static void who_may_not_ring_can_be_rung(void **state)
{
    (void)state;
    build(VMS CHANNELS "c { doorbells; " ENDS("rate = <0>; burst = <3>;", "") " };");
    assert_end(0, 0, (struct plan_endpoint){0, 95, 0, 0});
    assert_end(0, 1, (struct plan_endpoint){1, 94, 10000, 16});
}

static void the_discovery_page_tells_of_all(void **state)
{
    (void)state;
    build(VMS VM("third") CHANNELS "x { " ENDS("output = \"4K\";", "") " };\n"
              "longer-name-15b { memory = \"8K\"; doorbells; endpoints { b { output = \"16K\"; }; third { ro; rate = <5>; burst = <2>; }; }; };");
    const struct channel_info *p = (const void *)(file + (plan_channel(plan, 1)->info_pa - LOAD));

    assert_true(p->magic == CHANNEL_INFO_MAGIC);
    assert_memory_equal(p, "BHKCHNN1", 8);
    assert_int_equal(p->major, 1);
    assert_int_equal(p->minor, 1);
    assert_int_equal(p->length, sizeof(*p));
    assert_string_equal(p->name, "longer-name-15b");
    assert_int_equal(p->number, 1);
    assert_int_equal(p->nr_ends, 2);
    assert_string_equal(p->end[0].name, "b");
    assert_int_equal(p->end[0].flags, CHANNEL_END_DOORBELL);
    assert_int_equal(p->end[0].rate, 10000);
    assert_string_equal(p->end[1].name, "third");
    assert_int_equal(p->end[1].state, CHANNEL_STATE_ABSENT);
    assert_int_equal(p->end[1].flags, CHANNEL_END_DOORBELL | CHANNEL_END_RO);
    assert_int_equal(p->end[1].burst, 2);
    assert_int_equal(p->end[2].name[0], 0);
    assert_int_equal(p->nr_sections, 2);
    assert_int_equal(p->section[0].offset, 0x1000);
    assert_int_equal(p->section[0].size, 0x2000);
    assert_int_equal(p->section[0].writer, CHANNEL_INFO_ALL);
    assert_int_equal(p->section[1].offset, 0x3000);
    assert_int_equal(p->section[1].size, 0x4000);
    assert_int_equal(p->section[1].writer, 0);
    assert_int_equal(p->direct[0].offset | p->direct[0].files | p->direct[0].target | p->direct[1].offset, 0);
}

/* No two are the same; those of the tree are no doorbells, though no VM has the devices. What is left below INTID 96 is less than is
 * asked for: the rest is further up, and the hypervisor sees at boot whether it exists. */
static void more_doorbells_than_surely_exist_are_further_up(void **state)
{
    static const uint32_t devices[] = {33, 40, 48, 50, 51, 72, 73, 74, 75, 76}; /* of small.dts, one by interrupts-extended */
    bool seen[1020] = {false};
    char body[8192] = VMS VM("third") VM("fourth") CHANNELS;
    uint32_t last = 0;

    (void)state;
    for (unsigned i = 0; i < MAX_CHANNELS; i++) {
        size_t n = strlen(body);

        snprintf(body + n, sizeof(body) - n, "c%u { doorbells; endpoints { a { }; b { }; third { }; fourth { }; }; };\n", i);
    }
    build(body);
    for (uint32_t i = 0; i < MAX_CHANNELS; i++) {
        for (uint32_t k = 0; k < 4U; k++) {
            uint32_t intid = plan_channel(plan, i)->end[k].intid;

            assert_true(intid > 32U && intid < plan->nr_irqs && !seen[intid]);
            seen[intid] = true;
            last = intid > last ? intid : last;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
        assert_false(seen[devices[i]]);
    }
    assert_int_equal(plan_channel(plan, 0)->end[0].intid, 95);
    assert_true(seen[41] && seen[96] && last > 96U);
}

static const struct {
    const char *body; /* begins at line 5 */
    const char *says;
} wrong[] = {
    {"doorbells = <1>; " ENDS("", ""), ":8: error: /channels/c: doorbells has a value of the wrong type"},
    {"doorbells = <1>; " ENDS("", ""), "cells; write doorbells; or, among VMs that trust each other, doorbells = \"direct\""},
    {"doorbells = \"Direct\"; " ENDS("", ""), ":8: error: /channels/c: doorbells has a wrong value; write doorbells; or, among"},
    {"doorbells = \"direct\", \"x\"; " ENDS("", ""), ":8: error: /channels/c: doorbells has a wrong value; write doorbells; or, among"},
    {"doorbells = \"direct\"; " ENDS("", ""), ":8: error: /channels/c: doorbells are \"direct\", and the board's interrupt controller, a "
                                              "GICv3, has no interrupt files that guests could have (those of an AIA); write doorbells;"},
    {"doorbells; " ENDS("rate = <1000001>;", ""), ":8: error: /channels/c/endpoints/a: rate has a wrong value; write one cell, <0> to <1000000>"},
    {"doorbells; " ENDS("rate = \"1\";", ""), ":8: error: /channels/c/endpoints/a: rate has a value of the wrong type: text; write one cell, <0> to"},
    {"doorbells; " ENDS("", "burst = <0>;"), ":8: error: /channels/c/endpoints/b: burst has a wrong value; write one cell, <1> to <1000>"},
    {"doorbells; " ENDS("", "burst = <1001>;"), ":8: error: /channels/c/endpoints/b: burst has a wrong value"},
    {"memory = \"4K\"; " ENDS("", "rate = <1>;"), ":8: error: /channels/c/endpoints/b: the channel has no doorbells, of which rate would be"},
    {"memory = \"4K\"; " ENDS("burst = <1>;", ""), ":8: error: /channels/c/endpoints/a: the channel has no doorbells, of which burst would be"},
    {"doorbell; " ENDS("", ""), ":8: error: /channels/c: unknown property doorbell; did you mean doorbells?"},
};

static void every_wrong_doorbell_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char body[1024];

        snprintf(body, sizeof(body), "%sc { %s };", VMS CHANNELS, wrong[i].body);
        struct outcome o = hvplan_vms("check", body);

        if (o.rc != 1 || strstr(o.err, wrong[i].says) == NULL) {
            fail_msg("%s\nexit status %d, and \"%s\" is not in:\n%s", body, o.rc, wrong[i].says, o.err);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doorbells_are_interrupts_that_no_device_has),
        cmocka_unit_test(a_guests_tree_has_its_doorbell),
        cmocka_unit_test(a_channel_without_doorbells_has_none),
        cmocka_unit_test(who_may_not_ring_can_be_rung),
        cmocka_unit_test(the_discovery_page_tells_of_all),
        cmocka_unit_test(more_doorbells_than_surely_exist_are_further_up),
        cmocka_unit_test(every_wrong_doorbell_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, hvplan_setup, hvplan_teardown);
}
