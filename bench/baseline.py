#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what was measured (run.py --case quick) against bench/baseline.json: baseline.py [--update REASON] FILE.json...

A figure may grow by 2 %, and no more: whoever needs more updates the baseline in the same change, with the reason, which stands in
it. Figures are compared only under the compilers and the emulator that made the baseline; under others that is said, and nothing
else. Exit code 1: a figure grew, went missing or is new; or the baseline was changed without a reason of its own."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
MAY_GROW = 0.02
TOOLS = ("aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc", "qemu-system-aarch64", "qemu-system-riscv64")


def board(key):
    return key.split(".")[1]


def versions():
    """The first line that each tool says of itself."""
    return {tool: subprocess.run([tool, "--version"], check=True, capture_output=True, text=True).stdout.split("\n")[0] for tool in TOOLS}


def judge(base, now):
    """What is wrong, and what is better by more than it may be worse."""
    wrong, better = [], []
    for key in sorted(set(base) | set(now)):
        if key not in now:
            wrong.append("%s: %s, now not measured" % (key, base[key]))
        elif key not in base:
            wrong.append("%s: new: %s" % (key, now[key]))
        elif now[key] > base[key] * (1 + MAY_GROW):
            wrong.append("%s: %s, now %s" % (key, base[key], now[key]))
        elif now[key] < base[key] * (1 - MAY_GROW):
            better.append("%s: %s, now %s" % (key, base[key], now[key]))
    return wrong, better


def parent():
    """The baseline of the commit before, if there is one to see."""
    done = subprocess.run(["git", "-C", str(HERE), "show", "HEAD^:./baseline.json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def unexplained(base, before):
    return before is not None and base["figures"] != before["figures"] and base["reason"] == before["reason"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--update", metavar="REASON")
    p.add_argument("files", nargs="+", type=Path)
    args = p.parse_args()
    now = {key: value for path in args.files for key, value in json.loads(path.read_text()).items()}
    boards = {board(key) for key in now}
    base = json.loads(BASELINE.read_text()) if BASELINE.exists() else {"reason": None, "tools": {}, "figures": {}}
    if args.update is not None:
        if not args.update.strip() or args.update == base["reason"]:
            sys.exit("bench-check: an update needs a reason of its own")
        kept = {k: v for k, v in base["figures"].items() if board(k) not in boards}
        text = json.dumps({"reason": args.update, "tools": versions(), "figures": {**kept, **now}}, indent=1, sort_keys=True)
        BASELINE.write_text(text + "\n")
        print("bench-check: %d figures are the baseline now: %s" % (len(now), args.update))
        return
    if base["tools"] != versions():
        print("bench-check: not compared: the baseline is of %s, here are %s" % (base["tools"], versions()))
        return
    wrong, better = judge({k: v for k, v in base["figures"].items() if board(k) in boards}, now)
    if unexplained(base, parent()):
        wrong.append("the baseline was changed, and its reason is the old one")
    for text in better:
        print("better: " + text)
    for text in wrong:
        print("WORSE: " + text)
    print("bench-check: %d figures, %d too large or not as they were, %d smaller by more than 2 %%%s" % (
        len(now), len(wrong), len(better), '; if it has to be so: make bench-check UPDATE="the reason"' if wrong else ""))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
