/* SPDX-License-Identifier: Apache-2.0 */
/* What hvplan says of itself: all of it, or of one command. */
#include "hvplan.h"

#include <string.h>

static const char board[] =
    "  --board BOARD.dtb  the board's own device tree (QEMU: -M ...,dumpdtb=BOARD.dtb); it says whether Armv8 or RISC-V\n";
static const char hv[] = "  --hv FILE          the hypervisor: its ELF file\n";
static const char hv_assumed[] = "  --hv FILE          the hypervisor: its ELF file; without it a size is assumed\n";
static const char images[] = "  --images DIR       where else to look for image, initrd and overlay than beside system.dts\n";
static const char status[] = "Exit status: 0 good, 1 the plan is wrong, 2 used wrongly.\n";
static const char errors[] =
    "All that is wrong is told on standard error, as \"FILE:LINE: error: /NODE: what; how to mend it\".\n";

static const struct command {
    const char *name;
    const char *usage;
    const char *what; /* one line, in the list of all */
    const char *more;
    const char *options[5];
} commands[] = {
    {"build", "build --board BOARD.dtb --hv FILE.elf [--images DIR] -o OUT system.dts",
     "write one bootable file: hypervisor, plan, guest images and device trees",
     "OUT is what QEMU's -kernel and U-Boot's booti take. Nothing is written if anything is wrong; an old OUT stays as it is.\n",
     {board, hv, images, "  -o OUT             the file to write\n"}},
    {"check", "check --board BOARD.dtb [--hv FILE.elf] [--images DIR] system.dts", "only say whether the plan is right",
     "Silent if it is. Nothing is written.\n",
     {board, hv_assumed, images}},
    {"show", "show  --board BOARD.dtb [--hv FILE.elf] [--images DIR] [--svg FILE] [-o OUT] system.dts",
     "print what the plan gives to whom, and where it lies",
     "Memory, CPUs, devices, interrupts; what the hypervisor does with memory at boot and at a restart; what is left.\n",
     {board, hv_assumed, images, "  --svg FILE         the map as a picture, into FILE\n",
      "  -o OUT             the map into OUT and not on standard output; as a picture if OUT ends in .svg\n"}},
};

void help_usage(FILE *to)
{
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        fprintf(to, "%s hvplan %s\n", i == 0U ? "usage:" : "      ", commands[i].usage);
    }
    fputc('\n', to);
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        fprintf(to, "  %-6s  %s\n", commands[i].name, commands[i].what);
    }
    fprintf(to,
            "\nhvplan COMMAND --help tells its options.\n"
            "Properties of /vms/NAME: vcpus cpus memory memory-address colours image initrd bootargs devices shared\n"
            "load entry dtb overlay console on-reset on-fault check-image trusted-dma xn; of /: console-cpu;\n"
             "of /vms/NAME/regions/REGION: memory memory-address colours ro xn; of /cache: size ways line hash;\n"
             "of /hypervisor: colours; of /channels/CHANNEL: memory colours doorbells;\n"
             "of its endpoints/NAME: output ro rate burst\n"
            "(see guests/systems/README.md).\n"
            "%s",
            status);
}

static void help_command(const struct command *c, FILE *to)
{
    fprintf(to, "usage: hvplan %s\n\n%s: %s.\n%s\n", c->usage, c->name, c->what, c->more);
    for (unsigned i = 0; i < ARRAY_SIZE(c->options) && c->options[i] != NULL; i++) {
        fputs(c->options[i], to);
    }
    fprintf(to, "  system.dts         the plan (guests/systems/README.md)\n\n%s%s", errors, status);
}

bool help(int argc, char *const *argv, FILE *out)
{
    const struct command *named = NULL;
    bool asked = false;

    for (int i = 1; i < argc; i++) {
        asked |= strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        for (unsigned k = 0; k < ARRAY_SIZE(commands) && named == NULL; k++) {
            named = strcmp(argv[i], commands[k].name) == 0 ? &commands[k] : NULL;
        }
    }
    if (asked && named != NULL) {
        help_command(named, out);
    } else if (asked) {
        help_usage(out);
    }
    return asked;
}
