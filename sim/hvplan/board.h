/* SPDX-License-Identifier: Apache-2.0 */
/* The board and its devices, as hvplan reads them from its tree. A part of hvplan.h, which includes it. */
#ifndef SIM_HVPLAN_BOARD_H
#define SIM_HVPLAN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/plan.h"

#define MAX_DEVICE_REGS 8
#define MAX_DEVICE_IRQS 16
#define MAX_BUS_DEPTH   64 /* buses that an address or an interrupt is followed through */

struct arena;
struct diag;

/* ---- Linux's image headers (header.c): 64 bytes, of which text_offset, image_size and flags are where arm64 has them
 * ----------------------------------------------------------------------------------------------------------------- */

#define HEADER_SIZE        64U
#define HEADER_TEXT_OFFSET 8U
#define HEADER_IMAGE_SIZE  16U
#define HEADER_FLAGS       24U

/* True if it begins with the header of that instruction set. */
bool header_there(enum plan_isa isa, const uint8_t *data, uint64_t size);
const char *header_name(enum plan_isa isa); /* "arm64" or "RISC-V" */

/* ---- the board (board.c, device.c, board_kinds.c)
 * --------------------------------------------------------------- */

/* A clock that the firmware sets up, named by its number at a controller. The last of a board's has no compatible. */
struct board_clock {
    const char *compatible; /* of the controller */
    uint32_t number;
    uint32_t rate;
};

/* What the board's tree does not say: its name in Bulkhead, where its loader puts an image, the UART that its image drives. */
struct board_kind {
    const char *name;
    const char *compatible;
    enum plan_irqc irqc;
    const char *uart;     /* compatible */
    uint64_t load_offset; /* from the base of RAM */
    bool firmware_below;  /* what is below the load address stays the firmware's */
    const struct board_clock *clocks; /* NULL: none but what the tree says */
};
const struct board_kind *board_kind_of(const void *fdt, enum plan_irqc irqc);
/* The name of another board than `mine` that is in the hypervisor's image, if its own is not. NULL: nothing of the kind. */
const char *board_other_than(const struct board_kind *mine, const uint8_t *image, size_t size);

/* The instruction set of a board, by its tree: RISC-V if that has a CPU of it. */
enum plan_isa board_isa(const void *fdt);

struct board_facts {
    const char *file;
    const char *where; /* for messages */
    const void *fdt;
    enum plan_isa isa;
    const struct board_kind *kind;
    uint64_t load_base;
    uint32_t nr_cpus;
    struct {
        uint64_t hw_id;
        int node;
        uint32_t intc; /* RISC-V: phandle of its own interrupt controller */
        uint64_t irqc_pa; /* these two as in struct plan_cpu */
        uint32_t irqc_index;
    } cpu[HV_MAX_CPUS];
    uint64_t ram_base;
    uint64_t ram_size;
    uint64_t ram_unused; /* bytes in other memory banks, or from a reserved range on */
    int irqc_node;
    int files_node; /* of the AIA's interrupt files, which are irqc_base[1] */
    uint32_t irqc_phandle;
    uint32_t irqc_cells; /* #interrupt-cells */
    enum plan_irqc irqc; /* 0: none that is known */
    uint32_t sources;    /* RISC-V: wired ones that a plan can have */
    uint32_t irqc_ids;
    uint32_t timebase_hz;
    uint64_t irqc_base[PLAN_IRQC_FRAMES]; /* as in struct plan */
    uint64_t irqc_size[PLAN_IRQC_FRAMES];
    uint32_t maint_irq;
    int timer_node;
    uint32_t vtimer_irq;
    uint32_t ptimer_irq;
    uint32_t htimer_irq;
    int console_node; /* of stdout-path */
    const char *console_path;
    uint64_t console_base;
    uint64_t console_size;
    uint32_t console_irq;
    const char *console_unshared; /* why VMs cannot share it; NULL: they can */
};
/* In Hz, of the clock that a phandle's node and `cells` cells behind it name; 0 if nobody knows. */
uint32_t board_clock_rate(const struct board_facts *b, int node, const uint32_t *spec, unsigned cells);
void board_read(struct arena *a, struct diag *d, const char *file, struct board_facts *b);

