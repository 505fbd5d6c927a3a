/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvplan: a system description, the board's device tree and guest images -> one bootable file. The steps, one
 * file each, in the order in which they run:
 *   dts.c front.c front_vm.c           system.dts -> struct system
 *   board.c board_*.c device.c         the board's tree -> struct board_facts
 *   resolve.c resolve_console.c        names -> CPUs, devices, interrupts
 *   image.c hv_image.c                 guest images and the hypervisor's own
 *   layout.c                           where everything lies
 *   guest_dtb.c guest_*.c riscv_isa.c  the guests' device trees
 *   make_plan.c plan_board.c plan_issues.c  the binary plan, validated
 *   pack.c show.c                      the output file, and the same for people
 *   run.c                              options and the order of all this
 * Every step reports all that is wrong in its own matter; the next one runs only if nothing was.
 *
 * A program of all this knows the boards of one instruction set: that of the stage-2 format that it is linked with. The
 * command hvplan has two of them in it, and main.c chooses by the board's tree.
 */
#ifndef SIM_HVPLAN_H
#define SIM_HVPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hv/plan.h"

#define MAX_DEVICES     32 /* named by one VM */
#define MAX_DEVICE_REGS 8
#define MAX_DEVICE_IRQS 16
#define MAX_PIECES      3 /* image, initrd, device tree */

/* ---- memory, files, messages (util.c, diag.c)
 * ------------------------------------------------------------------ */

/* Everything of one run is allocated from here and freed together. Allocation never fails: it ends the
 * program. */
struct arena {
    struct arena_block *blocks;
    struct file_read *files; /* read in this run: the output may replace none of them */
};
void *arena_alloc(struct arena *a, size_t size); /* zeroed */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);

/* Notes a file that another program reads for this run (dtc). */
void output_spare(struct arena *a, const char *path);

/* Why `path` may not be written in this run, or NULL: it is no regular file, or one that was read. */
const char *output_refused(const struct arena *a, const char *path);

struct blob {
    uint8_t *data;
    size_t size;
};
/* Reads a whole file; on failure data is NULL and errno says why. One zero byte follows the data. */
struct blob blob_read(struct arena *a, const char *path);
struct blob blob_read_stream(struct arena *a, FILE *f);

struct diag {
    FILE *to;
    unsigned errors;
};
/* "WHERE: error: NODE: what; how to mend it"; WHERE is file:line, NODE a node path. */
void diag_error(struct diag *d, const char *where, const char *node, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The candidate nearest in spelling, or NULL if none is near. The list ends with NULL. */
const char *nearest(const char *word, const char *const *candidates);

/* "256 MiB" and the like; exact, never rounded. */
const char *size_text(struct arena *a, uint64_t bytes);

/* ---- the source: dtc and line numbers (dts.c)
 * ------------------------------------------------------------------- */

struct source_line {
    const char *path; /* node */
    const char *prop; /* property, or NULL for the node itself */
    const char *where;
    struct source_line *next;
};

struct source {
    const char *file;
    struct blob dtb;
    struct source_line *lines;
};
/* Compiles a .dts with dtc. False if dtc found errors: they are reported. */
bool source_read(struct arena *a, struct diag *d, const char *file, struct source *out);
/* file:line of a property (of the node if prop is NULL or not found). */
const char *source_where(const struct source *s, const char *path, const char *prop);

/* ---- the system as written (front.c)
 * ---------------------------------------------------------------------------- */

struct sys_vm {
    const char *name;
    const char *path; /* /vms/NAME */
    uint32_t nr_vcpus;
    uint32_t nr_cpus; /* named by `cpus`; 0 = hvplan chooses */
    uint32_t cpus[HV_MAX_CPUS];
    uint64_t memory;
    const char *image;
    const char *initrd;
    const char *bootargs;
    const char *console;
    const char *devices[MAX_DEVICES];
    unsigned nr_devices;
    bool has_load, has_entry, has_ram, has_dtb, no_dtb, check_image;
    enum plan_policy on_reset, on_fault;
    uint64_t load; /* these four: guest addresses */
    uint64_t entry;
    uint64_t ram;
    uint64_t dtb;
};

struct system {
    struct source src;
    struct sys_vm vm[HV_MAX_VMS];
    unsigned nr_vms;
    bool has_console_cpu;
    uint32_t console_cpu;
};
void front_read(struct arena *a, struct diag *d, struct system *s);

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

/* What the board's tree does not say: its name in Bulkhead and where its loader puts an image. */
struct board_kind {
    const char *name;
    const char *compatible;
    enum plan_irqc irqc;
    uint64_t load_offset; /* from the base of RAM */
    bool firmware_below;  /* what is below the load address stays the firmware's */
};
const struct board_kind *board_kind_of(const void *fdt, enum plan_irqc irqc);

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
    uint64_t ram_unused; /* bytes in other memory banks */
    int irqc_node;
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
/* Why the console cannot be driven for several VMs, apart from what every device has to fulfil; NULL: it can. */
const char *board_armv8_unshared(const struct board_facts *b);
const char *board_riscv_unshared(const struct board_facts *b);

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
};

