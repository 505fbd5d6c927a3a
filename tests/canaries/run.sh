#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who watches the detectors? For each, a copy of the tree gets one defect of the kind it is for, is built, and its test
# must fail, in the detector's own words. A defect that goes unnoticed, or an edit that no longer changes its file, is a
# failure. Prints "N passed, M failed". ONLY=regex chooses by name. DRY=1 builds nothing and says which edits no longer apply.
# Objects of the tree itself are taken along, with all times kept, so that of a copy the edited file alone is compiled: `make
# canaries` sees to it that they are there and up to date.
set -u
host=${OUT:-build}/host
out=${OUT:-build}/canaries
jobs=$(nproc 2>/dev/null || echo 2)
count=0
dry_failed=0
[ -n "${DRY:-}" ] || { rm -rf -- "$out" && mkdir -p "$out"; }

# canary NAME FILE SED-SCRIPT MODE TEST WORDS: with FILE so edited, TEST of build MODE must fail and say WORDS. As many at a
# time as there are cores.
canary() {
    [[ $1 =~ ${ONLY:-} ]] || return
    count=$((count + 1))
    if [ -n "${DRY:-}" ]; then
        if sed -E "$3" "$2" | cmp -s - "$2"; then
            echo "canary $1: the edit of $2 no longer applies"
            dry_failed=1
        fi
        return
    fi
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n
    done
    { try "$@" && echo "canary $1: noticed" || echo "canary $1: FAILED: $(<"$out/$1.why")"; } | tee "$out/$1.verdict" &
}

