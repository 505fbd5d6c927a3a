/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

const struct test tests[] = {
    {"csrs", test_csrs},
    {"sysregs", test_sysregs},
    {"insns", test_insns},
    {"walls", test_walls},
    {"nosyndrome", test_nosyndrome},
    {"calls", test_calls},
    {"sbi", test_sbi},
    {"cpubad", test_cpubad},
    {"cpuon", test_cpuon},
    {"suspend", test_suspend},
    {"dbcn", test_dbcn},
    {"legacy", test_legacy},
    {"ecall", test_ecall},
    {"rfence", test_rfence},
    {"memory", test_memory},
    {"fetchloop", test_fetchloop},
    {"smp", test_smp},
    {"ipi", test_ipi},
    {"msi", test_msi},
    {"timer", test_timer},
    {"uart", test_uart},
    {"irqc", test_irqc},
    {"counts", test_counts},
    {"busy", test_busy},
    {"spin", test_spin},
    {"exits", test_exits},
    {"off", test_off},
    {"reset", test_reset},
};
const unsigned nr_tests = sizeof(tests) / sizeof(tests[0]);
