/* SPDX-License-Identifier: Apache-2.0 */
/* Runs hvplan in-process in a scratch folder, on the boards of tests/unit/boards. */
#ifndef TESTS_HVPLAN_FIXTURE_H
#define TESTS_HVPLAN_FIXTURE_H

#include "sim/hvplan/hvplan.h"

/* cmocka group fixture: makes the scratch folder with board.dtb, hv.bin, kernel (arm64 header), raw.bin,
 * initrd. */
int hvplan_setup(void **state);
int hvplan_teardown(void **state);

/* Path of a file in the scratch folder; valid for the whole run of the test program. */
const char *scratch(const char *name);
void scratch_write(const char *name, const void *data, size_t size);
/* Contents of a scratch file, freed at teardown; size may be NULL. NULL if there is no such file. */
uint8_t *scratch_read(const char *name, size_t *size);

/* Compiles a .dts into a scratch .dtb. */
void scratch_dtb(const char *dts, const char *dtb);

#define KERNEL_FILE_SIZE  0x3004U
#define KERNEL_IMAGE_SIZE 0x5000U
#define RAW_SIZE          0x1003U
#define INITRD_SIZE       0x2345U
#define HV_FILE_SIZE      0x8000U
#define HV_MEM_SIZE       0x21000U

struct outcome {
    int rc;
    char *out; /* freed at the next run */
    char *err; /* without the warnings */
    char *warnings;
};

/* hvplan with these arguments (up to NULL). */
struct outcome hvplan(const char *const *args);

/* Writes system.dts with `body` inside /vms, from line 5 on, and runs: COMMAND on it with the small board. */
struct outcome hvplan_vms(const char *command, const char *body);
/* The same with the whole source. */
struct outcome hvplan_text(const char *command, const char *text);

/* Builds `body` as hvplan_vms does, which must go well and without an error, and reads the file back (its size may be
 * NULL); answers with its plan, which must be right. The file is freed at teardown. */
const struct plan *hvplan_build(const char *body, uint8_t **file, size_t *size);

/* Fails unless text occurs in where. */
void assert_contains(const char *where, const char *text);

#endif
