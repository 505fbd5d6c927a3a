# SPDX-License-Identifier: Apache-2.0
"""Memory that VMs of RISC-V have in common, tried from inside."""

from test_channels import (  # noqa: F401
    test_each_endpoint_has_the_rights_of_the_plan_and_a_restart_leaves_the_memory_as_it_is)
