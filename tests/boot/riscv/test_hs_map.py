# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own translation tables on RISC-V boards: what Armv8's must be, in the format of Sv39."""

from test_el2_map import (mapped, test_each_page_of_the_region_is_mapped_where_it_lies, test_each_stack_lies_between_pages_that_are_not_mapped,  # noqa: F401
                          test_exactly_the_text_is_executable, test_identity_map_and_guest_memory_are_gone,
                          test_no_page_is_both_writable_and_executable,
                          test_read_only_data_and_the_plan_cannot_be_written,
                          test_stacks_are_mapped_nowhere_else_and_no_page_twice, test_the_window_has_no_gaps,
                          test_what_is_mapped_of_devices_is_the_hypervisors_own)
