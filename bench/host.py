# SPDX-License-Identifier: Apache-2.0
"""Host programs: hvplan in instructions (callgrind), `make unit` in seconds, which are told and never compared."""

import os
import re
import subprocess
import time

import cases
from counted import harness


def instructions(command):
    """callgrind's count; the program's own output is dropped."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, command)], check=True,
                          capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def plan(count, channels=0):
    """A system of so many VMs, the first two with channels between them."""
    path = harness.RUNS / ("bench-hvplan-%d-%d.dts" % (count, channels))
    path.write_text(harness.system_text([{"name": "vm%d" % n, "vcpus": 1, "memory": "16M", "image": "guests/bench.bin",
                                          "console": "none"} for n in range(count)], cases.channels_of(("vm0", "vm1"), channels)))
    return path


def host():
    """32 VMs are as many as there can be (hv/include/hv/types.h), with a GICv2 8."""
    most = 8 if harness.GIC == 2 else 32
    board = harness.board_dtb(extra=["-smp", str(most)])
    common = ["--board", board, "--hv", harness.hv_elf(), "--images", harness.IMAGES]
    out = {}
    systems = {"%dvm" % count: (count, 0) for count in sorted({1, 8, most})}
    systems.update({"2vm_%dchannels" % count: (2, count) for count in (0, 4, 16)})
    for name, system in systems.items():
        command = [harness.OUT / "hvplan", "build", *common, "-o", harness.RUNS / "bench-hvplan.img", plan(*system)]
        out["hvplan_build_%s.insns" % name] = instructions(command)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    make = ["make", "-s", "-C", str(harness.ROOT), "run-unit"]
    subprocess.run(make, check=True, capture_output=True, env=env)  # builds it
    begun = time.monotonic()
    subprocess.run(make, check=True, capture_output=True, env=env)
    out["unit.seconds_never_compared"] = round(time.monotonic() - begun, 1)
    return out
