/* SPDX-License-Identifier: Apache-2.0 */
/* Recorders of the ops that are RISC-V's own. */
#include "trace_op.h"

VOID_OP(virq, set, (uint64_t bits), (bits), bits)
VOID_OP(virq, clear, (uint64_t bits), (bits), bits)
VALUE_OP(uint64_t, virq, pending, (void), (), 0)
VALUE_OP(uint64_t, virq, enabled, (void), (), 0)
VOID_OP(virq, timer, (uint64_t when), (when), when)
VALUE_OP(bool, virq, has_sstc, (void), (), 0)
VALUE_OP(unsigned, virq, guest_files, (void), (), 0)
VOID_OP(virq, file_reset, (void), (), 0)
VOID_OP(virq, source_mode, (uint32_t intid, enum aplic_mode mode), (intid, mode), intid, mode)
VOID_OP(virq, target, (uint32_t intid, unsigned cpu, uint32_t identity), (intid, cpu, identity), intid, cpu, identity)
VOID_OP(virq, send_msi, (unsigned cpu, uint32_t identity), (cpu, identity), cpu, identity)

static uint32_t virq_inputs(unsigned word)
{
    trace_before();
    uint32_t val = trace_real.virq.inputs(word);
    TRACE(NAME(virq, inputs), val & trace_own(word), word);
    return val;
}

VOID_OP(isa, read_access, (struct exit_raw *out), (out), out->esr, out->far, out->hpfar)
VALUE_OP(enum hv_status, isa, remote_fence,
         (enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid),
         (what, cpus, start, size, asid), what, cpus, start, size, asid)
VALUE_OP(uint64_t, isa, machine_id, (unsigned which), (which), which)
VALUE_OP(bool, isa, read_guest, (void *to, ipaddr_t from, uint32_t len), (to, from, len), from.v, len,
         result ? trace_sum(to, len) : 0U)
VALUE_OP(bool, isa, write_guest, (ipaddr_t to, const void *from, uint32_t len), (to, from, len), to.v, len,
         trace_sum(from, len))

void trace_isa_ops(struct arch_ops *ops)
{
    ops->virq = (struct virq_ops){ .set = virq_set, .clear = virq_clear, .pending = virq_pending, .enabled = virq_enabled,
                                   .timer = virq_timer, .has_sstc = virq_has_sstc, .guest_files = virq_guest_files,
                                   .file_reset = virq_file_reset, .source_mode = virq_source_mode, .target = virq_target,
                                   .send_msi = virq_send_msi, .inputs = virq_inputs };
    ops->isa = (struct isa_ops){ .read_access = isa_read_access, .remote_fence = isa_remote_fence, .machine_id = isa_machine_id,
                                 .read_guest = isa_read_guest, .write_guest = isa_write_guest };
}
