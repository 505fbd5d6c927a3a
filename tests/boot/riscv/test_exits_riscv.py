# SPDX-License-Identifier: Apache-2.0
"""How often harts left their guest, and why, on RISC-V boards."""

from test_exits import test_counts_of_exits_are_what_the_guest_did_and_what_a_debugger_sees  # noqa: F401
