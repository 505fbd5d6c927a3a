/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHECK(cond): an invariant of the hypervisor that can never legitimately be false; always compiled in. Guest and
 * plan input is tested with branches, never with CHECK. The failure arm is the only code exempt from coverage.
 */
#ifndef HV_CHECK_H
#define HV_CHECK_H

/* Stops this CPU and says so on the console. Never returns. In the simulator it fails the test. */
_Noreturn void hv_panic(const char *file, int line, const char *what);

#define CHECK(cond)                                                                                          \
    do {                                                                                                     \
        if (__builtin_expect(!(cond), 0)) {                                                                  \
            hv_panic(__FILE__, __LINE__, #cond); /* GCOVR_EXCL_LINE */                                       \
        }                                                                                                    \
    } while (0)

#endif
