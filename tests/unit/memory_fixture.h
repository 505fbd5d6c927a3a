/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of physical memory for page tables, for unit tests that need no machine: any instruction set. */
#ifndef TESTS_UNIT_MEMORY_FIXTURE_H
#define TESTS_UNIT_MEMORY_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#define MEMORY_MAX_PAGES 512U

/* Memory of so many pages from base on, all of it 0xa5. arch_ops.mmu has map, unmap, pte_write and pte_fill for it;
 * arch_ops.tlb's do nothing. */
void memory_reset(uint64_t base, uint64_t pages);

/* NULL if [pa, pa + size) is not all in it. */
void *memory_at(uint64_t pa, uint64_t size);

/* As a walker reads (tests/walker/grants.h). */
bool memory_read(void *ctx, uint64_t pa, uint64_t *word);

#endif
