/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls with any function identifier and arguments by a VM of three vCPUs, interleaved with what their CPUs do in
 * between (leaving the guest, taking a start, ending the VM). After each: every state is one of its enumeration, the
 * counts of vCPUs that are on and of those that are not cleared up are right, only what a call is for has changed, and
 * the other VM is as it was.
 */
#include "fuzz.h"

#include <string.h>

#include "core/exits.h"
#include "fw/hypercall.h"
#include "fw/psci.h"
#include "fw_fixture.h"
#include "hv/arch_ops.h"

#define VCPUS     3U
#define MAX_STEPS 64U

static struct vm before; /* VM 0 before the step */
static struct vm other;  /* VM 1 as it has to stay */
static bool reaped;
static bool inside[VCPUS]; /* not cleared up since it ran, whatever its state is by now */
static struct {
    uint64_t entry, context;
} asked[VCPUS];

static uint32_t state(const struct vm *vm, unsigned n)
{
    return atomic32_load(&vm->vcpus[n].state);
}

static void set_up(void)
{
    fw_reset(VCPUS);
    nr_vms = 2;
    memset(&vms[1], 0, sizeof(vms[1]));
    vms[1].plan = fw_vm->plan;
    vms[1].binary = fw_vm->binary;
    vms[1].index = 1;
    vms[1].nr_vcpus = 2;
    vms[1].online = 1;
    atomic32_store(&vms[1].state, VM_RUNNING);
    for (uint32_t i = 0; i < 2U; i++) {
        vms[1].vcpus[i].vm = &vms[1];
        vms[1].vcpus[i].index = i;
        vms[1].vcpus[i].cpu = VCPUS + i;
        memset(&vms[1].vcpus[i].regs, 0x5a, sizeof(vms[1].vcpus[i].regs));
    }
    atomic32_store(&vms[1].vcpus[0].state, VCPU_ON);
    other = vms[1];
    reaped = false;
    memset(inside, 0, sizeof(inside));
    fw_boot();
    inside[0] = true;
}

static void audit(void)
{
    unsigned on = 0, in = 0;
    for (unsigned n = 0; n < VCPUS; n++) {
        FUZZ_EXPECT(state(fw_vm, n) <= VCPU_ON);
        FUZZ_EXPECT((atomic32_load(&fw_vm->vcpus[n].request) & ~(VCPU_REQ_STOP | VCPU_REQ_VIRQ)) == 0U);
        on += state(fw_vm, n) != VCPU_OFF;
        in += inside[n];
    }
    uint32_t vm = atomic32_load(&fw_vm->state);
    FUZZ_EXPECT(fw_vm->online == on && fw_vm->inside == in);
    FUZZ_EXPECT(vm == (reaped ? VM_STOPPED : VM_RUNNING) || (!reaped && vm == VM_STOPPING));
    FUZZ_EXPECT(!reaped || (on == 0U && in == 0U));
    FUZZ_EXPECT(fw_vm->end <= VM_END_RESET && (before.end == VM_END_NONE || fw_vm->end == before.end));
    FUZZ_EXPECT(atomic32_load(&fw_vm->lock.next) == atomic32_load(&fw_vm->lock.owner)); /* free */
    FUZZ_EXPECT(memcmp(&vms[1], &other, sizeof(other)) == 0 && fw_ipis[VCPUS] == 0U && fw_ipis[VCPUS + 1U] == 0U);
}

/* Nothing but vCPU `n` and vCPU `m` has changed. */
static void only(unsigned n, unsigned m)
{
    for (unsigned i = 0; i < VCPUS; i++) {
        FUZZ_EXPECT(i == n || i == m || memcmp(&fw_vm->vcpus[i], &before.vcpus[i], sizeof(struct vcpu)) == 0);
    }
}

static bool executable(uint64_t ipa)
{
    return ipa % 4U == 0U && ipa >= FW_ENTRY && ipa <= FW_ENTRY + FW_SIZE - 4U;
}

static bool is_cpu_on(uint32_t fid)
{
    return fid == PSCI_CPU_ON32 || fid == PSCI_CPU_ON64;
}

