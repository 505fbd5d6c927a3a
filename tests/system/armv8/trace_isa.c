/* SPDX-License-Identifier: Apache-2.0 */
/* Recorders of the ops that are Armv8's own. */
#include "trace_op.h"

VALUE_OP(uint64_t, isa, id_reg, (uint32_t enc), (enc), enc)

VALUE_OP(unsigned, virq, nr_lrs, (void), (), 0)
VALUE_OP(uint64_t, virq, read_lr, (unsigned n), (n), n)
VOID_OP(virq, write_lr, (unsigned n, uint64_t lr), (n, lr), n, lr)
VALUE_OP(uint32_t, virq, empty, (void), (), 0)
VOID_OP(virq, reset, (void), (), 0)
VALUE_OP(unsigned, virq, priority_bits, (void), (), 0)
VOID_OP(virq, tell, (unsigned cpu), (cpu), cpu)

void trace_isa_ops(struct arch_ops *ops)
{
    ops->virq = (struct virq_ops){ .nr_lrs = virq_nr_lrs, .read_lr = virq_read_lr, .write_lr = virq_write_lr,
                                   .empty = virq_empty, .reset = virq_reset, .priority_bits = virq_priority_bits,
                                   .tell = virq_tell };
    ops->isa = (struct isa_ops){ .id_reg = isa_id_reg };
}
