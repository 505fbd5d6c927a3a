# SPDX-License-Identifier: Apache-2.0
"""make nightly SHARD=i/n: one part of the long runs, of runs.txt, one after another. See README.md."""
import argparse
import hashlib
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARD_MINUTES = 80   # no shard takes longer: what has not ended by then has failed
BUILD_MINUTES = 8    # of it for what every shard builds and installs
SUMMARY = re.compile(r"^(== |canaries: |firmware control |=+ .*(passed|failed|error).* =+$|survived: |fuzz \w+: |bench: |bench-check: )")


class Wrong(Exception):
    """The list or the request makes no sense: nothing was run."""


class Run:
    def __init__(self, name, minutes, command):
        self.name, self.minutes, self.command = name, minutes, command


def spread(texts, values):
    """The texts once for each value of the first {word} that has values, and so on for the next."""
    for word in re.findall(r"\{(\w+)\}", texts[0]):
        if word in values:
            return [done for value in values[word]
                    for done in spread([t.replace("{%s}" % word, value) for t in texts], values)]
    return [texts]


def number_of(seed, name):
    """28 bits that differ by night and by run."""
    return int(hashlib.sha256(("%s %s" % (seed, name)).encode()).hexdigest()[:7], 16)


def read_runs(path, values, seed, out):
    """Every run of the list, its braces filled in."""
    values = dict(values)
    runs = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            words = line.split(None, 2)
            if not words or line.startswith("#"):
                continue
            if words[0] == "values":
                values[words[1]] = words[2].split()
                continue
            if len(words) != 3 or not words[1].isdigit() or not 0 < int(words[1]):
                raise Wrong("%s:%d: not `name minutes command`" % (path, number))
            for name, command in spread([words[0], words[2].strip()], values):
                for word, text in (("number", str(number_of(seed, name))), ("seed", "%s-%s" % (seed, name)),
                                   ("out", out)):
                    command = command.replace("{%s}" % word, text)
                if re.search(r"\{\w+\}", name + command):
                    raise Wrong("%s:%d: nobody fills in %s" % (path, number, re.search(r"\{\w+\}", name + command)[0]))
                runs.append(Run(name, int(words[1]), command))
    names = [r.name for r in runs]
    if not runs or len(set(names)) != len(names):
        raise Wrong("%s: no runs, or two of one name" % path)
    return runs


def shards(runs, count):
    """The runs dealt to `count` shards, the longest first and each to the shard that has least: the same every time."""
    dealt = [[] for _ in range(count)]
    for run in sorted(runs, key=lambda r: (-r.minutes, r.name)):
        min(dealt, key=lambda s: sum(r.minutes for r in s)).append(run)
    worst = BUILD_MINUTES + max(sum(r.minutes for r in s) for s in dealt)
    if worst > SHARD_MINUTES:
        raise Wrong("%d shards would take up to %d minutes each, and %d are allowed: take more" % (
            count, worst, SHARD_MINUTES))
    return dealt


def execute(run, log, seconds):
    """Exit code, or None if it took too long; nothing of it is left running."""
    with open(log, "wb") as f:
        with subprocess.Popen(["/bin/bash", "-c", run.command], stdin=subprocess.DEVNULL, stdout=f,
                              stderr=subprocess.STDOUT, start_new_session=True) as child:
            try:
                return child.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                try:
                    os.killpg(child.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                child.wait()


def tell(log, failed):
    """The runner's own summary; of a run that failed also the end of its output."""
    with open(log, encoding="utf-8", errors="replace") as f:
        lines = f.read().splitlines()
    shown = [line for line in lines if SUMMARY.match(line)]
    for line in shown[-40:] + (["-- the end of %s:" % log] + lines[-60:] if failed else []):
        print("   " + line, flush=True)


def carry_out(runs, folder, end):
    failed = []
    for run in runs:
        log = os.path.join(folder, run.name + ".log")
        begun = time.monotonic()
        print("== nightly: %s: %s" % (run.name, run.command), flush=True)
        seconds = min(120 * run.minutes, end - begun)
        code = execute(run, log, seconds) if seconds > 0 else None
        verdict = "passed" if code == 0 else "FAILED, " + ("out of time" if code is None else "exit code %d" % code)
        if code != 0:
            failed.append(run.name)
        if seconds > 0:
            tell(log, code != 0)
        print("== nightly: %s: %s, %.0f s (%d min foreseen)" % (
            run.name, verdict, time.monotonic() - begun, run.minutes), flush=True)
    return failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--shard", required=True)
    p.add_argument("--seed", required=True)
    p.add_argument("--runs", default=os.path.join(HERE, "runs.txt"))
    p.add_argument("--values", action="append", default=[], help="word=value value ...")
    p.add_argument("--only", default="", help="runs whose name this regular expression finds, instead of a shard's")
    p.add_argument("--dry", action="store_true", help="list, run nothing")
    args = p.parse_args()
    m = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", args.shard)
    if not m or int(m[1]) > int(m[2]):
        raise Wrong("SHARD=%s is not i/n with i from 1 to n" % args.shard)
    index, count = int(m[1]), int(m[2])
    out = os.environ["OUT"]
    values = {word: text.split() for word, _, text in (v.partition("=") for v in args.values)}
    runs = read_runs(args.runs, values, args.seed, out)
    mine = [r for r in runs if re.search(args.only, r.name)] if args.only else shards(runs, count)[index - 1]
    print("== nightly: shard %s of %d runs, seed %s; the same again: make nightly SHARD=%s NIGHT=%s" % (
        args.shard, len(runs), args.seed, args.shard, args.seed))
    for run in mine:
        print("   %3d min  %-28s %s" % (run.minutes, run.name, run.command))
    print("   %3d min  of at most %d" % (BUILD_MINUTES + sum(r.minutes for r in mine), SHARD_MINUTES), flush=True)
    if args.dry:
        return 0
    folder = os.path.join(out, "nightly")
    os.makedirs(folder, exist_ok=True)
    begun = time.monotonic()
    failed = carry_out(mine, folder, begun + 60 * SHARD_MINUTES)
    print("== nightly: shard %s: %d runs, %d failed%s, %.0f min" % (
        args.shard, len(mine), len(failed), " (%s)" % " ".join(failed) if failed else "",
        (time.monotonic() - begun) / 60))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as e:
        print("nightly: %s" % e, file=sys.stderr)
        sys.exit(2)
