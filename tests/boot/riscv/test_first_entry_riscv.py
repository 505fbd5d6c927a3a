# SPDX-License-Identifier: Apache-2.0
"""What registers hold as a guest begins, on RISC-V boards: as on Armv8."""

from test_first_entry import test_a_guest_finds_nothing_in_registers_but_its_arguments  # noqa: F401
