#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs benchmark cases on BOARD (as the Makefile has it), one after another, and writes what they measured.

    BOARD=virt-gicv3 bench/run.py [--case NAME]... [--out FILE]

Without --case: all of the board's. Without --out the figures are printed. Keys are "<isa>.<board>.<case>.<metric>"; bench/README.md tells them."""

import argparse
import json
import sys
import time
from pathlib import Path

import cases
import channels
import footprint
import host
import interference
import linux
from counted import harness

QUICK = (cases.exits, cases.interrupts, cases.doorbell, channels.round_trip, channels.channel, cases.boot_by_ram, footprint.image)
# Not in it: the ends of spreads, and the shares of a KiB, of which small ones would change by hundredths that mean nothing.
NOT_QUICK = ("_min", "_max", ".guest_insns_per_kib", ".hv_insns_per_kib", ".fw_insns_per_kib")


def quick():
    """What is the same each time and soon done: what bench/baseline.json holds. Of boot that is the whole, not each phase; of a channel
    all, not each owner."""
    return {key: value for case in QUICK for key, value in case().items() if not key.endswith(NOT_QUICK) and ".phase_" not in key}


CASES = {"exits": cases.exits, "interrupts": cases.interrupts, "doorbell": cases.doorbell, "round_trip": channels.round_trip,
         "channel": channels.channel, "storm": cases.storm, "boot": cases.boot, "move": cases.move, "kernels": cases.kernels,
         "linux": linux.linux, "footprint": footprint.footprint, "interference": interference.interference}
HOST = {"host": host.host, "lines": footprint.lines}  # not a board's: their keys begin with "host."
ALL = {**CASES, **HOST, "quick": quick}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--case", action="append", choices=[*ALL])
    p.add_argument("--out", type=Path)
    args = p.parse_args()
    figures = {}
    for name in args.case or CASES:
        begun = time.monotonic()
        found = ALL[name]()
        prefix = "host" if name in HOST else "%s.%s" % (harness.ARCH, harness.BOARD)
        figures.update({"%s.%s" % (prefix, key): value for key, value in found.items()})
        print("bench: %s: %s: %d figures, %.0f s" % (harness.BOARD, name, len(found), time.monotonic() - begun), file=sys.stderr,
              flush=True)
    text = json.dumps(figures, indent=1, sort_keys=True) + "\n"
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
