# SPDX-License-Identifier: Apache-2.0
"""The same on harts."""

from test_bench import *  # noqa: F401,F403
