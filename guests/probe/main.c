/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"idregs", test_idregs},
    {"walls", test_walls},
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
};

void (*volatile secondary_work)(uint64_t arg);

static void run(const char *name)
{
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (str_equal(tests[i].name, name)) {
            print("probe: %s: begin\n", name);
            tests[i].run();
            print("probe: %s: end\n", name);
            return;
        }
    }
    print("probe: %s: no such test\n", name);
}

/* The list is separated by commas. */
void guest_main(void)
{
    char list[128];
    report_guest = "probe";
    print("probe: test guest: %s\n", fdt_bootargs());
    if (!bootarg("test", list, sizeof(list))) {
        print("probe: no test= in the boot arguments\n");
        return;
    }
    char *name = list;
    for (char *p = list;; p++) {
        bool last = *p == '\0';
        if (last || *p == ',') {
            *p = '\0';
            run(name);
            name = p + 1;
        }
        if (last) {
            break;
        }
    }
    print("probe: all done\n");
}

void guest_secondary(uint64_t arg)
{
    if (secondary_work != NULL) {
        secondary_work(arg);
    }
    (void)psci(PSCI_CPU_OFF, 0, 0, 0);
    print("probe: CPU_OFF returned\n");
}
