# SPDX-License-Identifier: Apache-2.0
"""Debian's riscv64 Linux and a bare-metal peer over a channel."""

from test_channel_load import (  # noqa: F401
    test_no_acknowledged_message_is_lost_or_torn_while_linux_and_its_peer_restart_under_load)
