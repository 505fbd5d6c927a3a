/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler calls under -fsanitize=thread: accesses go to the race detector, atomics are done. Only the race
 * build has such calls, and it links no run-time of the compiler's.
 */
#include "sim/internal.h"

#define PC ((uintptr_t)__builtin_return_address(0))
#define HOOK(name, size, write)                                                                              \
    void __tsan_##name(void *a);                                                                             \
    void __tsan_##name(void *a)                                                                              \
    {                                                                                                        \
        sim_race_touch((uintptr_t)a, size, write, PC);                                                       \
    }
#define HOOKS(n)                                                                                             \
    HOOK(read##n, n, false)                                                                                  \
    HOOK(write##n, n, true)                                                                                  \
    HOOK(unaligned_read##n, n, false)                                                                        \
    HOOK(unaligned_write##n, n, true)
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void *pc);
void __tsan_read_range(void *a, long n);
void __tsan_write_range(void *a, long n);
void __tsan_atomic_signal_fence(int mo);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
    (void)pc;
}

void __tsan_func_exit(void *pc)
{
    (void)pc;
}

void __tsan_read_range(void *a, long n)
{
    sim_race_touch((uintptr_t)a, (size_t)n, false, PC);
}

void __tsan_write_range(void *a, long n)
{
    sim_race_touch((uintptr_t)a, (size_t)n, true, PC);
}

/* It is the compiler's alone, and orders nothing between CPUs. */
void __tsan_atomic_signal_fence(int mo)
{
    (void)mo;
}

/* Atomics are announced by sim_sync_before/after; here they only have to happen. */
#define RMW(bits, type, name, builtin)                                                                       \
    type __tsan_atomic##bits##_##name(volatile void *a, type v, int mo);                                     \
    type __tsan_atomic##bits##_##name(volatile void *a, type v, int mo)                                      \
    {                                                                                                        \
        (void)mo;                                                                                            \
        return builtin((volatile type *)a, v, __ATOMIC_SEQ_CST);                                             \
    }
#define ATOMIC(bits, type)                                                                                   \
    RMW(bits, type, exchange, __atomic_exchange_n)                                                           \
    RMW(bits, type, fetch_add, __atomic_fetch_add)                                                           \
    RMW(bits, type, fetch_or, __atomic_fetch_or)                                                             \
    RMW(bits, type, fetch_and, __atomic_fetch_and)                                                           \
    type __tsan_atomic##bits##_load(const volatile void *a, int mo);                                         \
    void __tsan_atomic##bits##_store(volatile void *a, type v, int mo);                                      \
    _Bool __tsan_atomic##bits##_compare_exchange_strong(volatile void *a, void *e, type v, int mo, int fmo); \
    type __tsan_atomic##bits##_load(const volatile void *a, int mo)                                          \
    {                                                                                                        \
        (void)mo;                                                                                            \
        return __atomic_load_n((const volatile type *)a, __ATOMIC_SEQ_CST);                                  \
    }                                                                                                        \
    void __tsan_atomic##bits##_store(volatile void *a, type v, int mo)                                       \
    {                                                                                                        \
        (void)mo;                                                                                            \
        __atomic_store_n((volatile type *)a, v, __ATOMIC_SEQ_CST);                                           \
    }                                                                                                        \
    _Bool __tsan_atomic##bits##_compare_exchange_strong(volatile void *a, void *e, type v, int mo, int fmo)  \
    {                                                                                                        \
        (void)mo;                                                                                            \
        (void)fmo;                                                                                           \
        return __atomic_compare_exchange_n((volatile type *)a, (type *)e, v, false, __ATOMIC_SEQ_CST,        \
                                           __ATOMIC_SEQ_CST);                                                \
    }
ATOMIC(32, unsigned)
ATOMIC(64, unsigned long)