/* What PSCI_CPU_ON has done, by its answer (DEN 0022F 5.6). */
static void check_cpu_on(unsigned n, const uint64_t *x, int64_t answer)
{
    uint64_t mask = (uint32_t)x[0] == PSCI_CPU_ON32 ? 0xffffffffU : ~0ULL;
    uint64_t target = x[1] & mask, entry = x[2] & mask;
    if (target >= VCPUS) {
        FUZZ_EXPECT(answer == PSCI_INVALID_PARAMETERS);
    } else if (!executable(entry)) {
        FUZZ_EXPECT(answer == PSCI_INVALID_ADDRESS);
    } else if (state(&before, (unsigned)target) != VCPU_OFF) {
        bool on = state(&before, (unsigned)target) == VCPU_ON;
        FUZZ_EXPECT(answer == (on ? PSCI_ALREADY_ON : PSCI_ON_PENDING));
    } else if (atomic32_load(&before.state) != VM_RUNNING) {
        FUZZ_EXPECT(answer == PSCI_DENIED);
    } else {
        FUZZ_EXPECT(answer == PSCI_SUCCESS && state(fw_vm, (unsigned)target) == VCPU_ON_PENDING);
        asked[target].entry = entry;
        asked[target].context = x[3] & mask;
        only(n, (unsigned)target);
        return;
    }
    only(n, n);
    FUZZ_EXPECT(state(fw_vm, n) == VCPU_ON);
}

static bool known(uint32_t fid)
{
    static const uint32_t ids[] = {
        PSCI_VERSION,         PSCI_CPU_SUSPEND32,     PSCI_CPU_SUSPEND64,  PSCI_CPU_ON32,  PSCI_CPU_ON64,
        PSCI_AFFINITY_INFO32, PSCI_AFFINITY_INFO64,   PSCI_MIGRATE_INFO_TYPE, PSCI_FEATURES, SMCCC_VERSION,
        SMCCC_ARCH_FEATURES,  HYPERCALL_NULL,         HYPERCALL_VERSION,   HYPERCALL_UID,  HYPERCALL_REVISION,
        HYPERCALL_REASONS,    HYPERCALL_EXITS,        HYPERCALL_RING,
    };
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (fid == ids[i]) {
            return true;
        }
    }
    return false;
}

static void check_registers(unsigned n, const uint64_t *x, bool known_call)
{
    const struct vcpu_regs *r = &fw_vm->vcpus[n].regs;
    uint32_t fid = (uint32_t)x[0];
    bool told = fid == HYPERCALL_EXITS && r->x[0] == 0U && r->x[2] == x[2] && r->x[3] == x[3];
    bool results = known_call && (fid == HYPERCALL_UID || fid == HYPERCALL_REVISION || told);
    FUZZ_EXPECT(memcmp(&r->x[4], &before.vcpus[n].regs.x[4], sizeof(r->x) - 4U * sizeof(r->x[0])) == 0);
    FUZZ_EXPECT(r->pc == before.vcpus[n].regs.pc && r->pstate == before.vcpus[n].regs.pstate);
    FUZZ_EXPECT(results || (r->x[1] == x[1] && r->x[2] == x[2] && r->x[3] == x[3]));
}

static void call(unsigned n, struct bytes *b)
{
    static const uint32_t ids[] = { 0x84000000, 0xc4000000, 0x80000000, 0x86000000, 0x8600ff00, 0xc6000000 };
    uint8_t how = bytes_u8(b), pick = bytes_u8(b);
    uint16_t imm = (how & 0x70U) == 0x70U ? (uint16_t)bytes_u64(b, 2) : 0U;
    uint64_t x[4];
    x[0] = pick < 0xc0U ? ids[pick / 32U] + pick % 32U : bytes_u64(b, 8);
    for (unsigned i = 1; i < 4U; i++) {
        uint8_t a = bytes_u8(b);
        x[i] = a < 0x40U ? a % 8U : a < 0xc0U ? FW_ENTRY + 4ULL * (a - 0x40U) : bytes_u64(b, 8);
    }
    fw_virq_pending = (how & 1U) != 0U;
    memset(&fw_vm->vcpus[n].regs.x[4], how, 8U * 28U);
    before = *fw_vm;
    unsigned waits = fw_waits;
    enum exit_action a = fw_invoke(&fw_vm->vcpus[n], (how & 2U) != 0U, imm, x[0], x[1], x[2], x[3]);
    uint32_t fid = (uint32_t)x[0];
    bool gone = imm == 0U && (fid == PSCI_CPU_OFF || fid == PSCI_SYSTEM_OFF || fid == PSCI_SYSTEM_RESET);
    int64_t answer = (int64_t)fw_vm->vcpus[n].regs.x[0];
    FUZZ_EXPECT(a == (gone ? EXIT_RESUME : EXIT_ADVANCE_PC));
    FUZZ_EXPECT(fw_waits - waits <= 1U);
    check_registers(n, x, imm == 0U && known(fid));
    if (gone && fid == PSCI_CPU_OFF) {
        FUZZ_EXPECT(state(fw_vm, n) == VCPU_OFF);
        only(n, n);
    } else if (gone) {
        FUZZ_EXPECT(atomic32_load(&fw_vm->state) == VM_STOPPING && fw_vm->end != VM_END_NONE);
        for (unsigned i = 0; i < VCPUS; i++) {
            FUZZ_EXPECT((atomic32_load(&fw_vm->vcpus[i].request) & VCPU_REQ_STOP) != 0U && fw_ipis[i] != 0U);
            FUZZ_EXPECT(state(fw_vm, i) == state(&before, i));
        }
    } else if (imm != 0U || !known(fid)) {
        FUZZ_EXPECT(answer == -1);
        only(n, n);
    } else if (is_cpu_on(fid)) {
        check_cpu_on(n, x, answer);
    } else if (fid == HYPERCALL_EXITS) {
        FUZZ_EXPECT(answer == (x[1] >= VCPUS ? SMCCC_INVALID_PARAMETER : x[2] >= EXITS_REASONS ? SMCCC_NOT_SUPPORTED : 0));
        only(n, n);
    } else if (fid == HYPERCALL_RING) { /* the VM has no channels */
        FUZZ_EXPECT(answer == RING_INVALID);
        only(n, n);
    } else {
        FUZZ_EXPECT(answer >= PSCI_INVALID_PARAMETERS && answer <= 0xffffffffLL);
        only(n, n);
        FUZZ_EXPECT(state(fw_vm, n) == VCPU_ON);
    }
}

