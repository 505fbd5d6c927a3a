/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses are volatile, so that the compiler neither knows nor forbids what is done with them. */
#include "faults.h"

#include "hv/board.h"
#include "hv/check.h"
#include "lib/string.h"

void hv_trap_door(void) __asm__("hv_trap");

static volatile uint64_t cell = 1;
static uint64_t *volatile const null = NULL;

__attribute__((noinline)) static uint64_t fault_stack(uint64_t depth)
{
    volatile uint64_t frame[8];
    frame[depth % 8U] = depth;
    return cell == 0U ? depth : fault_stack(depth + 1U) + frame[depth % 8U];
}

__attribute__((noinline)) static void fault_null(void)
{
    cell = *null;
}

__attribute__((noinline)) static void fault_physical(void)
{
    uint64_t *volatile physical = (uint64_t *)board.load_base; /* the image's own physical address, which is not mapped */
    cell = *physical;
}

__attribute__((noinline)) static void fault_text(void)
{
    uint32_t *volatile text = (uint32_t *)(void *)hv_trap_door; /* as code is aligned */
    *text = 0;
}

__attribute__((noinline)) static void fault_fetch(void)
{
    void (*volatile data)(void) = (void (*)(void))(uint64_t)&cell;
    data();
}

__attribute__((noinline)) static void fault_check(void)
{
    CHECK(cell == 0U);
}

#define AREA_BYTES 8192U
#define BEYOND     1024U /* what is looked at behind the end: the largest block that is cleared at once */
#define BEFORE     0xa5U

static uint8_t area[AREA_BYTES] __attribute__((aligned(4096)));

/* One call, and each byte from the area's start to well behind its end. */
static void clear(size_t at, size_t n, uint8_t value)
{
    size_t end = at + n + BEYOND;

    for (size_t i = 0; i < end; i++) {
        area[i] = BEFORE;
    }
    CHECK(__builtin_memset(&area[at], value, n) == &area[at]);
    for (size_t i = 0; i < end; i++) {
        CHECK(area[i] == (i - at < n ? value : BEFORE));
    }
}

/* Around words, the blocks that there may be, and several of them, from where these begin and do not. */
__attribute__((noinline)) static void fault_clear(void)
{
    static const uint16_t starts[] = {0, 1, 7, 8, 9, 16, 32, 56, 63, 64, 65, 120, 128, 248, 504, 512, 1016};
    static const uint16_t sizes[] = {0, 16, 64, 128, 256, 320, 512, 576, 640, 832, 1024, 1152, 2048, 4096, 4608, 5632};

    for (unsigned s = 0; s < ARRAY_SIZE(starts); s++) {
        for (unsigned k = 0; k < ARRAY_SIZE(sizes); k++) {
            for (unsigned more = 0; more <= 8U; more++) {
                clear(starts[s], sizes[k] + more * 3U, 0);
            }
            clear(starts[s], sizes[k], 0x81);
            clear(starts[s], sizes[k] + 7U, 0x81);
        }
    }
}

enum exit_action __wrap_fw_call(struct vcpu *v, uint16_t imm)
{
    switch (v->regs.x[CALL_REGISTER] - FAULT_CALL) {
    case FAULT_STACK:
        cell = fault_stack(0);
        break;
    case FAULT_NULL:
        fault_null();
        break;
    case FAULT_PHYSICAL:
        fault_physical();
        break;
    case FAULT_TEXT:
        fault_text();
        break;
    case FAULT_FETCH:
        fault_fetch();
        break;
    case FAULT_CHECK:
        fault_check();
        break;
    case FAULT_CLEAR:
        fault_clear();
        return __real_fw_call(v, imm);
    default:
        return __real_fw_call(v, imm);
    }
    return EXIT_RESUME; /* only if the fault went unnoticed: the guest sees its x0 unchanged */
}
