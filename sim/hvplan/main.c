/* SPDX-License-Identifier: Apache-2.0 */
/* The command: hvplan of the board's instruction set. tests/host.mk makes both copies, and gives their doors these names. */
#include "hvplan.h"

int hvplan_run_armv8(int argc, char *const *argv, FILE *out, FILE *err);
int hvplan_run_riscv(int argc, char *const *argv, FILE *out, FILE *err);
enum plan_isa hvplan_isa_armv8(int argc, char *const *argv);

int main(int argc, char **argv)
{
    if (hvplan_isa_armv8(argc, argv) == PLAN_ISA_RISCV) {
        return hvplan_run_riscv(argc, argv, stdout, stderr);
    }
    return hvplan_run_armv8(argc, argv, stdout, stderr);
}
