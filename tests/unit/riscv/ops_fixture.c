/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"
#include "own_fixture.h"

#include <stdlib.h>
#include <string.h>

struct rv_machine rv;
struct arch_ops arch_ops;

static struct {
    struct plan plan;
    struct plan_cpu cpus[RV_CPUS];
    struct plan_vm vms[HV_MAX_VMS];
    struct plan_region regions[HV_MAX_VMS];
    struct plan_irq irqs[64];
} blob;

static unsigned id(void) { return rv.cpu; }
static void set_id(unsigned n) { rv.cpu = n; }
static void nothing(void) {}
static uint64_t now(void) { return rv.now; }
static uint32_t freq(void) { return 10000000; }
static void alarm_at(uint64_t when) { rv.alarm[rv.cpu] = when; }

static void hvip_set(uint64_t bits) { rv.hvip[rv.cpu] |= bits; }
static void hvip_clear(uint64_t bits) { rv.hvip[rv.cpu] &= ~bits; }
static uint64_t hvip_pending(void) { return rv.hvip[rv.cpu]; }
static uint64_t hvip_enabled(void) { return rv.vsie[rv.cpu]; }
static void guest_timer(uint64_t when) { rv.guest_timer[rv.cpu] = when; }
static bool has_sstc(void) { return rv.sstc; }
static unsigned guest_files(void) { return rv.guest_files; }
static void file_reset(void) { rv.file_resets[rv.cpu]++; }
static void source_mode(uint32_t intid, enum aplic_mode mode) { rv.mode[intid] = (uint8_t)mode; }
static void target(uint32_t intid, unsigned cpu, uint32_t identity)
{
    rv.target_cpu[intid] = (uint8_t)(cpu + 1U);
    rv.target_id[intid] = identity;
    rv.route[intid] = 0;
}
static void send_msi(unsigned cpu, uint32_t identity)
{
    rv.msi.cpu = cpu;
    rv.msi.identity = identity;
    rv.msi.calls++;
}
static uint32_t inputs(unsigned word) { return rv.inputs[word]; }

static uint32_t *bits_of(enum irqc_bit what) { return what == IRQC_ENABLE ? rv.enable : rv.pending; }
static void irqc_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    bits_of(what)[word] |= mask;
}
static void irqc_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    bits_of(what)[word] &= ~mask;
}
static uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)cpu;
    return bits_of(what)[word];
}
static void deactivate(uint32_t intid) { rv.completed[intid / 32U] |= (uint32_t)1 << (intid % 32U); }
static void drop(uint32_t intid) { (void)intid; }
static void set_edge(unsigned cpu, uint32_t intid, bool edge)
{
    (void)cpu;
    (void)intid;
    (void)edge;
}
static void route(uint32_t intid, unsigned cpu)
{
    rv.route[intid] = (uint8_t)(cpu + 1U);
    rv.target_cpu[intid] = 0;
}
static void send_ipi(unsigned cpu) { rv.ipis |= (uint32_t)1 << cpu; }

static enum hv_status remote_fence(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid)
{
    rv.fence.what = what;
    rv.fence.cpus = cpus;
    rv.fence.start = start;
    rv.fence.size = size;
    rv.fence.asid = asid;
    rv.fence.calls++;
    return rv.fence_answer;
}
static uint64_t machine_id(unsigned which) { return 0x1000U + which; }
static uint8_t *guest(uint64_t ipa, uint32_t len)
{
    return rv.memory != NULL && ipa >= rv.memory_ipa && ipa - rv.memory_ipa + len <= rv.memory_size
               ? rv.memory + (ipa - rv.memory_ipa)
               : NULL;
}
static bool read_guest(void *to, ipaddr_t from, uint32_t len)
{
    const uint8_t *p = guest(from.v, len);
    if (p != NULL) {
        memcpy(to, p, len);
    }
    return p != NULL;
}
static bool write_guest(ipaddr_t to, const void *from, uint32_t len)
{
    uint8_t *p = guest(to.v, len);
    if (p != NULL) {
        memcpy(p, from, len);
    }
    return p != NULL;
}
static bool try_putc(char c)
{
    if (rv.console_len < sizeof(rv.console) - 1U) {
        rv.console[rv.console_len++] = c;
    }
    return true;
}
static bool try_getc(uint8_t *c)
{
    (void)c;
    return false;
}

