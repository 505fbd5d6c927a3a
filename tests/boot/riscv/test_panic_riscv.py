# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own faults on RISC-V boards: as on Armv8, but for words and syndromes."""

from test_panic import (symbols, test_failed_check_ends_in_one_line_that_names_cpu_condition_and_place,  # noqa: F401
                        test_fault_of_the_hypervisor_ends_in_one_line_that_names_cpu_and_cause,
                        test_image_that_is_shipped_has_no_such_command)
