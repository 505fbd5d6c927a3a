/* SPDX-License-Identifier: Apache-2.0 */
/* The target front as hvplan is for RISC-V boards. */
#include "fuzz_front.c"
