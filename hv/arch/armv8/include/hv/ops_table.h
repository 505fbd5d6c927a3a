/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of an image. It stands here, at the end of hv/arch_ops.h, and not in an object of its own, so that the compiler
 * knows in every file what a call through it calls, and link-time optimisation can put it in line; nothing of the table itself is
 * left. Contracts: hv/arch_ops.h, hv/isa.h.
 */
#ifndef HV_OPS_TABLE_H
#define HV_OPS_TABLE_H

unsigned cpu_id(void);
void cpu_set_id(unsigned id);
void cpu_wait(void);
void cpu_relax(void);
void cpu_fence(void);
uint64_t cpu_syndrome(void);
void cpu_read_exit(enum exit_source source, struct exit_raw *out);
void reset_guest(const struct guest_reset *r);
void quiet_leave_guest(void);
void cpu_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va);
unsigned cpu_pa_bits(void);
uint32_t cpu_lacks(uint32_t needs);
uint64_t cpu_hw_id(void);
void cpu_halt(void);
void *mmu_map(paddr_t pa, uint64_t size, enum map_attr attr);
void mmu_unmap(const void *p, uint64_t size);
void *mmu_window_open(enum mmu_window w, paddr_t pa);
void mmu_window_close(enum mmu_window w);
bool mmu_probe(paddr_t pa);
paddr_t mmu_pa_of(const void *p);
void *mmu_own(uint64_t first, uint64_t size);
void mmu_stack(unsigned cpu, void *page);
enum hv_status mmu_move(const struct plan *plan);
void tlb_pte_write(uint64_t *slot, uint64_t pte);
void tlb_pte_fill(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n);
void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa);
void tlb_flush_vm(const struct s2_hw *s2);
void cache_clean(const void *p, uint64_t size);
bool cache_report(struct llc_report *out);
enum hv_status gic_init(const struct plan *plan);
enum hv_status gic_init_cpu(unsigned cpu);
uint32_t gic_ack(void);
void gic_drop(uint32_t intid);
void gic_deactivate(uint32_t intid);
void gic_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
void gic_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
uint32_t gic_get(enum irqc_bit what, unsigned cpu, unsigned word);
void gic_set_edge(unsigned cpu, uint32_t intid, bool edge);
void gic_route(uint32_t intid, unsigned cpu);
void gic_send_ipi(unsigned cpu);
unsigned gic_virq_nr_lrs(void);
uint64_t gic_virq_read_lr(unsigned n);
void gic_virq_write_lr(unsigned n, uint64_t lr);
uint32_t gic_virq_empty(void);
void gic_virq_reset(void);
unsigned gic_virq_priority_bits(void);
void gic_virq_tell(unsigned cpu);
uint64_t id_reg_read(uint32_t enc);
uint64_t timer_now(void);
uint32_t timer_freq(void);
void timer_stop_guest(void);
void timer_alarm(uint64_t when);
enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id);
void power_system_off(void);
uint32_t power_version(void);
const char *power_lacks(void);
bool console_try_putc(char c);
bool console_try_getc(uint8_t *c);
void console_uart_start(void);
void console_uart_events(bool received, bool room);

static const struct arch_ops arch_ops = {
    .cpu = {.id = cpu_id,
            .set_id = cpu_set_id,
            .wait = cpu_wait,
            .relax = cpu_relax,
            .fence = cpu_fence,
            .syndrome = cpu_syndrome,
            .read_exit = cpu_read_exit,
            .reset_guest = reset_guest,
            .leave_guest = quiet_leave_guest,
            .inject = cpu_inject,
            .pa_bits = cpu_pa_bits,
            .lacks = cpu_lacks,
            .hw_id = cpu_hw_id,
            .halt = cpu_halt},
    .mmu = {.map = mmu_map,
            .unmap = mmu_unmap,
            .window_open = mmu_window_open,
            .window_close = mmu_window_close,
            .probe = mmu_probe,
            .pa_of = mmu_pa_of,
            .own = mmu_own,
            .stack = mmu_stack,
            .move = mmu_move,
            .pte_write = tlb_pte_write,
            .pte_fill = tlb_pte_fill},
    .tlb = {.flush_ipa = tlb_flush_ipa, .flush_vm = tlb_flush_vm},
    .cache = {.clean = cache_clean, .report = cache_report},
    .irqc = {.init = gic_init,
             .init_cpu = gic_init_cpu,
             .ack = gic_ack,
             .drop = gic_drop,
             .deactivate = gic_deactivate,
             .set = gic_set,
             .clear = gic_clear,
             .get = gic_get,
             .set_edge = gic_set_edge,
             .route = gic_route,
             .send_ipi = gic_send_ipi},
    .virq = {.nr_lrs = gic_virq_nr_lrs,
             .read_lr = gic_virq_read_lr,
             .write_lr = gic_virq_write_lr,
             .empty = gic_virq_empty,
             .reset = gic_virq_reset,
             .priority_bits = gic_virq_priority_bits,
             .tell = gic_virq_tell},
    .isa = {.id_reg = id_reg_read},
    .timer = {.now = timer_now, .freq = timer_freq, .stop_guest = timer_stop_guest, .alarm = timer_alarm},
    .power = {.cpu_on = power_cpu_on, .system_off = power_system_off, .version = power_version, .lacks = power_lacks},
    .console = {.try_putc = console_try_putc,
                .try_getc = console_try_getc,
                .start = console_uart_start,
                .events = console_uart_events},
};

#endif
