# SPDX-License-Identifier: Apache-2.0
"""No attack is a dud: for each of the hostile guest's there is a build of the hypervisor with one wall taken away, in which
the same judge that says SAFE of the shipped image says BREACH, in the words of that breach.

walls.py [--own | NAME...]: on BOARD, all walls; those with an attack at its interrupt controller alone; those named. Each is
a copy of the tree with source text replaced, built, and run; an edit that no longer applies, a copy that does not build, and
an attack that stays SAFE are failures. Prints "walls: N attacks breach M builds, F failed".
"""

import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/boot"))

import harness  # noqa: E402
import hostile  # noqa: E402
from attacks import ATTACKS, KNOWN  # noqa: E402
from wall import Stale, edited  # noqa: E402

if harness.ARCH == "riscv":
    from walls_riscv import WALLS
else:
    import test_interference
    from walls_armv8 import WALLS

OUT = harness.OUT / "walls"


class Failed(Exception):
    pass


# Runs side by side write the board's tree to one file.
WRITES_TREE = threading.Lock()
board_dtb = harness.board_dtb


def one_board_dtb(*arguments):
    with WRITES_TREE:
        return board_dtb(*arguments)


harness.board_dtb = one_board_dtb


def build(name, wall):
    """The image without the wall."""
    if not wall.edits:
        return None
    tree = OUT / name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for part in ("Makefile", "hv", "sim", "tests"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tree / part)
    (tree / "guests").mkdir()
    for part in (ROOT / "guests").glob("*.mk"):
        shutil.copy(part, tree / "guests")
    try:
        for file, text in edited(wall, tree).items():
            (tree / file).write_text(text)
    except Stale as e:
        raise Failed(str(e)) from e
    elf = Path("out") / harness.ARCH / harness.BOARD / "release" / "bulkhead.elf"
    done = subprocess.run(["make", "-C", str(tree), "-j1", "--no-print-directory", "OUT=out", str(elf),
                           str(elf.with_suffix(".bin"))], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed("the copy does not build:\n" + done.stderr[-1500:])
    return tree / elf


def breaches(name, wall, elf):
    """{attack: what the judge says}. What did no damage outside is followed by the next attack; else it is a new boot."""
    verdicts = {}
    together = [[a for a in wall.attacks if ATTACKS[a].last is None and ATTACKS[a].shared == shared] for shared in (True, False)]
    together += [[a] for a in wall.attacks if ATTACKS[a].last is not None]
    left = []
    while left or together:
        now = left or together.pop()
        if not now:
            continue
        run = hostile.Run("wall-%s" % name, now, elf=elf, extra=wall.extra, bounded=wall.ticks)
        found = run.run(go_on=False)
        if not found:
            raise Failed("%s: nothing was tried" % now)
        verdicts.update(found)
        left = [a for a in now if a not in found]
    return verdicts


def interference(elf):
    """A complaint, if the count of instructions per tick does not notice that exits are others' business."""
    counts = {n: test_interference.per_tick(n, elf, "wall-interference") for n in ("halted", "attacking")}
    print("wall exits-of-others: instructions per tick: %s" % counts, flush=True)
    return [] if len(set(counts.values())) > 1 else ["the ticks count the same without the wall: %s" % counts]


def attempt(name):
    """(name, verdicts, complaints)"""
    wall = WALLS[name]
    try:
        elf = build(name, wall)
        verdicts = breaches(name, wall, elf)
        complaints = interference(elf) if name == "exits-of-others" and harness.ARCH == "armv8" else []
    except (Failed, hostile.Breach, harness.BootError, AssertionError, OSError) as e:
        return name, {}, ["%s: %s" % (type(e).__name__, e)]
    for attack in wall.attacks:
        said = verdicts[attack]
        if not said:
            complaints.append("%s is SAFE without the wall: it is a dud" % attack)
        elif not any(re.search(wall.words, s) for s in said):
            complaints.append("%s breaches, but not in these words (%s): %s" % (attack, wall.words, said[:3]))
        elif attack in wall.also and not any(re.search(wall.also[attack], s) for s in said):
            complaints.append("%s is not seen from outside (%s): %s" % (attack, wall.also[attack], said[-3:]))
    if not complaints:
        shutil.rmtree(OUT / name, ignore_errors=True)
    return name, verdicts, complaints


DRAWN = 3  # walls of a board, where some are drawn


def main(names):
    if names == ["--own"]:
        names = [n for n, w in WALLS.items() if any(ATTACKS[a].board for a in w.attacks)]
    walls = names or [n for n, w in WALLS.items() if w.attacks]
    draw = os.environ.get("DRAW")  # continuous integration: some, drawn by the commit's id; `make nightly` tries all
    if draw and not names:
        walls = random.Random(draw).sample(walls, DRAWN)
    without = set(KNOWN) - {a for w in WALLS.values() for a in w.attacks}
    if without:
        print("walls: no build for " + " ".join(sorted(without)), file=sys.stderr)
    failed = 1 if without else 0
    breached = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, verdicts, complaints in pool.map(attempt, walls):
            for attack, said in verdicts.items():
                print("wall %s: %s: %s" % (name, attack, "BREACH: " + said[0][:150] if said else "SAFE"), flush=True)
                breached += 1 if said else 0
            for c in complaints:
                print("wall %s: FAILED: %s" % (name, c), file=sys.stderr, flush=True)
                failed += 1
    print("walls: %d attacks breach %d builds, %d failed" % (breached, len(walls), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
