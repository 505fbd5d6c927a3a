# SPDX-License-Identifier: Apache-2.0
"""VMs among each other by colours, on RISC-V boards."""

from test_colours import (  # noqa: F401
    test_a_hog_takes_no_line_of_a_victim_of_other_colours_and_with_one_wrong_page_it_does,
    test_linux_in_colours_boots_and_powers_off_beside_a_real_time_guest_in_others,
    test_two_coloured_vms_among_each_other_run_and_one_restarts)
