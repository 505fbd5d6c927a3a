# SPDX-License-Identifier: Apache-2.0
"""What each attack of the hostile guest (guests/hostile) must have met: functions from its facts to what is wrong with
them, in words. Nothing yielded is right. What the machine must look like afterwards is hostile.py's to say."""

import harness

if harness.ARCH == "riscv":
    from attacks_riscv import ATTACKS
else:
    from attacks_armv8 import ATTACKS

KNOWN = [name for name, a in ATTACKS.items() if a.board in (None, harness.BOARD)]
SHARED = [name for name in KNOWN if ATTACKS[name].shared]
SURVIVED = [name for name in KNOWN if ATTACKS[name].last is None and name not in SHARED]
ENDING = [name for name in KNOWN if ATTACKS[name].last]
