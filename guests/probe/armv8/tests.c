/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

const struct test tests[] = {
    {"idregs", test_idregs},
    {"walls", test_walls},
    {"channel", test_channel},
    {"bellcall", test_bellcall},
    {"bellserve", test_bellserve},
    {"nosyndrome", test_nosyndrome},
    {"calls", test_calls},
    {"sysregs", test_sysregs},
    {"setway", test_setway},
    {"memory", test_memory},
    {"fetchloop", test_fetchloop},
    {"psci", test_psci},
    {"cpubad", test_cpubad},
    {"cpuon", test_cpuon},
    {"off", test_off},
    {"reset", test_reset},
    {"sgi", test_sgi},
    {"smp", test_smp},
    {"timer", test_timer},
    {"gic", test_gic},
    {"spin", test_spin},
    {"hvc", test_hvc},
    {"exits", test_exits},
};
const unsigned nr_tests = sizeof(tests) / sizeof(tests[0]);
