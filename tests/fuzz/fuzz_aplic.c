/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two VMs with virtual APLICs over one machine's: accesses of any width, wires, lines of emulated devices, ends of VMs
 * (tests/unit/riscv/aplic_steps.c). After each step what guests read, the MSIs that have come, and the machine's enables
 * are as the reference model has them, and nobody has touched what is another's.
 */
#include "fuzz_steps.h"
#include "steps.h"

#define MAX_STEPS 250U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 16U) {
        return -1;
    }
    fuzz_draw_from(data, size);
    aplic_steps_begin();
    for (unsigned n = 0; n < MAX_STEPS && fuzz_more(); n++) {
        aplic_step();
    }
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    fuzz_random_seeds(emit, 24, 2000);
}
