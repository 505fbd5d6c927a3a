# SPDX-License-Identifier: Apache-2.0
"""Debian's riscv64 Linux beside a hostile peer of a channel."""

from test_channel_hostile import test_linux_takes_no_harm_from_a_hostile_peer_of_a_channel  # noqa: F401
