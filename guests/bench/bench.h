/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench guest does things whose cost is counted from outside, by bench/plugin: those its boot arguments name
 * ("case=a,b,c"), each "rounds=" times, after "delay=" milliseconds. At the start of each round it marks the case's number, and 0 behind the last. It
 * knows no figure, prints nothing between marks, and does the same on bare metal, but for calls of the hypervisor's own.
 * Who waits does so in WFI: under -icount a CPU that spins keeps the others from running.
 */
#ifndef BENCH_H
#define BENCH_H

#include "guest.h"

/* Numbers of the marks: bench/cases.py has them too. */
enum bench_mark {
    MARK_END = 0,
    MARK_HYPERCALL,
    MARK_FIRMWARE,
    MARK_IRQC_READ,
    MARK_ENABLE_READ,
    MARK_ENABLE_WRITE,
    MARK_TIMER,
    MARK_WIRED,
    MARK_IPI,
    MARK_FILE_IPI,
    MARK_CPU_BOUND,
    MARK_MEMORY_BOUND,
    MARK_TRACE,
    MARK_DOORBELL,
    MARK_CHANNEL, /* looks whether the other side has done its part, and goes on with its own */
    MARK_WAIT,    /* it had not: waits */
    MARK_MEMCPY,
    MARK_ROUND_TRIP,
};

/* The ISA's own. */
void bench_hypercall(void); /* the null call */
void bench_firmware(void);  /* the version call */
void bench_irqc_read(void); /* a register that costs no look at any interrupt's state */
void bench_enable_read(void);
void bench_enable_write(void); /* sets one bit: that of the wired interrupt */
/* The UART's transmit interrupt: its number, 0 if there is none; raises it; makes its line drop. */
uint32_t bench_wired_init(void);
void bench_wired_raise(void);
void bench_wired_clear(void);
/* An interrupt to the VM's other CPU; by_file: without firmware, where there is such a way beside the usual one. */
bool bench_has_file(void);
void bench_ipi_enable(void);
void bench_ipi_send(unsigned cpu, bool by_file);

/* Sleeps for a tenth of a millisecond, or less if an interrupt comes; they are masked but here. */
void bench_nap(void);
/* doorbell.c: as often. */
void bench_doorbell(uint64_t rounds);
/* round_trip.c: a message there and back; stream.c: blocks of memory from one guest to the other. */
void bench_round_trip(uint64_t rounds);
void bench_stream(void);

/* bytes: a multiple of 32; both places of 8. What was copied does not overlap. */
void bench_copy(void *to, const void *from, uint64_t bytes);

/* Work without an interrupt of its own; memory: of that size from there. */
uint64_t bench_cpu_bound(uint64_t turns);
uint64_t bench_memory_bound(uint64_t base, uint64_t size, uint64_t turns);

#endif
