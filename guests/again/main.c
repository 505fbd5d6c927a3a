/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that lives again and again: each life looks whether anything of the last one is left in its RAM, changes
 * everything that a guest can change on both of its CPUs, and ends as the next character on its console says.
 *
 * Keys: r asks for a reset, s lets the second CPU ask, b both at once, f faults for good, q powers off.
 */
#include "again.h"

#define PATTERN 0xa5a5a5a55a5a5a5aULL
#define NOWHERE 0x1000000000ULL /* nothing of this guest's is there */

static volatile uint64_t other_is_up, command;

/* Where RAM is nobody's: the device tree lies behind the image, and is smaller than this. */
#define TREE_ROOM 0x10000U
static uint64_t tree_end(void)
{
    uint32_t len = 0;
    uint64_t property = (uint64_t)fdt_prop(fdt_path("/"), "compatible", &len);

    return (property + TREE_ROOM) & ~0xfffULL;
}

static void look_and_fill(void)
{
    uint64_t base = 0;
    uint64_t size = 0;
    uint64_t left = 0;

    (void)fdt_memory(&base, &size);
    for (uint64_t at = tree_end(); at < base + size; at += 8U) {
        left += mmio_read64(at) != 0U ? 1U : 0U;
        mmio_write64(at, PATTERN);
    }
    if (left != 0U) {
        print("guest: unexpected: %lu words of the last life are left\n", left);
    }
}

static void reset(void)
{
    (void)system_reset();
    print("guest: unexpected: the reset returned\n");
}

void guest_secondary(uint64_t arg)
{
    (void)arg;
    change_all();
    other_is_up = 1;
    barrier();
    while (command == 0U) {
        barrier();
    }
    if (command == 's' || command == 'b') {
        reset();
    }
    while (true) {
        barrier();
    }
}

/* No handler that could be fetched. */
static _Noreturn void fault_for_good(void)
{
    set_vectors(NOWHERE);
    barrier();
    call_at(NOWHERE);
    __builtin_unreachable();
}

static void obey(int key)
{
    command = (uint64_t)key;
    barrier();
    if (key == 'r' || key == 'b') {
        reset();
    } else if (key == 'f') {
        fault_for_good();
    }
    while (key == 's') {
        barrier();
    }
}

void guest_main(void)
{
    int key = -1;

    look_and_fill();
    print("again: alive\n");
    if (!irqc_init()) {
        print("guest: unexpected interrupt controller\n");
    }
    look_at_interrupts();
    if (cpu_start(1, 0) != 0) {
        print("guest: unexpected: the second CPU does not start\n");
    }
    while (other_is_up == 0U) {
        barrier();
    }
    change_all();
    while (key != 'q') {
        key = uart_getc();
        if (key >= 0) {
            obey(key);
        }
    }
}
