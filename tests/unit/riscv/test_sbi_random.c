/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random calls by the harts of two VMs, each with registers of its own choice: what holds for every call is checked by
 * sbi_call(). VMs that end start again. SBI_SEED=n runs that seed alone, SBI_RUNS=n that many seeds (seeds.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "sbi_fixture.h"
#include "seeds.h"
#include "vdev/vhart.h"

#define CALLS 4000U

static uint64_t rnd;
static unsigned lives; /* begun after a VM's end */
static uint64_t failed; /* the seed under way; 0: none */

static uint64_t random64(void)
{
    rnd ^= rnd << 13;
    rnd ^= rnd >> 7;
    rnd ^= rnd << 17;
    return rnd;
}

static int tell_seed(void **state)
{
    (void)state;
    if (failed != 0) {
        print_error("SBI_SEED=%lu\n", (unsigned long)failed);
        failed = 0;
    }
    return 0;
}

static uint64_t random_extension(void)
{
    static const uint64_t ids[] = {0x10,       0x54494d45, 0x735049,   0x52464e43, 0x48534d,
                                   0x53525354, 0x4442434e, 0x0a42484b, 0x504d55,   0x53555350};
    switch (random64() % 8) {
    case 0:
        return random64() % 18;
    case 1:
        return random64();
    case 2:
        return ids[random64() % ARRAY_SIZE(ids)] ^ (1ULL << (random64() % 64));
    default:
        return ids[random64() % ARRAY_SIZE(ids)];
    }
}

static uint64_t random_value(void)
{
    static const uint64_t values[] = {0,         ~0ULL,    1ULL << 63,  1ULL << 32,  0x80000000, 0xffffffff,
                                      SBI_RAM,   SBI_DATA, SBI_THEIRS,  SBI_ROM,     SBI_TOP,    SBI_DEVICE,
                                      SBI_RAM_SIZE, 256,   257,         0x1000};
    switch (random64() % 4) {
    case 0:
        return random64();
    case 1:
        return values[random64() % ARRAY_SIZE(values)] + random64() % 5 - 2;
    default:
        return random64() % 5;
    }
}

static void reap(struct vm *vm)
{
    enum vm_end why;
    if (vm_reap(vm, &why)) {
        vm_reset(vm);
        sbi_start(&vm->vcpus[0]);
        lives++;
    }
}

/* The end of an exit, as exit.c has it. */
static void end_exit(struct vcpu *v)
{
    if (sbi_leave(v)) {
        reap(v->vm);
    }
}

/* An IPI arrives at the CPU of a hart, in its guest or while it waits for a start. */
static void arrive(struct vcpu *v)
{
    rv.cpu = v->cpu;
    if (atomic32_load(&v->state) == VCPU_ON) {
        if ((vcpu_take_requests(v) & VCPU_REQ_VIRQ) != 0) {
            vhart_serve(v);
        }
        end_exit(v);
    } else if (atomic32_load(&v->state) == VCPU_ON_PENDING && atomic32_load(&v->vm->state) == VM_RUNNING) {
        sbi_start(v);
    } else {
        (void)vcpu_take_start(v);
        reap(v->vm);
    }
}

static unsigned run(uint64_t seed)
{
    unsigned answered = 0;
    rnd = seed * 0x9e3779b97f4a7c15ULL;
    sbi_reset(1U + (unsigned)(random64() % 4), 2, random64() % 4 != 0);
    rv.sstc = random64() % 2;
    sbi_start(&sbi_vm->vcpus[0]);
    sbi_start(&sbi_other->vcpus[0]);
    for (unsigned i = 0; i < CALLS; i++) {
        struct vm *vm = random64() % 4 != 0 ? sbi_vm : sbi_other;
        struct vcpu *v = &vm->vcpus[random64() % vm->nr_vcpus];
        uint64_t fid = random64() % 8 != 0 ? random64() % 4 : random_value();
        uint64_t args[6];
        rv.now += random64() % 4;
        for (unsigned a = 0; a < 6; a++) {
            args[a] = random_value();
        }
        if (atomic32_load(&v->state) == VCPU_ON) {
            rv.ipis = 0;
            struct sbi_answer a = sbi_call(v, random_extension(), fid, args);
            answered += a.back && a.error == 0;
            end_exit(v);
        }
        if (random64() % 8 == 0) {
            (void)console_input((uint8_t)random64());
        }
        arrive(&vm->vcpus[random64() % vm->nr_vcpus]);
    }
    return answered;
}

static void no_call_goes_beyond_its_registers_and_its_vm(void **state)
{
    (void)state;
    struct seeds s = seeds_of("SBI", 16);
    uint64_t answered = 0;
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        failed = seed;
        answered += run(seed);
    }
    failed = 0;
    assert_true(answered > s.count * CALLS / 64U); /* enough of it was no mistake */
    assert_true(lives >= s.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_call_goes_beyond_its_registers_and_its_vm, tell_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
