# SPDX-License-Identifier: Apache-2.0
"""The tests of RISC-V boards stand on what those of tests/boot stand on."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
pytest.register_assert_rewrite("common")  # and of tests of tests/boot that are imported
