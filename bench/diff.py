#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a change cost: diff.py BASE.json NOW.json. Figures that differ, by how much, the worst first."""

import json
import sys
from pathlib import Path


def main():
    base, now = (json.loads(Path(p).read_text()) for p in sys.argv[1:3])
    rows = [(now[k] - base[k], k) for k in set(base) & set(now) if base[k] != now[k]]
    rows.sort(key=lambda r: (-r[0] / (base[r[1]] or 1), r[1]))
    for change, key in rows:
        part = "%+9.2f %%" % (100 * change / base[key]) if base[key] else "      new"
        print("%-52s %12s %12s %+10d %s" % (key, "{:,}".format(base[key]), "{:,}".format(now[key]), change, part))
    for key in sorted(set(base) ^ set(now)):
        print("%-52s only in %s" % (key, "the base" if key in base else "the change"))
    print("bench-diff: %d of %d figures differ" % (len(rows), len(set(base) & set(now))))


if __name__ == "__main__":
    main()
