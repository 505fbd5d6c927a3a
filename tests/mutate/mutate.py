# SPDX-License-Identifier: Apache-2.0
"""make mutate SEED=s N=n: mutants of the hypervisor drawn by seed, and whether the tests notice. See README.md."""
import argparse
import collections
import concurrent.futures
import os
import shutil
import sys
import time

import explained as explanations
import interval
import mutants
import runner
import selftest


def table(results, explained):
    """Prints the score of each file, and returns killed, counted, survivors."""
    rows = collections.defaultdict(lambda: [0, 0, 0])
    survivors = []
    for m, killer, _ in results:
        row = rows[m.path]
        if killer:
            row[0] += 1
            row[1] += 1
        elif explanations.explanation(m, explained):
            row[2] += 1
        else:
            row[1] += 1
            survivors.append(m)
    print("\n%-34s %6s %6s %6s" % ("file", "drawn", "killed", "score"))
    for path, (killed, counted, excused) in sorted(rows.items()):
        score = "%5.0f%%" % (100.0 * killed / counted) if counted else "    -"
        print("%-34s %6d %6d %6s%s" % (path, counted, killed, score,
                                       "  (%d explained)" % excused if excused else ""))
    return sum(r[0] for r in rows.values()), sum(r[1] for r in rows.values()), survivors


def measure(bench, pool, args, explained):
    """[(mutant, killer or None, by time-out)]"""
    texts = runner.texts_of(bench.paths)
    following = runner.enums_of_tree()
    explanations.is_current(explained, runner.texts_of(bench.paths if not args.only else bench.every()), following)
    start = time.monotonic()
    drawn = mutants.draw(args.seed, texts, following)
    chosen, again = runner.choose(bench, pool, drawn, args.number)
    print("== mutate: seed %s: %d mutants drawn (drawn again: %s), %.0f s" % (
        args.seed, len(chosen), ", ".join("%d %s" % (n, why) for why, n in sorted(again.items())) or "none",
        time.monotonic() - start), flush=True)

    def one(item):
        m, folder = item
        begin = time.monotonic()
        killer, late = bench.judge(folder, m)
        verdict = "killed by %s%s" % (killer, " (time-out)" if late else "") if killer else "SURVIVED"
        print("%s: %s, %.1f s" % (m, verdict, time.monotonic() - begin), flush=True)
        shutil.rmtree(folder)
        return m, killer, late

    return list(pool.map(one, chosen))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", required=True)
    p.add_argument("--number", type=int, default=100)
    p.add_argument("--threshold", type=float, default=90.0)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--only", default="", help="only files that match this regular expression")
    args = p.parse_args()
    os.environ.setdefault("ASAN_OPTIONS", "abort_on_error=0")
    folder = os.path.join(os.environ["OUT"], "mutate")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    start = time.monotonic()
    explained = explanations.read(explanations.FILE)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        selftest.run(os.path.join(folder, "selftest"), pool)
        bench = runner.host_bench(folder, os.environ, args.only)
        bench.prepare(pool)
        results = measure(bench, pool, args, explained)
    used = [t for t in bench.tests if t.passes]
    print("== mutate: %d of %d test programs had to be run, and pass without a mutant (%.0f s of their own)" % (
        len(used), len(bench.tests), sum(t.seconds for t in used)))
    killed, counted, survivors = table(results, explained)
    late = [m for m, _, by_time in results if by_time]
    for m in late:
        print("killed by a time-out alone: %s" % m)
    for m, killer, _ in results:
        if not killer and explanations.explanation(m, explained):
            print("explained: %s: %s" % (m, explanations.explanation(m, explained)))
    for m in survivors:
        print("survived: %s" % m)
    score = 100.0 * killed / counted if counted else 0.0
    low, high = interval.exact(killed, counted)
    print("== mutate: of all mutants between %.1f and %.1f %% would be killed (95 %% interval)" % (100 * low, 100 * high))
    print("== mutate: seed %s: %d of %d mutants killed (%.1f %%, at least %.0f %%), %d of them by a time-out, "
          "%d survived, %d explained, %.0f s" % (args.seed, killed, counted, score, args.threshold, len(late),
                                                  len(survivors), len(results) - counted, time.monotonic() - start))
    return 0 if score >= args.threshold else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except runner.Broken as e:
        print("mutate: %s" % e, file=sys.stderr)
        sys.exit(2)