/* One thread: nothing to switch to, and nobody to wait for. */
void sim_sync_before(const void *addr, enum sim_sync what)
{
    (void)addr;
    rv.locks += what == SIM_SYNC_LOCK ? 1U : 0U;
    if (rv.at_sync != NULL) {
        rv.at_sync();
    }
}
void sim_sync_after(const void *addr, enum sim_sync what)
{
    (void)addr;
    (void)what;
}
void sim_spin_wait(const void *addr)
{
    (void)addr;
    abort(); /* a lock that is never given back */
}

struct plan *rv_plan(void)
{
    return &blob.plan;
}

void rv_add_irq(struct vm *vm, uint32_t intid)
{
    struct plan_vm *p = &blob.vms[vm->index];

    if (p->nr_irqs == 0U) {
        p->first_irq = blob.plan.irqs.count;
    }
    blob.irqs[blob.plan.irqs.count++].intid = intid;
    p->nr_irqs++;
}

void rv_reset(void)
{
    memset(&rv, 0, sizeof(rv));
    rv.sstc = true;
    memset(&blob, 0, sizeof(blob));
    blob.plan.isa = PLAN_ISA_RISCV;
    blob.plan.irqc_version = PLAN_IRQC_PLIC;
    blob.plan.irqc_base[0] = 0x0c000000;
    blob.plan.irqc_size[0] = 0x600000;
    blob.plan.nr_irqs = 32 + 96;
    blob.plan.htimer_irq = RISCV_INTID_TIMER;
    blob.plan.vms.offset = offsetof(__typeof__(blob), vms);
    blob.plan.cpus.offset = offsetof(__typeof__(blob), cpus);
    blob.plan.regions.offset = offsetof(__typeof__(blob), regions);
    blob.plan.irqs.offset = offsetof(__typeof__(blob), irqs);
    blob.plan.cpus.count = RV_CPUS;
    for (unsigned i = 0; i < RV_CPUS; i++) {
        blob.cpus[i].hw_id = i;
        blob.cpus[i].irqc_index = i;
    }
    arch_ops = (struct arch_ops){
        .cpu = {.id = id, .set_id = set_id, .wait = nothing, .relax = nothing, .fence = nothing},
        .irqc = {.drop = drop, .deactivate = deactivate, .set = irqc_set, .clear = irqc_clear, .get = irqc_get,
                 .set_edge = set_edge, .route = route, .send_ipi = send_ipi},
        .virq = {.set = hvip_set, .clear = hvip_clear, .pending = hvip_pending, .enabled = hvip_enabled,
                 .timer = guest_timer, .has_sstc = has_sstc, .guest_files = guest_files, .file_reset = file_reset,
                 .source_mode = source_mode, .target = target, .send_msi = send_msi,
                 .inputs = inputs},
        .isa = {.remote_fence = remote_fence, .machine_id = machine_id, .read_guest = read_guest,
                .write_guest = write_guest},
        .timer = {.now = now, .freq = freq, .stop_guest = nothing, .alarm = alarm_at},
        .console = {.try_putc = try_putc, .try_getc = try_getc},
    };
    own_fixture_vms();
    nr_vms = 0;
}

struct vm *rv_add_vm(unsigned nr_vcpus, unsigned first_cpu)
{
    uint32_t index = nr_vms++;
    struct vm *vm = &vms[index];
    struct plan_vm *p = &blob.vms[index];

    p->nr_vcpus = nr_vcpus;
    p->ipa_bits = 41;
    p->entry = 0x80000000;
    p->first_region = index;
    p->nr_regions = 1;
    p->irqc_ipa[0] = blob.plan.irqc_base[0];
    blob.regions[index] = (struct plan_region){.ipa = 0x80000000,
                                               .pa = 0x90000000 + (uint64_t)index * 0x200000,
                                               .size = 0x200000,
                                               .kind = PLAN_REGION_RAM,
                                               .rights = S2_R | S2_W | S2_X};
    blob.plan.vms.count = nr_vms;
    blob.plan.regions.count = nr_vms;
    vm->plan = p;
    vm->binary = &blob.plan;
    vm->name = "vm";
    vm->index = index;
    vm->nr_vcpus = nr_vcpus;
    for (uint32_t i = 0; i < nr_vcpus; i++) {
        p->cpus[i] = first_cpu + i;
        vm->vcpus[i].vm = vm;
        vm->vcpus[i].index = i;
        vm->vcpus[i].cpu = first_cpu + i;
    }
    vm_first_state(vm);
    return vm;
}
