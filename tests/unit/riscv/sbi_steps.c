/* SPDX-License-Identifier: Apache-2.0 */
/* Any call by any hart, with registers of its own choice, and what their CPUs do in between. See steps.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/console.h"
#include "sbi_fixture.h"
#include "steps.h"
#include "vdev/vhart.h"

static unsigned lives;

static uint32_t draw(uint32_t n)
{
    return steps_draw(n);
}

static uint64_t draw64(void)
{
    uint64_t high = draw(0);
    return high << 32 | draw(0);
}

static uint64_t random_extension(void)
{
    static const uint64_t ids[] = {0x10,       0x54494d45, 0x735049,   0x52464e43, 0x48534d,
                                   0x53525354, 0x4442434e, 0x0a42484b, 0x504d55,   0x53555350};
    switch (draw(8)) {
    case 0:
        return draw(18);
    case 1:
        return draw64();
    case 2:
        return ids[draw(ARRAY_SIZE(ids))] ^ (1ULL << draw(64));
    default:
        return ids[draw(ARRAY_SIZE(ids))];
    }
}

static uint64_t random_value(void)
{
    static const uint64_t values[] = {0,         ~0ULL,    1ULL << 63,  1ULL << 32,  0x80000000, 0xffffffff,
                                      SBI_RAM,   SBI_DATA, SBI_THEIRS,  SBI_ROM,     SBI_TOP,    SBI_DEVICE,
                                      SBI_RAM_SIZE, 256,   257,         0x1000};
    switch (draw(4)) {
    case 0:
        return draw64();
    case 1:
        return values[draw(ARRAY_SIZE(values))] + draw(5) - 2;
    default:
        return draw(5);
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

void sbi_steps_begin(void)
{
    sbi_reset(1U + draw(4), 2, draw(4) != 0);
    rv.sstc = draw(2) != 0;
    sbi_start(&sbi_vm->vcpus[0]);
    sbi_start(&sbi_other->vcpus[0]);
}

bool sbi_step(void)
{
    struct vm *vm = draw(4) != 0 ? sbi_vm : sbi_other;
    struct vcpu *v = &vm->vcpus[draw(vm->nr_vcpus)];
    bool answered = false;
    rv.now += draw(4);
    if (atomic32_load(&v->state) == VCPU_ON) {
        uint64_t extension = random_extension();
        uint64_t fid = draw(8) != 0 ? draw(4) : random_value();
        uint64_t args[6];
        for (unsigned a = 0; a < 6; a++) {
            args[a] = random_value();
        }
        rv.ipis = 0;
        struct sbi_answer a = sbi_call(v, extension, fid, args);
        answered = a.back && a.error == 0;
        end_exit(v);
    }
    if (draw(4) == 0) {
        (void)console_input((uint8_t)draw(256));
    }
    arrive(&vm->vcpus[draw(vm->nr_vcpus)]);
    return answered;
}

unsigned sbi_steps_lives(void)
{
    return lives;
}
