/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

static void run(const char *name)
{
    for (unsigned i = 0; i < nr_tests; i++) {
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
    report_guest = "probe";
    print("probe: test guest: %s\n", fdt_bootargs());
    if (!bootarg_each("test", run)) {
        print("probe: no test= in the boot arguments\n");
        return;
    }
    print("probe: all done\n");
}

void guest_secondary(uint64_t arg)
{
    if (secondary_work != NULL) {
        secondary_work(arg);
    }
    (void)cpu_stop();
    print("probe: CPU_OFF returned\n");
}