/* `reg` of a node as CPU addresses; entries written, or -1 if there is no such address. */
int device_regs(const void *fdt, int node, struct reg_range *out, unsigned max);
/* One interrupt specifier of the board's controller -> INTID; UINT32_MAX if it is neither SPI nor PPI, nor a source. */
uint32_t device_intid(const struct board_facts *b, const uint32_t *cells);
/* The specifier of an SPI or wired source, without what GICs may have behind the third cell; cells written. */
unsigned device_irq_cells(const struct board_facts *b, uint32_t intid, uint32_t flags, uint32_t cells[3]);
/* Fills *dev for a node; NULL, or why it cannot be given to a VM. */
const char *device_read(struct arena *a, const struct board_facts *b, int node, struct device *dev);
const char *node_path(struct arena *a, const void *fdt, int node);
bool node_enabled(const void *fdt, int node);
/* Cells of a property in CPU byte order; NULL if it is absent or ragged. */
const uint32_t *node_cells(struct arena *a, const void *fdt, int node, const char *prop, unsigned *count);

/* ---- everything together
 * ------------------------------------------------------------------------------------------ */

/* Something that lies in a VM's block of the file. */
struct piece {
    const char *what;
    const uint8_t *data;
    uint64_t size;     /* bytes of data */
    uint64_t mem_size; /* that it occupies */
    uint64_t ipa;
};

struct vm {
    const struct sys_vm *sys;
    uint32_t cpus[HV_MAX_CPUS];
    unsigned nr_devices;
    struct device dev[MAX_DEVICES];
    int console; /* index into dev, -1 = none of them */
    bool shared; /* it has an emulated UART on the shared console, which is its console then */
    struct blob image, initrd, dtb;
    uint64_t image_mem_size;
    bool linux_header;
    unsigned nr_pieces;
    struct piece piece[MAX_PIECES];
    uint64_t entry;
    uint64_t initrd_ipa;
    uint64_t dtb_ipa; /* 0 = it wants none */
    uint64_t ram_ipa;
    uint64_t block_pa, block_size; /* the part of its RAM that is in the file */
    uint64_t rest_pa, rest_size;   /* the part that is not; IPA-contiguous */
    uint64_t pristine_pa, pristine_size; /* copies of its pieces, in the file; 0: it never restarts */
    uint64_t pristine[MAX_PIECES];       /* where the copy of each piece lies */
};

struct hv_image {
    const char *file; /* NULL: none given, sizes are assumed */
    uint8_t *data;
    uint64_t file_size; /* multiple of 8 */
    uint64_t mem_size;
};

struct options {
    const char *command;
    const char *board;
    const char *out;
    const char *hv;
    const char *images;
    const char *system;
};

struct run {
    struct options opt;
    struct arena arena;
    struct diag diag;
    FILE *out;
    struct system sys;
    struct board_facts board;
    struct hv_image hv;
    struct vm vm[HV_MAX_VMS];
    unsigned nr_vms;
    bool shared; /* some VM is on the shared console */
    uint32_t console_cpu;
    uint64_t file_size; /* of the packed file */
    uint8_t *plan_bytes;
    struct plan *plan;
    const char *log;
};

/* diag_error() at a property of a VM, a struct sys_vm. */
#define vm_error(r, v, prop, ...)                                                                            \
    diag_error(&(r)->diag, source_where(&(r)->sys.src, (v)->path, (prop)), (v)->path, __VA_ARGS__)

/* True if on-reset or on-fault asks for it. */
bool vm_restarts(const struct sys_vm *v);
void resolve(struct run *r);
/* Which VMs share the board's console, and the CPU that serves it. */
void resolve_console(struct run *r);
/* The VM that has the board's console as a device, or NULL. */
const struct vm *console_owner(const struct run *r);
/* A path or an alias of the board's tree; negative if there is no such node. */
int find_node(const void *fdt, const char *name);
void image_load_all(struct run *r);
void layout(struct run *r);
void guest_dtb(struct run *r, struct vm *v);
/* What the guest sees of its interrupt controller, at the board's addresses: distributor, and redistributors or CPU
 * interface; PLIC, and nothing (size 0); APLIC, and an interrupt file per vCPU. */
void guest_irqc_frames(const struct run *r, const struct vm *v, struct reg_range frame[2]);
void hv_image_load(struct run *r);
void make_plan(struct run *r);
/* Validates the plan and reports what is wrong with it. */
void plan_issues(struct run *r);
/* Writes the packed file under a temporary name, then renames it. */
void pack(struct run *r);
void show(struct run *r, FILE *f);
/* The fixed boot log text. */
const char *log_text_render(struct run *r);

/* Extensions of a RISC-V CPU (riscv_isa.c). True if a CPU's node says that it has this one. */
bool riscv_isa_has(struct arena *a, const void *fdt, int cpu, const char *name);
/* Of what riscv,isa says, or riscv,isa-extensions, what a guest is given: the same properties of its own CPU. *len is the
 * bytes of the second. NULL if the CPU's node has no such property. */
const char *riscv_isa_guest_string(struct arena *a, const void *fdt, int cpu, bool aia);
const char *riscv_isa_guest_list(struct arena *a, const void *fdt, int cpu, bool aia, int *len);

/* hvplan itself: 0 good, 1 the plan is wrong, 2 used wrongly. */
int hvplan_run(int argc, char *const *argv, FILE *out, FILE *err);
/* The instruction set of the board that these arguments name; Armv8 if they name none, or none that can be read. */
enum plan_isa hvplan_isa(int argc, char *const *argv);

#endif