/* While it is read: board_armv8.c and board_riscv.c read what each instruction set has of its own. */
struct board_reader {
    struct arena *a;
    struct diag *d;
    struct board_facts *b;
};
void board_error(struct board_reader *c, const char *node, const char *what);
void board_armv8(struct board_reader *c);
void board_riscv(struct board_reader *c);
/* Takes what the tree reserves out of the RAM; load_base is known. */
void board_reserved(struct board_reader *c);
/* Why the console cannot be driven for several VMs, apart from what every device has to fulfil; NULL: it can. */
const char *board_armv8_unshared(const struct board_facts *b);
const char *board_riscv_unshared(const struct board_facts *b);
/* Phandles that no node has or two have, and loops of interrupt parents and clocks. */
void board_links(struct board_reader *c);

struct reg_range {
    uint64_t base;
    uint64_t size;
};

struct device {
    int node;
    const char *path;
    unsigned nr_regs;
    struct reg_range reg[MAX_DEVICE_REGS];
    unsigned nr_irqs;
    struct {
        uint32_t intid;
        uint32_t flags; /* as in the tree: 1 rising edge, 4 level high */
    } irq[MAX_DEVICE_IRQS];
    bool may_share;      /* the plan lets other VMs have what is in its pages, or at its interrupts */
    bool in_shared_page; /* with something that is not the VM's */
    const struct device *line_taker; /* of another VM, which gets the interrupt that they have in common: this one has none then */
    const char *line_vm;             /* the name of that VM */
};

/* How many interrupts its VM gets of it: of irq[], the first ones. */
static inline unsigned device_irqs(const struct device *d)
{
    return d->line_taker == NULL ? d->nr_irqs : 0U;
}

/* Entry i of a node's `reg` as CPU addresses: 1; 0 if the CPUs cannot reach it; -1 if there is none. */
int device_reg(const void *fdt, int node, unsigned i, struct reg_range *out);
/* The same by its start alone, of at least a byte: where something is that may do more than its tree says. */
int device_reg_start(const void *fdt, int node, unsigned i, struct reg_range *out);
/* `reg` of a node as CPU addresses; entries written, or -1 if there is no such address. */
int device_regs(const void *fdt, int node, struct reg_range *out, unsigned max);
/* One interrupt specifier of the board's controller -> INTID; UINT32_MAX if it is neither SPI nor PPI, nor a source. */
uint32_t device_intid(const struct board_facts *b, const uint32_t *cells);
/* The specifier of an SPI or wired source, without what GICs may have behind the third cell; cells written. */
unsigned device_irq_cells(const struct board_facts *b, uint32_t intid, uint32_t flags, uint32_t cells[3]);
/* device_kind.c: why no VM may have the device at a node, of its kind, or without `dma` no VM that is not trusted with all memory; in
 * words that follow its name. NULL: nothing. */
const char *device_refused(const struct board_facts *b, int node, bool dma);
/* Fills *dev for a node; NULL, or why it cannot be given to a VM, whose devices may do DMA or not. */
const char *device_read(struct arena *a, const struct board_facts *b, int node, bool dma, struct device *dev);
const char *node_path(struct arena *a, const void *fdt, int node);
bool node_enabled(const void *fdt, int node);
/* Cells of a property in CPU byte order; NULL if it is absent or ragged. */
const uint32_t *node_cells(struct arena *a, const void *fdt, int node, const char *prop, unsigned *count);

/* Extensions of a RISC-V CPU (riscv_isa.c). True if a CPU's node says that it has this one. */
bool riscv_isa_has(struct arena *a, const void *fdt, int cpu, const char *name);
/* Of what riscv,isa says, or riscv,isa-extensions, what a guest is given: the same properties of its own CPU. *len is the
 * bytes of the second. NULL if the CPU's node has no such property. */
const char *riscv_isa_guest_string(struct arena *a, const void *fdt, int cpu, bool aia);
const char *riscv_isa_guest_list(struct arena *a, const void *fdt, int cpu, bool aia, int *len);

#endif
