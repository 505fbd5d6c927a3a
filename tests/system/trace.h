/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens in one VM, entry by entry: one run records it in memory that it shares with its parent, others are held
 * against it while they run, and fail at the first entry that differs.
 */
#ifndef TESTS_TRACE_H
#define TESTS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define TRACE_VALUES 6U

struct trace;

/* In the parent: a trace that its children share, empty. */
struct trace *trace_new(void);
void trace_clear(struct trace *t);

/* In a child: from now on what CPUs of the mask do is recorded, or, if there is a record already, compared. */
void trace_begin(struct trace *t, uint32_t cpus);
/* The calling CPU is one of them, and the trace has begun. */
bool trace_is_on(void);
/* The next entry; nothing if the trace is not on. `what` is a constant. */
void trace_put(const char *what, const uint64_t v[TRACE_VALUES]);
#define TRACE(what, ...) trace_put((what), (const uint64_t[TRACE_VALUES]){ __VA_ARGS__ })
/* The same, of the whole machine after its run. */
void trace_put_last(const char *what, const uint64_t v[TRACE_VALUES]);
/* At the end of a child: the record is complete, or nothing of it was missing. Returns the number of entries. */
uint64_t trace_end(void);

/* A sum over bytes, to compare what is too long for an entry. */
uint64_t trace_sum(const void *p, uint64_t size);

/* Puts a recorder before every op of arch_ops, with arguments and results. `before` is called at each op of a CPU;
 * `own`
 * says which bits of a word of the interrupt controller are the traced VM's; an IPI to CPU `aside` is left out. */
void trace_ops(void (*before)(void), uint32_t (*own)(unsigned word), unsigned aside);
#define TRACE_NO_CPU 0xffffffffU

#endif
