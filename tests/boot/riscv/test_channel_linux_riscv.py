# SPDX-License-Identifier: Apache-2.0
"""The driver of channels in Debian's riscv64 kernel."""

from test_channel_linux import (  # noqa: F401
    test_a_message_over_the_rate_is_sent_at_once_and_its_ring_comes_when_the_rate_allows,
    test_a_network_over_a_channel_pings_copies_16_mib_and_outlives_a_restart_of_the_peer,
    test_a_program_maps_the_channel_with_the_rights_of_the_plan_and_no_others,
    test_doorbells_ring_with_the_rights_and_rates_of_the_plan_and_when_the_peer_ends,
    test_messages_over_a_channel_with_doorbells,
    test_messages_over_a_channel_without_doorbells)
