# SPDX-License-Identifier: Apache-2.0
"""A hypervisor in its own colours on RISC-V boards: as on Armv8."""

from test_hv_colours import (symbols, test_a_fault_of_a_moved_hypervisor_is_reported_and_others_run_on,  # noqa: F401
                             test_a_hypervisor_that_has_not_moved_does_not_live_without_that_memory,
                             test_a_plan_of_more_than_a_page_moves_whole,
                             test_guests_run_and_restart_on_a_moved_hypervisor,
                             test_nothing_of_the_memory_it_left_is_read_or_written)
