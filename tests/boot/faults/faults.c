/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses are volatile, so that the compiler neither knows nor forbids what is done with them. */
#include "faults.h"

#include "hv/board.h"
#include "hv/check.h"

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
    default:
        return __real_fw_call(v, imm);
    }
    return EXIT_RESUME; /* only if the fault went unnoticed: the guest sees its x0 unchanged */
}
