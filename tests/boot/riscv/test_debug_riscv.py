# SPDX-License-Identifier: Apache-2.0
"""The README's way to debug with gdb, on RISC-V boards."""

from test_debug import test_gdb_stops_at_the_boot_door_and_in_a_trap  # noqa: F401
