# SPDX-License-Identifier: Apache-2.0
"""A hart that the firmware starts under a number that it was not given."""

from test_stray_cpu import test_a_cpu_without_a_stack_halts_and_is_missed  # noqa: F401
