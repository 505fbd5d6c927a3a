# SPDX-License-Identifier: Apache-2.0
"""Doorbells between VMs of RISC-V."""

from test_doorbells import test_each_ring_is_answered_and_a_peer_hears_of_each_life  # noqa: F401
