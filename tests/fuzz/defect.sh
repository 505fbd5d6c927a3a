#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# defect.sh TARGET: a file of hv/, of hvplan or of the guests' library, with one defect of the kind the fuzz target is for, on standard output.
set -eu
case $1 in
# A guest's page-table walk that hits a device looks like an access of its own, and is emulated.
exit) file=hv/arch/armv8/exit_decode.c edit='s/\(ISS_CM \| ISS_S1PTW\)/ISS_CM/' ;;
# A GICv2's SGI that is pending in a list register is lost when the list registers are folded.
vgic) file=hv/vdev/vgic_fold.c edit='s/^( *)vgic_source_set\(b, intid, .*LR_SOURCE\(lr\)\);/\1(void)lr;/' ;;
# The interrupt of an emulated UART stays raised when its cause is gone.
uart) file=hv/vdev/vconsole.c edit='s/if \(line != c->line\)/if (line \&\& !c->line)/' ;;
# CPU_ON succeeds while the VM is ending.
psci) file=hv/core/lifecycle.c edit='s/ && atomic32_load\(&vm->state\) <= VM_RUNNING//' ;;
# Regions of two VMs may share pages, as long as they do not begin alike.
plan) file=hv/core/plan_check_overlap.c edit='s/extents_meet\(&e, &f\)/e.base.v == f.base.v/' ;;
# A VM may name more CPUs than there is room for.
front | rvfront) file=sim/hvplan/front_vm.c edit='s/ \|\| v->len \/ 4 > \(int\)VM_MAX_VCPUS\) \{/) {/' ;;
# A misaligned access is emulated as if it were none.
rvexit) file=hv/arch/riscv/exit_decode.c edit='s/ \|\| !is_aligned\(ipa, a\.size\)//' ;;
# A remote fence goes to CPUs whose hart is not on, which may be in nobody's guest.
sbi) file=hv/fw/sbi_rfence.c edit='s/ && atomic32_load\(&t->state\) == \(uint32_t\)VCPU_ON//' ;;
# A completion counts although the context has the source disabled.
plic) file=hv/vdev/vplic_regs.c edit='s/w->enable\[context\] & w->service & ~w->pending/w->service \& ~w->pending/' ;;
# A source's target may be a hart of another VM's CPU.
aplic) file=hv/vdev/vaplic_source.c edit='s/vcpu < g->vm->nr_vcpus && identity/vcpu < VM_MAX_VCPUS \&\& identity/' ;;
# An overrun is told for ever.
uart16550) file=hv/vdev/vuart_16550.c edit='s/^    u->overrun = false;/    (void)lsr;/' ;;
# The consumer takes the length of a message as it stands in shared memory.
shm) file=guests/lib/shm_queue.c edit='s/= length <= shm_payload_bytes\(&c->q\);/= length <= UINT32_MAX;/' ;;
*) echo "defect.sh: no defect for $1" >&2; exit 2 ;;
esac
echo "#line 1 \"$file\""
sed -E "$edit" "$file"
if sed -E "$edit" "$file" | cmp -s - "$file"; then
    echo "defect.sh: the edit of $file no longer applies" >&2
    exit 1
fi
