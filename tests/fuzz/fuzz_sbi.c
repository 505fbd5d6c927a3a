/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any SBI call with any arguments by the harts of two VMs, with what their CPUs do in between: IPIs that arrive, starts,
 * ends and new lives (tests/unit/riscv/sbi_steps.c). After each call: registers but a0 and a1, memory, the other VM and its
 * console, and other CPUs' interrupts are as they were, fences and IPIs have gone to the caller's VM alone. After each step
 * the VMs' states are such as there are.
 */
#include "fuzz_steps.h"
#include "sbi_fixture.h"
#include "steps.h"

#define MAX_STEPS 250U

static void audit(const struct vm *vm)
{
    unsigned on = 0;
    for (unsigned n = 0; n < vm->nr_vcpus; n++) {
        uint32_t state = atomic32_load(&vm->vcpus[n].state);
        FUZZ_EXPECT(state <= VCPU_ON);
        on += state != VCPU_OFF;
    }
    FUZZ_EXPECT(vm->online == on && vm->inside <= vm->nr_vcpus);
    FUZZ_EXPECT(atomic32_load(&vm->state) <= VM_STOPPED && vm->end <= VM_END_RESET);
    FUZZ_EXPECT(atomic32_load(&vm->lock.next) == atomic32_load(&vm->lock.owner)); /* free */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 16U) {
        return -1;
    }
    fuzz_draw_from(data, size);
    sbi_steps_begin();
    for (unsigned n = 0; n < MAX_STEPS && fuzz_more(); n++) {
        (void)sbi_step();
        audit(sbi_vm);
        audit(sbi_other);
    }
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    fuzz_random_seeds(emit, 24, 2000);
}