/* What the vCPU's CPU does next, as exit.c and run.c string it together. */
static void turn(unsigned n)
{
    struct vcpu *v = &fw_vm->vcpus[n];
    uint32_t was = state(fw_vm, n);
    before = *fw_vm;
    if (was == VCPU_ON) {
        bool told = (atomic32_load(&v->request) & VCPU_REQ_STOP) != 0U;
        FUZZ_EXPECT(vcpu_must_leave(v) == told && state(fw_vm, n) == (told ? VCPU_OFF : VCPU_ON));
    } else if (inside[n]) {
        vcpu_left(v);
        inside[n] = false;
        FUZZ_EXPECT(state(fw_vm, n) == was);
    } else if (vcpu_take_start(v)) {
        inside[n] = true;
        FUZZ_EXPECT(was == VCPU_ON_PENDING && atomic32_load(&before.state) == VM_RUNNING);
        FUZZ_EXPECT(state(fw_vm, n) == VCPU_ON && v->regs.pc == asked[n].entry && executable(v->regs.pc));
        FUZZ_EXPECT(v->regs.x[0] == asked[n].context && v->regs.pstate == 0x3c5U);
        for (unsigned i = 1; i < 31U; i++) {
            FUZZ_EXPECT(v->regs.x[i] == 0U);
        }
    } else {
        FUZZ_EXPECT(state(fw_vm, n) == VCPU_OFF);
    }
    only(n, n);
}

static void reap(void)
{
    enum vm_end why = VM_END_NONE;
    before = *fw_vm;
    if (vm_reap(fw_vm, &why)) {
        FUZZ_EXPECT(!reaped && before.online == 0U && before.inside == 0U);
        FUZZ_EXPECT(why == (before.end == VM_END_NONE ? VM_END_OFF : before.end));
        reaped = true;
    }
    FUZZ_EXPECT(reaped || before.online != 0U || before.inside != 0U);
    only(0, 0);
    FUZZ_EXPECT(memcmp(&fw_vm->vcpus[0], &before.vcpus[0], sizeof(struct vcpu)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = { data, size };
    set_up();
    before = *fw_vm;
    audit();
    for (unsigned i = 0; i < MAX_STEPS && b.left != 0U; i++) {
        uint8_t op = bytes_u8(&b);
        unsigned n = op % VCPUS;
        if (op >= 0x40U && state(fw_vm, n) == VCPU_ON) {
            call(n, &b);
            audit();
            if (state(fw_vm, n) != VCPU_ON) {
                reap();
            }
        } else {
            turn(n);
            if (state(fw_vm, n) != VCPU_ON) {
                audit();
                reap();
            }
        }
        audit();
    }
    return 0;
}

/* Starts of the others, questions, and ends. */
void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    static const uint8_t on_off[] = { 0x42, 0, 35, 1,    0x40, 5, 0x41, 0, 3, 2,    0x50, 6,    1,    2, 0x43, 0,
                                      2,    0, 0,  0xc0, 1,    2, 3,    4, 5, 6, 7, 8,    0x42, 0x71, 1, 2 };
    static const uint8_t ask[] = { 0x42, 0, 36, 1, 0, 0, 0x42, 0, 10, 0xc0, 3, 0, 0, 0xc4, 0, 0, 0, 0, 0, 0 };
    static const uint8_t end[] = { 0x42, 0, 35, 1, 0x40, 5, 1, 0x40, 0, 9, 0, 0, 0, 0, 1, 2, 0 };
    emit(on_off, sizeof(on_off));
    emit(ask, sizeof(ask));
    emit(end, sizeof(end));
}
