/* SPDX-License-Identifier: Apache-2.0 */
#include "own_fixture.h"

#include <string.h>

#include "core/own.h"
#include "core/vm.h"
#include "hv/arch_ops.h"

static _Alignas(4096) uint8_t memory[HV_REGION_SIZE];

static uint64_t taken = sizeof(memory); /* up to here it is not as at the start */

static void *own(uint64_t first, uint64_t size)
{
    taken = first + size > taken ? first + size : taken;
    return memory + first;
}

void own_fixture(void)
{
    static const struct plan none;

    memset(memory, 0xa5, taken);
    taken = 0;
    arch_ops.mmu.own = own;
    own_begin(&none);
}

void own_fixture_vms(void)
{
    own_fixture();
    vms = own_take(HV_MAX_VMS * sizeof(vms[0]));
    memset(vms, 0, HV_MAX_VMS * sizeof(vms[0]));
}
