/* SPDX-License-Identifier: Apache-2.0 */
/* How a fault of an attempt is told. */
#include "attempt.h"

void print_fault(struct outcome o)
{
    print("fault ec 0x%lx fsc 0x%lx far 0x%lx\n", o.cause >> 26 & 0x3fU, o.cause & 0x3fU, o.addr);
}
