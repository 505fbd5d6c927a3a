/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvplan: a system description, the board's device tree and guest images -> one bootable file. The steps, one
 * file each, in the order in which they run:
 *   dts.c dts_*.c front.c front_*.c    system.dts -> struct system
 *   board*.c device*.c                 the board's tree -> struct board_facts
 *   resolve*.c names.c                 names -> CPUs, devices, interrupts
 *   image.c hv_image.c                 guest images and the hypervisor's own
 *   colours.c                          the cache, and whose colours are whose
 *   channel.c channel_info.c doorbell.c direct.c  memory that VMs have in common, and its doorbells
 *   ram.c layout*.c                    where everything lies
 *   guest_dtb.c guest_*.c riscv_isa.c  the guests' device trees
 *   overlay.c                          and what their users add to them
 *   make_plan.c plan_board.c plan_issues.c  the binary plan, validated
 *   pack.c log_text.c                  the output file, and what it says at boot
 *   map.c show.c svg.c                 the same for people, as text and as a picture
 *   run.c help.c                       options and the order of all this
 * Every step up to the images reports all that is wrong in its own matter; those behind it run only if nothing was.
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

#include "hv/extent.h"
#include "hv/plan.h"

#include "board.h"
#include "channel.h"

#define MAX_DEVICES     32 /* named by one VM */
#define MAX_PIECES      3 /* image, initrd, device tree */
#define IPA_LIMIT       ((uint64_t)1 << 40) /* guest addresses: what every CPU this version knows has */
#define MAX_REGIONS     7U /* of memory, that a VM has besides its `memory` */

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
    FILE *to; /* NULL: nobody is told */
    unsigned errors;
};
/* "WHERE: error: NODE: what; how to mend it"; WHERE is file:line, NODE a node path. */
void diag_error(struct diag *d, const char *where, const char *node, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same as a warning: what is made works, though not all is as on the board. */
void diag_warning(const struct diag *d, const char *where, const char *node, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The candidate nearest in spelling, or that the word begins; NULL if none is near. The list ends with NULL. */
const char *nearest(const char *word, const char *const *candidates);

/* "256 MiB" and the like; exact, never rounded. */
const char *size_text(struct arena *a, uint64_t bytes);

/* ---- the source: dtc and line numbers (dts.c)
 * ------------------------------------------------------------------- */

/* How a value is written. In a compiled tree "abc" cannot be told from a cell. */
enum value_kind { VALUE_UNKNOWN, VALUE_NONE, VALUE_STRINGS, VALUE_CELLS, VALUE_BYTES, VALUE_MIXED };

struct source_line {
    const char *path; /* node */
    const char *prop; /* property, or NULL for the node itself */
    const char *where;
    enum value_kind kind;
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
enum value_kind source_kind(const struct source *s, const char *path, const char *prop);

/* ---- the system as written (front.c)
 * ---------------------------------------------------------------------------- */

/* Memory besides a VM's `memory`. */
struct sys_region {
    const char *name;
    const char *path; /* /vms/NAME/regions/NAME */
    uint64_t ipa;
    uint64_t size; /* 0: it was wrong */
    uint64_t colours; /* 0: those of the VM, if it has any */
    bool ro, xn;
};

/* The node /cache. */
struct sys_cache {
    bool there;
    uint64_t size; /* 0: it was wrong, as for the next two */
    uint32_t ways, line;
    uint64_t hash[LLC_COLOUR_BITS];
};

struct sys_vm {
    const char *name;
    const char *path; /* /vms/NAME */
    uint32_t nr_vcpus;
    uint32_t nr_cpus; /* named by `cpus`; 0 = hvplan chooses */
    uint32_t cpus[HV_MAX_CPUS];
    uint64_t memory;
    uint64_t colours; /* 0: none */
    const char *image;
    const char *initrd;
    const char *bootargs;
    const char *overlay;
    const char *console;
    const char *devices[MAX_DEVICES];
    unsigned nr_devices;
    const char *shared[MAX_DEVICES]; /* those of `devices` */
    unsigned nr_shared;
    bool has_load, has_entry, has_ram, has_dtb, no_dtb, check_image, trusted_dma;
    bool xn; /* `memory` cannot be executed */
    struct sys_region region[MAX_REGIONS];
    unsigned nr_regions;
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
    struct sys_cache cache;
    uint64_t hv_colours; /* 0: the hypervisor stays where it is loaded */
    struct sys_channel channel[MAX_CHANNELS];
    unsigned nr_channels;
};
void front_read(struct arena *a, struct diag *d, struct system *s);

/* ---- everything together
 * ------------------------------------------------------------------------------------------ */

/* Something that lies in a VM's block of the file. */
struct piece {
    const char *what;
    const uint8_t *data;
    uint64_t size;     /* bytes of data */
    uint64_t mem_size; /* that it occupies */
    uint64_t ipa;
    unsigned ram; /* the VM's memory in which it is, or should be */
};

/* Memory of a VM: the first is its `memory`, then come its regions. In physical memory it may be in two parts: the first is in
 * the file, with what of image, initrd and device tree lies in it. */
struct ram {
    const struct sys_region *region; /* NULL: `memory` */
    uint64_t ipa;
    uint64_t size;
    uint32_t rights;             /* S2_R, S2_W, S2_X */
    uint64_t block_pa, block_size;
    uint64_t rest_pa, rest_size;
    uint64_t rest_ipa; /* behind the block; with trusted DMA rest_pa */
    uint64_t colours;  /* 0: contiguous, each part. Else block_pa and rest_pa are where its periods begin */
};

struct vm {
    const struct sys_vm *sys;
    uint32_t cpus[HV_MAX_CPUS];
    unsigned nr_devices;
    struct device dev[MAX_DEVICES];
    int console; /* index into dev, -1 = none of them */
    bool shared; /* it has an emulated UART on the shared console, which is its console then */
    struct blob image, initrd, dtb;
    const char *image_path, *initrd_path; /* where they were found */
    struct blob overlay; /* on dtb; compiled */
    const char *overlay_where;
    const struct source *overlay_source; /* NULL: it was compiled already */
    uint64_t image_mem_size;
    bool linux_header;
    unsigned nr_pieces;
    struct piece piece[MAX_PIECES];
    uint64_t entry;
    uint64_t initrd_ipa;
    uint64_t dtb_ipa; /* 0 = it wants none */
    unsigned nr_ram;
    struct ram ram[1U + MAX_REGIONS];
    uint64_t pristine_pa, pristine_size; /* copies of its pieces, one behind the other, in the file; 0: it never restarts */
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
    const char *svg;
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
    bool board_good; /* nothing was wrong with it */
    struct hv_image hv;
    struct vm vm[HV_MAX_VMS];
    unsigned nr_vms;
    struct channel channel[MAX_CHANNELS];
    unsigned nr_channels;
    bool shared; /* some VM is on the shared console */
    uint32_t console_cpu;
    struct plan_llc llc; /* size 0: nothing is coloured */
    uint64_t file_size; /* of the packed file */
    uint64_t hv_home;   /* where the memory of the hypervisor's colours begins; 0 without */
    uint8_t *plan_bytes;
    struct plan *plan;
    const char *log;
};

/* diag_error() at a property of a VM, a struct sys_vm. */
#define vm_error(r, v, prop, ...)                                                                            \
    diag_error(&(r)->diag, source_where(&(r)->sys.src, (v)->path, (prop)), (v)->path, __VA_ARGS__)

/* ---- a VM's memory (ram.c) ---- */
/* From what the plan says. */
void ram_collect(const struct run *r, struct vm *v);
/* The memory that holds a guest address, or NULL. */
const struct ram *ram_at(const struct vm *v, uint64_t ipa);
/* The part of memory that is in the file; where a piece begins in it. */
struct extent ram_block(const struct run *r, const struct ram *m);
uint64_t ram_piece_offset(const struct vm *v, const struct piece *p);
/* Where the first byte of a piece lies in physical memory. */
uint64_t ram_piece_pa(const struct run *r, const struct vm *v, const struct piece *p);
/* The memory of a VM's pristine copies: coloured as its `memory`. Where the copy of a piece begins in it. */
struct extent ram_pristine(const struct run *r, const struct vm *v);
uint64_t ram_pristine_offset(const struct vm *v, unsigned piece);
uint64_t ram_bytes(const struct vm *v);
/* "RAM", or "region NAME"; ram_text() with what a guest may not do there. */
const char *ram_name(struct arena *a, const struct ram *m);
const char *ram_text(struct arena *a, const struct ram *m);
/* ", or in one of its regions", if it has any. */
const char *ram_or_regions(const struct vm *v);
/* diag_error() at a property of the node that the memory is written in: of its region, or of the VM. */
#define ram_error(r, v, m, prop, ...)                                                                                  \
    diag_error(&(r)->diag, source_where(&(r)->sys.src, ram_path((v), (m)), (prop)), ram_path((v), (m)), __VA_ARGS__)
const char *ram_path(const struct vm *v, const struct ram *m);

/* ---- colours (colours.c) ---- */
/* What the cache is, by the plan or the board's tree, and that it has the colours that VMs ask for. */
void colours_resolve(struct run *r);
/* "0-7,12" */
const char *colours_text(struct arena *a, uint64_t colours);
/* All that a VM's memory has; of what is not coloured, all there are. NULL: the hypervisor's. */
uint64_t colours_of(const struct run *r, const struct vm *v);
/* The line of the boot log on whose colours are whose; "" if nothing is coloured. */
const char *colours_line(struct run *r);

/* True if on-reset or on-fault asks for it. */
bool vm_restarts(const struct sys_vm *v);
void resolve(struct run *r);
/* guest_devices.c: true if a device is passed on without the property, since it names what no VM has. */
bool guest_device_lacks(const char *prop);
/* True if a VM has the device at the node, or the hypervisor has it as its console. */
bool device_taken(struct run *r, int node);
/* The device that a VM has at a node, or NULL; and of all VMs, with the VM that has it. */
struct device *device_of(struct vm *v, int node);
struct device *device_owned(struct run *r, int node, struct vm **owner);
/* The node of a name in a property of a VM; negative after an error. */
int resolve_name(struct run *r, const struct vm *v, const char *prop, const char *name);
/* Registers in one page, and lines of interrupts, of several devices: whose they may be. */
void resolve_shared(struct run *r);
/* The lines of the boot log on what VMs share. */
const char *shared_text(struct run *r);
/* Which VMs share the board's console, and the CPU that serves it. */
void resolve_console(struct run *r);
/* The VM that has the board's console as a device, or NULL. */
const struct vm *console_owner(const struct run *r);
/* ---- names of the board's tree (names.c) ---- */
/* A path, an alias or a label; negative if there is no such node. */
int find_node(const void *fdt, const char *name);
/* The node of its stdout-path. */
int find_stdout(const void *fdt);
/* What two nodes a name stands for, or NULL. */
const char *find_ambiguity(struct arena *a, const void *fdt, const char *name);
/* The nearest path, alias or label, as "did you mean X?", or how to find out. */
const char *find_suggestion(struct arena *a, const void *fdt, const char *name);
void image_load_all(struct run *r);
void layout(struct run *r);
/* layout_colour.c: what is coloured, from `start` on, behind all other blocks. */
struct zone {
    struct run *r;
    uint64_t start, limit; /* of the RAM that it may take */
    uint64_t end;          /* of what it took */
    unsigned n;
    struct extent taken[HV_MAX_VMS * (2U * (1U + MAX_REGIONS) + 1U) + MAX_CHANNELS * CHANNEL_PIECES + 1U];
};
/* The lowest base at which `size` bytes of these colours are free, which they are no more. Where they are not all in RAM the
 * error is told at the property colours of the node at `path`, and the base is 0. The second is for memory of a VM. */
uint64_t zone_take(struct zone *z, const char *path, uint64_t colours, uint64_t size, const char *what);
uint64_t zone_take_ram(struct zone *z, const struct vm *v, const struct ram *m, uint64_t size, const char *what);
/* The same for the hypervisor, if it has colours, but behind all others so far, and in blocks that nobody shares (plan_check_hv.c). */
uint64_t zone_take_hv(struct zone *z);
/* layout_check.c: that the VM's memory lies where nothing else of it does. */
void layout_check(struct run *r, const struct vm *v);
void guest_dtb(struct run *r, struct vm *v);
/* overlay.c: that the blob is an overlay, and the VM's device tree with it. */
void overlay_check(struct run *r, struct vm *v);
void overlay_apply(struct run *r, struct vm *v);
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

/* help.c: if --help or -h is among the arguments, prints what it asks for, the command's own if one is named. */
bool help(int argc, char *const *argv, FILE *out);
void help_usage(FILE *to);

/* ---- the steps (run.c) ---- */
/* Reads the board's tree that the options name. Behind it run_source() makes the plan of r->sys.src, or says what is wrong. */
void run_board(struct run *r);
void run_source(struct run *r);

/* hvplan itself: 0 good, 1 the plan is wrong, 2 used wrongly. */
int hvplan_run(int argc, char *const *argv, FILE *out, FILE *err);
/* The instruction set of the board that these arguments name; Armv8 if they name none, or none that can be read. */
enum plan_isa hvplan_isa(int argc, char *const *argv);

#endif
