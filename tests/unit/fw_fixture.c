/* SPDX-License-Identifier: Apache-2.0 */
#include "fw_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/own.h"
#include "fw/fw.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"
#include "vdev/vgic_state.h"

static struct {
    struct plan plan;
    struct plan_vm vm;
    struct plan_region regions[3];
} blob;

unsigned fw_waits;
unsigned fw_ipis[HV_MAX_CPUS];
bool fw_virq_pending;

static void count_wait(void)
{
    fw_waits++;
}

static void count_ipi(unsigned cpu)
{
    fw_ipis[cpu]++;
}

static unsigned one_lr(void)
{
    return 1;
}

static uint64_t read_lr(unsigned n)
{
    (void)n;
    return fw_virq_pending ? 1ULL << 62 : 0;
}

static void write_lr(unsigned n, uint64_t lr)
{
    (void)n;
    (void)lr;
}

static uint32_t empty_lrs(void)
{
    return 0;
}

static void swap_ops(void)
{
    arch_ops.cpu.wait = count_wait;
    arch_ops.irqc.send_ipi = count_ipi;
    arch_ops.virq.nr_lrs = one_lr;
    arch_ops.virq.read_lr = read_lr;
    arch_ops.virq.write_lr = write_lr;
    arch_ops.virq.empty = empty_lrs;
}

void fw_reset(unsigned nr_vcpus)
{
    swap_ops();
    memset(&blob, 0, sizeof(blob));
    blob.plan.vms = (struct plan_table){sizeof(struct plan), 1};
    blob.plan.regions = (struct plan_table){sizeof(struct plan) + sizeof(struct plan_vm), 3};
    blob.vm.nr_vcpus = nr_vcpus;
    blob.vm.nr_regions = 3;
    blob.regions[0] = (struct plan_region){
        .ipa = FW_DEVICE, .size = 0x1000, .kind = PLAN_REGION_DEVICE, .rights = S2_R | S2_W | S2_X};
    blob.regions[1] = (struct plan_region){.ipa = FW_DATA, .size = 0x1000, .rights = S2_R | S2_W};
    blob.regions[2] = (struct plan_region){.ipa = FW_ENTRY, .size = FW_SIZE, .rights = S2_R | S2_W | S2_X};
    own_fixture_vms();
    vgics = own_take(sizeof(vgics[0]));
    memset(vgics, 0, sizeof(vgics[0]));
    vgic_cpus = own_take(HV_MAX_CPUS * sizeof(vgic_cpus[0]));
    memset(vgic_cpus, 0, HV_MAX_CPUS * sizeof(vgic_cpus[0]));
    fw_vm->plan = &blob.vm;
    fw_vm->binary = &blob.plan;
    fw_vm->name = "test";
    fw_vm->irqc = &vgics[0];
    fw_vm->nr_vcpus = nr_vcpus;
    for (uint32_t i = 0; i < nr_vcpus; i++) {
        fw_vm->vcpus[i].vm = fw_vm;
        fw_vm->vcpus[i].index = i;
        fw_vm->vcpus[i].cpu = nr_vcpus - 1U - i; /* not the identity */
    }
    memset(fw_ipis, 0, sizeof(fw_ipis));
    fw_waits = 0;
    fw_virq_pending = false;
}

void fw_boot(void)
{
    enum vcpu_state was;
    if (vcpu_start(&fw_vm->vcpus[0], FW_ENTRY, 0, &was) != HV_OK || !vcpu_take_start(&fw_vm->vcpus[0])) {
        abort();
    }
    memset(fw_ipis, 0, sizeof(fw_ipis));
}

enum exit_action fw_invoke(struct vcpu *v, bool smc, uint16_t imm, uint64_t x0, uint64_t x1, uint64_t x2,
                           uint64_t x3)
{
    (void)smc; /* the same calls either way (DEN 0028F 2.9) */
    v->regs.x[0] = x0;
    v->regs.x[1] = x1;
    v->regs.x[2] = x2;
    v->regs.x[3] = x3;
    return fw_call(v, imm);
}