try() {
    local name=$1 file=$2 edit=$3 mode=$4 test=$5 words=$6
    local tree=$out/$name why=$out/$name.why
    mkdir -p "$tree/guests" "$tree/out/host/$mode"
    cp -rp Makefile hv sim tests "$tree"/
    cp -p guests/*.mk "$tree/guests"/
    (cd "$host/$mode" && find . -name '*.o' -print0 | tar --null -T - -cf -) | tar -C "$tree/out/host/$mode" -xf -
    sed -i -E "$edit" "$tree/$file"
    if cmp -s "$file" "$tree/$file"; then
        echo "the edit of $file no longer applies" >"$why"
    elif ! make -C "$tree" -j1 --no-print-directory OUT=out "out/host/$mode/tests/$test" >"$tree/make.log" 2>&1; then
        { echo "the copy with the defect does not build"; tail -n 5 "$tree/make.log"; } >"$why"
    elif timeout -s KILL "${TEST_TIMEOUT:-120}" "$tree/out/host/$mode/tests/$test" >"$tree/test.log" 2>&1; then
        echo "the defect went unnoticed by $test" >"$why"
    elif ! grep -q -- "$words" "$tree/test.log"; then
        echo "$test failed, but not for \"$words\"" >"$why"
    else
        rm -rf -- "$tree"
        return 0
    fi
    return 1
}

# A log without its lock, and power states without theirs.
canary race-log hv/core/log.c 's/spin_(un)?lock\(&lock\);/(void)\&lock;/' race system/test_boot 'race on'
canary race-power hv/core/lifecycle.c 's/^( *)spin_(un)?lock\(&(v->)?vm->lock\);/\1;/' race system/test_smp 'race on'
# Pages unmapped, but still in some CPU's TLB.
canary stale-tlb hv/core/s2.c '/arch_ops\.tlb\.flush_(ipa\(&s->hw, ipa\)|vm\(&s->hw\));/s/arch_ops.*;/;/' \
    asan unit/test_s2 's2_unmap_takes_effect_on_every_cpu_at_once$'
# A block replaced by a table in one step; or in two, without the invalidation in between.
canary break-before-make hv/core/s2.c '/^static enum hv_status split\(/,/^}/{/pte_write\(at\.pte, 0\);/d}' \
    asan unit/test_s2 'break-before-make'
canary break-without-flush hv/core/s2.c '/^static enum hv_status split\(/,/^}/{s/arch_ops.tlb.flush_ipa.*;/(void)ipa;/}' \
    asan unit/test_s2 'break-before-make'
# RAM that is scrubbed while stores of the guest that has left may still be under way.
canary unfinished-stores hv/run.c '/arch_ops\.cpu\.leave_guest\(\);/d' asan system/test_restart 'may still be under way'
# The simulator forgets to switch CPUs at atomics, and at ops.
canary lost-yield-atomic sim/race.c '/^void sim_sync_before/,/^}/{/sim_yield\(\);/d}' \
    asan unit/test_sim 'every_atomic_and_op_is_a_place_to_switch_cpus$'
canary lost-yield-op sim/fault.c '/^bool sim_op/,/^}/{/sim_yield\(\);/d}' \
    asan unit/test_sim 'every_atomic_and_op_is_a_place_to_switch_cpus$'
# A table page taken twice, once for nothing.
canary leak hv/core/s2.c \
    '/^enum hv_status s2_descend/,/^}/s/^( *)(enum hv_status st = )(pages_alloc.*)$/\1\2\3\n\1if (st == HV_OK) { st = \3 }/' \
    asan system/test_boot 'leak:'
# A device that may be executed; a region whose last page is missing; one in the wrong place.
canary walker-rights hv/arch/armv8/s2_format.c 's/^(#define DEVICE .*) \| ATTR_XN\)/\1)/' asan system/test_boot 'walker:'
canary walker-extent hv/core/s2.c '/^static enum hv_status map_leaves/,/^}/s/while \(ipa < end\)/while (ipa + PAGE_SIZE < end)/' \
    asan system/test_boot 'walker:'
canary walker-place hv/core/vm.c 's/PA\(r->pa\)/PA(r->pa ^ PAGE_SIZE)/' asan system/test_boot 'walker:'
# A table of coloured pages that is the one before once more; the cache's hash forgotten where a VM's memory is mapped, and where the
# hypervisor's own is; a restart that goes on into the next colour; a plan by which two VMs have one of their colours in common.
canary colour-walk hv/core/s2_colour.c 's/fill_alike\(c, pte, last->table, c->period - last->period\)/fill_alike(c, pte, last->table, 0)/' \
    asan system/test_colours 'walker:'
canary colour-hash hv/core/s2_colour.c '/^static void twist/,/^}/s/if \(c->hashed\)/if (c->hashed \&\& c->llc == NULL)/' \
    asan system/test_cache 'that_holds_in_a_cache_with_the_hash_that_the_plan_says$'
canary colour-table hv/core/colour.c '/^paddr_t colour_pa/,/^}/s/colour \^ colour_twist\(l, PA\(period\)\)/colour/' \
    asan system/test_moved 'a_moved_hypervisor_boots_and_leaves_nothing_behind$'
canary colour-restart hv/core/plan_extent.c 's/uint64_t run = unit - offset % unit;/uint64_t run = 2U * unit - offset % unit;/' \
    asan system/test_colours 'a_restart_touches_no_page_of_other_colours$'
canary colour-shared hv/core/plan_extent.c 's/\(a->colours & b->colours\) == 0U/a->colours != b->colours/' asan unit/test_plan 'FAILED'
# An op whose failure is ignored.
canary failed-op hv/main.c 's/return st == HV_OK \? arch_ops\.irqc\.init_cpu\(cpu\) : st;/(void)arch_ops.irqc.init_cpu(cpu); return st;/' \
    asan system/test_boot 'ERROR: call'
# An SGI that reaches another VM, interrupts of others in a distributor write, a count that all VMs see, exits
# of another VM that are told, output of all in one ring, a bit of another guest's register in what is read.
canary interference-sgi hv/vdev/vgic_sgi.c 's/= view->frame\.g->vcpu;/= vgics[0].vcpu;/' \
    asan system/test_noninterference 'interference: entry\|a lock that its domain shares with nobody'
canary interference-spi hv/vdev/vgic_word.c 's/mask &= b->w->owned;/if (b->word >= g->nr_words) { mask = 0; }/; s/return b->w->owned \& ~b->w->virt;/return b->r == NULL \&\& b->word < b->g->nr_words ? ~(uint32_t)0 : b->w->owned \& ~b->w->virt;/' \
    asan system/test_noninterference 'interference: entry'
canary interference-count hv/fw/smccc.c '/case HYPERCALL_NULL:/,/break;/s/code = 0;/{ static int64_t n; code = n++; }/' \
    asan system/test_noninterference 'interference: entry'
canary interference-exits hv/core/exits.c 's/counter64_read\(&vm->vcpus/counter64_read(\&vms[0].vcpus/' \
    asan system/test_noninterference 'interference: entry'
canary interference-console hv/vdev/vconsole.c 's/console_put\(vm->index, /console_put(0, /' \
    asan system/test_noninterference 'interference: '
canary interference-leak hv/vdev/vsysreg.c 's/vidreg_value\(s->enc, .*\(s->enc\)\)/& ^ (vms[0].vcpus[0].regs.x[1] \& 1U)/' \
    asan system/test_noninterference 'interference: entry'

# RISC-V. A claim that leaves the source pending, for the PLIC's reference model; a completion behind the disable, which a PLIC
# drops, for the physical one.
canary plic-model hv/vdev/vplic_regs.c '/^static uint32_t claim/,/^}/s/^( *)vplic_claimed\(p, source\);/\1;/' \
    rv-asan unit/riscv/test_vplic_random 'the model'
canary plic-lost hv/vdev/vplic_phys.c \
    '/^void vplic_complete/,/^}/{/irqc\.deactivate/d; s/^( *)(vplic_sync.*)$/\1\2\n\1arch_ops.irqc.deactivate(IRQC_INTID(source));/}' \
    rv-asan unit/riscv/test_vplic_random 'while in service'
# Messages to a CPU of another VM; an overrun that is told for ever.
canary aplic-place hv/vdev/vaplic_source.c 's/vcpu < g->vm->nr_vcpus && identity/vcpu < VM_MAX_VCPUS \&\& identity/' \
    rv-asan unit/riscv/test_vaplic_random 'VAPLIC_SEED='
canary uart-model hv/vdev/vuart_16550.c 's/^    u->overrun = false;/    (void)lsr;/' \
    rv-asan unit/riscv/test_vuart_16550_random 'reads 0x'
# A fence on a hart that is not on.
canary sbi-scope hv/fw/sbi_rfence.c 's/ && atomic32_load\(&t->state\) == \(uint32_t\)VCPU_ON//' \
    rv-asan unit/riscv/test_sbi_random 'SBI_SEED='
# A load that is taken for a shorter one; a device that may be executed.
canary rv-decode hv/arch/riscv/exit_decode.c 's/\(uint8_t\)\(1U << \(f & 3U\)\)/(uint8_t)(1U << (f \& 1U))/' \
    rv-asan unit/riscv/test_exit_decode 'FAILED'
canary rv-walker hv/core/vm.c 's/PA\(r->pa\)/PA(r->pa ^ PAGE_SIZE)/' rv-asan system/test_boot 'walker:'
# An interrupt file that still is as the guest before left it.
canary rv-file hv/vdev/vaplic.c '/^void vaplic_vcpu_start/,/^}/s/arch_ops\.virq\.file_reset\(\);/;/' \
    rv-asan system/test_boot.virt-aia 'interrupt file is as another left it'
# IPIs of all VMs in one word; registers of the PLIC without the lock.
canary rv-interference hv/vdev/vhart.c 's/struct ipis \*q = &ipis\[.*\];/struct ipis *q = \&ipis[0];/' \
    rv-asan system/test_noninterference 'interference: '
canary rv-race hv/vdev/vplic_regs.c 's/^( *)spin_(un)?lock\(&p->lock\);/\1;/' rv-race system/test_noninterference 'race on'

[ -z "${DRY:-}" ] || exit "$dry_failed"
wait
passed=$(cat "$out"/*.verdict | grep -c ': noticed$')
failed=$(cat "$out"/*.verdict | grep -c ': FAILED: ')
echo "canaries: $passed passed, $failed failed"
[ "$count" -gt 0 ] && [ "$passed" -eq "$count" ]
