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
import footprint
import host
import interference
import linux
from counted import harness

QUICK = (cases.exits, cases.interrupts, cases.doorbell, cases.boot_by_ram, footprint.image)


def quick():
    """What is the same each time and soon done: what bench/baseline.json holds. Of boot that is the whole, not each phase."""
    return {key: value for case in QUICK for key, value in case().items() if not key.endswith(("_min", "_max")) and ".phase_" not in key}


CASES = {"exits": cases.exits, "interrupts": cases.interrupts, "doorbell": cases.doorbell, "storm": cases.storm, "boot": cases.boot, "move": cases.move, "kernels": cases.kernels,
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
