/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library of our bare-metal guests: EL1 or VS-mode, MMU off, no C library. Every address and interrupt number comes
 * from the device tree the guest was started with. Nothing here is shared between CPUs but what says so: with
 * the MMU off exclusive accesses are not guaranteed, so CPUs talk through single words and barriers.
 *
 * guest_isa.h is the ISA's own part, chosen by the include path; both have: struct frame with frame_cause, frame_addr,
 * frame_skip and frame_return, cpu_id, irq_on, irq_off, wait_for_irq, barrier, set_vectors, mmio_*, call_at.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_isa.h"

/* What a guest provides. */
void guest_main(void);              /* on the first CPU, console ready if there is one; returning is the guest's end */
void guest_secondary(uint64_t arg); /* on a CPU that cpu_start started; returning parks it */

/* Where the firmware may start a CPU. */
extern const char secondary_entry[];

/* Called for each interrupt with its number, after acknowledge and before end of interrupt; NULL to ignore. Numbers are
 * INTIDs on Arm, and as guest_isa.h says on RISC-V. */
extern void (*volatile irq_handler)(uint32_t irq);
/* Called for each exception that is no interrupt: true if it was dealt with (it may change f->pc);
 * otherwise, or when NULL, the exception is reported and the CPU stops. */
extern bool (*volatile fault_handler)(struct frame *f);

/* Device tree. A node is the offset of its FDT_BEGIN_NODE in the structure block; FDT_NONE is none. */
#define FDT_NONE UINT32_MAX
bool fdt_init(const void *dtb);
uint32_t fdt_path(const char *path);
uint32_t fdt_compatible(const char *compatible, unsigned nth);
/* The nth child of a node. */
uint32_t fdt_child(uint32_t node, unsigned nth);
const void *fdt_prop(uint32_t node, const char *name, uint32_t *len);
/* Cell n of a property; false if it has none. */
bool fdt_cell(uint32_t node, const char *name, unsigned n, uint32_t *value);
/* A list of strings has this one. */
bool fdt_has_string(uint32_t node, const char *name, const char *s);
/* Entry n of a node's "reg", by its parent's cell counts; buses in between are taken to map one to one. */
bool fdt_reg(uint32_t node, unsigned n, uint64_t *base, uint64_t *size);
/* Interrupt number of entry n of a node's "interrupts", by the binding of the machine's interrupt controller; 0 if
 * there is none. */
uint32_t fdt_irq(uint32_t node, unsigned n);
/* /chosen bootargs, "" if none. */
const char *fdt_bootargs(void);
/* Value of "key=" in the boot arguments, copied; false if not there. */
bool bootarg(const char *key, char *value, size_t size);
/* Calls f with each word of "key=a,b,c", in order; false if it is not there. */
bool bootarg_each(const char *key, void (*f)(const char *word));
/* The same as a number (decimal or 0x); otherwise what `or_else` says. */
uint64_t bootarg_number(const char *key, uint64_t or_else);
/* First range of /memory. */
bool fdt_memory(uint64_t *base, uint64_t *size);

/* Console: the UART that /chosen stdout-path names, else the first one. Polled, but for what uart_listen turns on. */
bool uart_init(void);
void uart_putc(char c);
int uart_getc(void); /* -1: nothing received */
/* Interrupts when something is received (irqc_init was before): their number, already enabled; 0: there are none. The
 * handler reads until nothing is left. */
uint32_t uart_listen(void);

/* %s %c %d %u %x %ld %lu %lx %p %%, with zero padding and width for numbers. Lines of two
 * CPUs that print at the same moment mix, character by character. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The interrupt controller that the tree names. */
bool irqc_init(void);     /* what CPUs share; first CPU, once */
bool irqc_init_cpu(void); /* the calling CPU's part; all below after it */
void irq_edge(uint32_t irq);   /* from now on it is edge-triggered, rising: before it is enabled. What no one said this of is a level */
void irq_enable(uint32_t irq); /* to the calling CPU */
void irq_disable(uint32_t irq);
/* Sleeps until an interrupt comes that the CPU has enabled, or less, and takes it. Interrupts are masked before and
 * after, so that none is taken between the caller's look at what it waits for and the WFI, which would then sleep
 * through it: WFI ends for one that is pending though it is masked (DDI 0487 D1.6.2; RISC-V Privileged 3.3.3). */
static inline void sleep_for_irq(void)
{
    wait_for_irq();
    irq_on();
    barrier();
    irq_off();
}

/* The guest's own timer. */
const char *timer_name(void); /* "the ... timer" */
uint32_t timer_intid(void);   /* 0: none */
uint32_t timer_freq(void);
uint64_t timer_now(void);
void timer_set(uint64_t deadline); /* fires when the counter reaches it */
void timer_off(void);

/* Firmware. What is returned is its own error: negative, 0 good. */
int64_t cpu_start(unsigned cpu, uint64_t arg); /* guest_secondary(arg) there */
int64_t cpu_stop(void);                        /* the calling one; returns if it was refused */
enum cpu_state { CPU_STATE_ON = 0, CPU_STATE_OFF = 1 }; /* others are on their way */
int64_t cpu_state(unsigned cpu);
int64_t system_off(void); /* these return if they were refused */
int64_t system_reset(void);
_Noreturn void power_off(void);

/* The hypervisor's own calls. exit_count: how often a vCPU of this VM has left its guest in this life of the VM, by the numbers
 * of hv/core/exits.h, of which there are exit_reasons(); the call that asks is in it. Negative: the firmware's error. */
#define EXIT_REASON_HYPERCALL 1U
void hypercall_null(void);
int64_t exit_reasons(void);
int64_t exit_count(uint64_t vcpu, uint64_t reason);
/* Rings an endpoint of a channel, both by number: channel.h. */
int64_t hypercall_ring(uint64_t channel, uint64_t end);

bool str_equal(const char *a, const char *b);
size_t str_len(const char *s);

#endif
