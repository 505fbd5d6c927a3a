/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHM_CACHES_H
#define SHM_CACHES_H

#include "guest.h"

/* Makes memory that others have in common with this guest what it is to them: cached. `channel` is an address in it; with it the
 * whole GiB around becomes memory, so no device that is used may lie there. Once, on the one CPU, before that memory is touched. */
void caches_on(uint64_t channel);

#endif
