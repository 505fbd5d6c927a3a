# SPDX-License-Identifier: Apache-2.0
"""make lint: cppcheck with MISRA rules, and clang-tidy, as a ratchet: findings per rule against a committed baseline.

More findings of a rule than the baseline has: failure. Fewer: failure too, until `make lint UPDATE=1` lowers it (it
never raises a number of an existing baseline).
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

import tree

BASELINE = "tests/check/lint-baseline.txt"
RULES = "tests/check/misra-rules.txt"
INCLUDES = ["-Ihv/include", "-Ihv/arch/armv8/include", "-Ihv", "-I."]


def sources(root):
    """hv/ as the target sees it; the host programs are linted by clang-tidy alone."""
    hv = [f for f in tree.files(root, ".c", under=("hv",)) if not f.endswith("asm_offsets.c")]
    host = tree.files(root, ".c", under=("sim",))
    return hv, host


def misra_rules(root):
    return set(re.findall(r"^Rule (\d+\.\d+) ", tree.read(root, RULES), re.M))


def cppcheck(root, files, build_dir):
    """{(rule, file, line)} of cppcheck's own checks and of the listed MISRA rules."""
    # Its intermediate files go there, not beside the sources.
    scratch = os.path.join(build_dir, "cppcheck-" + hashlib.sha256(tree.read(root, RULES).encode()).hexdigest()[:8])
    os.makedirs(scratch, exist_ok=True)
    addon = os.path.join(build_dir, "misra.json")
    with open(addon, "w", encoding="utf-8") as f:
        json.dump({"script": "misra.py", "args": ["--rule-texts=" + os.path.join(root, RULES)]}, f)
    command = ["cppcheck", "--quiet", "--std=c11", "--platform=unix64", "--enable=warning,style,performance,portability",
               "--inline-suppr", "--suppress=unusedStructMember", "--suppress=missingIncludeSystem",
               "--addon=" + addon, "--cppcheck-build-dir=" + scratch, "--template={id}\t{file}\t{line}\t{message}", "-j", str(os.cpu_count() or 1),
               *INCLUDES, *files]
    r = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if r.returncode != 0:
        sys.exit("lint: cppcheck failed:\n" + r.stderr[-2000:] + r.stdout[-2000:])
    wanted = misra_rules(root)
    found = {}
    for line in r.stderr.splitlines():
        parts = line.split("\t")
        if len(parts) != 4:
            continue
        rule, path, number, message = parts
        m = re.fullmatch(r"misra-c2012-(\d+\.\d+)", rule)
        if m and m.group(1) not in wanted:
            continue
        name = "misra-" + m.group(1) if m else "cppcheck-" + rule
        if rule in ("syntaxError", "internalError", "internalAstError", "preprocessorErrorDirective"):
            sys.exit("lint: cppcheck does not understand %s:%s: %s" % (path, number, message))
        found[(name, os.path.normpath(path), int(number))] = message
    return found


_TIDY = re.compile(r"^(?:\./)?(\S+?):(\d+):\d+: (warning|error): (.*) \[([\w.,-]+)\]$")


def _tidy_one(root, path, flags):
    r = subprocess.run(["clang-tidy", "--quiet", "--config-file=" + os.path.join(root, ".clang-tidy"), path, "--", *flags],
                       cwd=root, capture_output=True, text=True, check=False)
    return path, r.stdout, r.stderr


def clang_tidy(root, hv, host, gen):
    """{(check, file, line)} of clang-tidy."""
    common = ["-std=gnu11", *INCLUDES, "-Wno-unknown-warning-option"]
    target = ["--target=aarch64-none-elf", "-ffreestanding", "-mgeneral-regs-only", "-I" + gen, *common]
    simulator = ["-DHV_SIM", *common]
    jobs = [(f, target) for f in hv] + [(f, simulator) for f in host]
    found = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path, stdout, stderr in pool.map(lambda j: _tidy_one(root, *j), jobs):
            for line in stdout.splitlines():
                m = _TIDY.match(line)
                if not m:
                    continue
                if m.group(5).startswith("clang-diagnostic-error"):
                    sys.exit("lint: clang-tidy does not understand %s: %s" % (path, line))
                name = os.path.normpath(os.path.relpath(m.group(1), root) if os.path.isabs(m.group(1)) else m.group(1))
                found[("tidy-" + m.group(5).split(",")[0], name, int(m.group(2)))] = m.group(4)
            if "Error while processing" in stderr:
                sys.exit("lint: clang-tidy could not read %s:\n%s" % (path, (stdout + stderr)[-2000:]))
    return found


def parse_baseline(lines):
    counts = {}
    for line in lines:
        words = line.split("#")[0].split()
        if words:
            counts[words[0]] = int(words[1])
    return counts


