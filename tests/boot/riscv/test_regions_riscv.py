# SPDX-License-Identifier: Apache-2.0
"""Regions of memory with fewer rights, on RISC-V boards."""

from test_regions import (  # noqa: F401
    test_a_region_gives_the_rights_that_the_plan_gives_it_and_no_others,
    test_linux_uses_memory_of_two_pieces_and_leaves_the_other_regions_alone)
