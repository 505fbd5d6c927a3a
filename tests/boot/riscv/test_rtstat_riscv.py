# SPDX-License-Identifier: Apache-2.0
"""Debian's riscv64 Linux watches the real-time guest."""

from test_rtstat import (  # noqa: F401
    test_linux_sees_the_real_time_guests_statistics_and_tells_it_what_to_do)
