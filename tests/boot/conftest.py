# SPDX-License-Identifier: Apache-2.0
"""BOARD says whose tests they are: those in tests/boot/riscv are of RISC-V boards, and take from here what holds for both. On
boards that are not QEMU's own `virt` those run that know no address of the board but what harness.py says."""

import os

if os.environ.get("BOARD", "").startswith(("virt-plic", "virt-aia")):
    collect_ignore_glob = ["test_*.py"]
else:
    collect_ignore = ["riscv"]
    if not os.environ.get("BOARD", "virt-").startswith("virt-"):
        anywhere = ["test_rt.py", "test_linux.py", "test_console.py", "test_smp.py", "test_s2_equal.py", "test_el2_map.py",
                    "test_debug.py", "test_refusal.py", "test_queue.py", "test_rtstat.py", "test_channel_linux.py", "test_channel_load.py",
                    "test_channel_hostile.py"]
        if os.environ["BOARD"] != "versal":  # two CPUs are too few
            anywhere.append("test_probe.py")
        collect_ignore += [n for n in os.listdir(os.path.dirname(__file__)) if n.startswith("test_") and n not in anywhere]


def pytest_collection_modifyitems(config, items):
    """BOOT_THIRD, 0 to 2: every third test, from that one on."""
    third = os.environ.get("BOOT_THIRD")
    if third is not None:
        config.hook.pytest_deselected(items=[item for n, item in enumerate(items) if n % 3 != int(third)])
        items[:] = items[int(third)::3]
