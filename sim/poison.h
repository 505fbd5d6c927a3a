/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that may not be touched, where AddressSanitizer holds the hypervisor to that; elsewhere nothing. */
#ifndef SIM_POISON_H
#define SIM_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#endif
