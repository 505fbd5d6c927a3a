# SPDX-License-Identifier: Apache-2.0
"""RISC-V boards: a machine whose memory holds something when the hypervisor begins."""

from test_dirty import test_what_memory_holds_at_boot_makes_no_difference  # noqa: F401
