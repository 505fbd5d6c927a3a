# SPDX-License-Identifier: Apache-2.0
"""A Linux that boots, idles and works, under the hypervisor and on the bare board."""

import counted
import profile
from counted import ARMV8, exitlog, harness, statistics

INIT, IDLE, WORK = 20, 21, 22  # bench/linux/mark_*.S
IDLE_SECONDS = 10
TTY = "ttyAMA0" if ARMV8 else "ttyS0"
ARGS = "console=%s quiet nokaslr norandmaps rdinit=/bench" % TTY
# One CPU: with two it would depend on the emulator's turns who waits for whom.
VM = {"name": "linux", "vcpus": 1, "cpus": "<0>", "memory": "256M", "image": "debian/Image",
      "initrd": "guests/bench-initramfs.cpio", "bootargs": ARGS, "devices": harness.UARTS[0] if ARMV8 else counted.UART}


def native():
    log = harness.RUNS / "bench-native-linux.exits"
    options = [*counted.native_machine("256M", 1), *exitlog.options(log, guests=True, marks=True, **exitlog.FIRMWARE),
               "-initrd", str(harness.guest("bench-initramfs.cpio")), "-append", ARGS]
    return counted.unheard("native-linux", harness.IMAGES / "debian/Image", log, [], options)


def window(events, number):
    """The exits between a mark and the next END, and how many instructions all CPUs executed meanwhile."""
    begin, end = counted.between(events, number)
    inside = events[events.index(begin):events.index(end)]
    return counted.exits(inside), sum(end[5:]) - sum(begin[5:])


def start(events):
    return next(e for e in events if isinstance(e, exitlog.Mark) and e.number == INIT)


def linux():
    """Boot to init, exits per second of an idle and of a busy Linux, and the share of a workload."""
    events, _ = counted.run("linux", [VM], guests=True)
    bare, _ = native()
    profile.write_dearest("linux", events)
    began, began_bare = start(events), start(bare)
    idle, _ = window(events, IDLE)
    busy, executed = window(events, WORK)
    out = {"linux_boot.hv_insns": began.all_hs, "linux_boot.guest_insns": began.all_guest,
           "linux_boot.native_insns": began_bare.all_guest, "linux_boot.exits": len(counted.exits(events[:events.index(began)])),
           "linux_idle.exits_per_second": round(len(idle) / IDLE_SECONDS, 1),
           "linux_idle.hv_insns_per_second": round(sum(e.hs for e in idle) / IDLE_SECONDS),
           # At -icount shift=0 an instruction takes a nanosecond, on whichever CPU.
           "linux_busy.exits_per_second": round(1e9 * len(busy) / executed, 1),
           "linux_busy.hv_insns_median": statistics.median_low([e.hs for e in busy] or [0])}
    pair = counted.between(events, WORK), counted.between(bare, WORK)
    out.update(counted.overhead("overhead_linux", *pair))
    return out
