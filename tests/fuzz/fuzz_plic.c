/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two VMs with virtual PLICs: what devices, guests and CPUs do, drawn from the input (tests/unit/riscv/plic_steps.c). Of
 * every second input each step is followed until all is quiet and compared with the reference model; of the others CPUs are
 * late, and at the end nothing must have been lost.
 */
#include "fuzz_steps.h"
#include "steps.h"

#define MAX_STEPS 250U /* each is followed by a look at every source: slow inputs teach little */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 16U) {
        return -1;
    }
    fuzz_draw_from(data, size);
    bool late = steps_draw(2) != 0U;
    (late ? plic_late_begin : plic_steps_begin)();
    for (unsigned n = 0; n < MAX_STEPS && fuzz_more(); n++) {
        if (late) {
            plic_late_step();
        } else {
            plic_step(false);
        }
    }
    if (late) {
        plic_late_end();
    } else {
        plic_step(true);
    }
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    fuzz_random_seeds(emit, 24, 1200);
}
