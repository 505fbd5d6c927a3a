# SPDX-License-Identifier: Apache-2.0
"""Does each wall of BOARD's still stand where its edit takes it away? Prints those that do not; nothing is built or run."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/boot"))

import harness  # noqa: E402

if harness.ARCH == "riscv":
    from walls_riscv import WALLS
else:
    from walls_armv8 import WALLS
from wall import Stale, edited  # noqa: E402


def main():
    stale = 0
    for name, wall in WALLS.items():
        try:
            edited(wall, ROOT)
        except (Stale, OSError) as e:
            print("wall %s of %s: %s" % (name, harness.BOARD, e))
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
