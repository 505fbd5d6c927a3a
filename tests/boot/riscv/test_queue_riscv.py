# SPDX-License-Identifier: Apache-2.0
"""Guests of RISC-V exchange messages and values over a channel."""

from test_queue import (  # noqa: F401
    test_messages_and_values_are_whole_and_in_order_over_restarts_of_both_sides)