def read_baseline(path):
    if not os.path.isfile(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return parse_baseline(f)


def raised_by_hand(root, baseline):
    """Rules whose number is above the last committed one; none outside a repository or before the first baseline."""
    r = subprocess.run(["git", "show", "HEAD:" + BASELINE], cwd=root, capture_output=True, text=True, check=False)
    if r.returncode != 0:
        return []
    before = parse_baseline(r.stdout.splitlines())
    return sorted(rule for rule in baseline if baseline[rule] > before.get(rule, 0))


_HEAD = """# Findings that `make lint` tolerates, per rule: they may only become fewer (`make lint UPDATE=1` lowers them).
# hv/README.md or the code says why a rule is departed from; a rule that is not listed has no finding.
"""


def write_baseline(path, counts):
    with open(path, "w", encoding="utf-8") as f:
        f.write(_HEAD)
        for rule in sorted(counts):
            if counts[rule]:
                f.write("%s %d\n" % (rule, counts[rule]))


def judge(counts, baseline):
    """(rules with more, rules with fewer than the baseline)."""
    rules = sorted(set(counts) | set(baseline))
    more = [r for r in rules if counts.get(r, 0) > baseline.get(r, 0)]
    fewer = [r for r in rules if counts.get(r, 0) < baseline.get(r, 0)]
    return more, fewer


_SEED = """/* SPDX-License-Identifier: Apache-2.0 */
int seed(int a);
int seed(int a)
{
    if (a > 0)
        a = 010;
    goto end;
end:
    return a;
}
"""


def self_test(root, build_dir):
    """Both tools find what is seeded; the ratchet refuses more and fewer."""
    with tempfile.NamedTemporaryFile("w", suffix=".c", dir=build_dir, delete=False) as f:
        f.write(_SEED)
    try:
        cpp = {k[0] for k in cppcheck(root, [f.name], build_dir)}
        tidy = {k[0] for k in clang_tidy(root, [f.name], [], build_dir)}
    finally:
        os.unlink(f.name)
    wrong = ["seeded %s not found" % r for r in ("misra-7.1", "misra-15.1", "misra-15.6") if r not in cpp]
    wrong += ["seeded %s not found" % r for r in ("tidy-readability-braces-around-statements",) if r not in tidy]
    if judge({"a": 2}, {"a": 1}) != (["a"], []) or judge({}, {"a": 1}) != ([], ["a"]) or judge({"a": 1}, {"a": 1}) != ([], []):
        wrong.append("the ratchet does not hold")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="folder for what lint writes")
    parser.add_argument("--update", action="store_true", help="lower the baseline (or write the first)")
    args = parser.parse_args()
    root = tree.ROOT
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    gen = os.path.join(os.path.abspath(os.environ.get("OUT", "build")), "armv8/virt-gicv3/release/gen")

    wrong = self_test(root, out)
    hv, host = sources(root)
    found = cppcheck(root, hv, out)
    found.update(clang_tidy(root, hv, host, gen))
    counts = {}
    for rule, _, _ in found:
        counts[rule] = counts.get(rule, 0) + 1
    with open(os.path.join(out, "findings.txt"), "w", encoding="utf-8") as f:
        for (rule, path, line), message in sorted(found.items()):
            f.write("%s:%d: %s: %s\n" % (path, line, rule, message))

    path = os.path.join(root, BASELINE)
    first = not os.path.isfile(path)
    baseline = read_baseline(path)
    more, fewer = judge(counts, baseline)
    if args.update:
        new = dict(counts) if first else {r: min(counts.get(r, 0), n) for r, n in baseline.items()}
        write_baseline(path, new)
        fewer = []
        more = [] if first else more
    for rule in raised_by_hand(root, read_baseline(path)):
        wrong.append("%s: the baseline was raised; it may only fall" % rule)
    for rule in more:
        print("lint: %s: %d findings, the baseline has %d:" % (rule, counts[rule], baseline.get(rule, 0)))
        for (r, file, line), message in sorted(found.items()):
            if r == rule:
                print("    %s:%d: %s" % (file, line, message))
    for rule in fewer:
        print("lint: %s: %d findings, the baseline has %d: lower it with `make lint UPDATE=1`"
              % (rule, counts.get(rule, 0), baseline[rule]))
    for w in wrong:
        print("lint: self-test: " + w)
    print("lint: %d files, %d findings of %d rules (all: %s); %d rules above, %d below the baseline"
          % (len(hv) + len(host), len(found), len(counts), os.path.relpath(os.path.join(out, "findings.txt"), root),
             len(more), len(fewer)))
    return 1 if more or fewer or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
