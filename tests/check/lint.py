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


def includes(isa):
    return ["-Ihv/include", "-Ihv/arch/%s/include" % isa, "-Ihv", "-I."]


# What each ISA's compiler is told, and of which image it takes the header that the build generates.
TARGET = {"armv8": ["--target=aarch64-none-elf", "-mgeneral-regs-only"],
          "riscv": ["--target=riscv64-none-elf", "-march=rv64imac", "-mabi=lp64"]}
GEN = {"armv8": "armv8/virt-gicv3/release/gen", "riscv": "riscv/virt-aia/release/gen"}
# Portable files that are another program with each ISA: they are linted once with each. Other portable files are linted
# with the first; what is one ISA's alone with its own.
WITH_EACH = ("hv/arch/mmu.c", "hv/exit.c", "hv/run.c")


def sources(root):
    """{ISA: files} of hv/ as the target sees it, and of the host programs, which are linted by clang-tidy alone."""
    hv = {isa: [] for isa in tree.ISAS}
    host = {isa: [] for isa in tree.ISAS}
    for f in tree.files(root, ".c", under=("hv",)):
        if not f.endswith("asm_offsets.c"):
            for isa in tree.ISAS if f in WITH_EACH else tree.isas(f)[:1]:
                hv[isa].append(f)
    for f in tree.files(root, ".c", under=("sim",)):
        host["riscv" if f.startswith("sim/riscv/") else "armv8"].append(f)
    return hv, host


def misra_rules(root):
    return set(re.findall(r"^Rule (\d+\.\d+) ", tree.read(root, RULES), re.M))


def cppcheck(root, isa, files, build_dir):
    """{(rule, file, line)} of cppcheck's own checks and of the listed MISRA rules."""
    # Its intermediate files go there, not beside the sources.
    scratch = os.path.join(build_dir, "cppcheck-" + isa + "-" + hashlib.sha256(tree.read(root, RULES).encode()).hexdigest()[:8])
    os.makedirs(scratch, exist_ok=True)
    addon = os.path.join(build_dir, "misra.json")
    with open(addon, "w", encoding="utf-8") as f:
        json.dump({"script": "misra.py", "args": ["--rule-texts=" + os.path.join(root, RULES)]}, f)
    command = ["cppcheck", "--quiet", "--std=c11", "--platform=unix64", "--enable=warning,style,performance,portability",
               "--inline-suppr", "--suppress=unusedStructMember", "--suppress=missingIncludeSystem",
               "--addon=" + addon, "--cppcheck-build-dir=" + scratch, "--template={id}\t{file}\t{line}\t{message}", "-j", str(os.cpu_count() or 1),
               *includes(isa), "-Ihv/arch/" + isa, *files]
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


def clang_tidy(root, hv, host, out):
    """{(check, file, line)} of clang-tidy."""
    jobs = []
    for isa in tree.ISAS:
        common = ["-std=gnu11", *includes(isa), "-Wno-unknown-warning-option"]
        target = [*TARGET[isa], "-ffreestanding", "-Ihv/arch/" + isa, "-I" + os.path.join(out, GEN[isa]), *common]
        simulator = ["-DHV_SIM", "-Isim/%s/include" % isa, *common]
        jobs += [(f, target) for f in hv.get(isa, ())] + [(f, simulator) for f in host.get(isa, ())]
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
    """Both tools find what is seeded, for each ISA; the ratchet refuses more and fewer."""
    wrong = []
    with tempfile.NamedTemporaryFile("w", suffix=".c", dir=build_dir, delete=False) as f:
        f.write(_SEED)
    try:
        for isa in tree.ISAS:
            cpp = {k[0] for k in cppcheck(root, isa, [f.name], build_dir)}
            tidy = {k[0] for k in clang_tidy(root, {isa: [f.name]}, {}, build_dir)}
            seeds = [(r, cpp) for r in ("misra-7.1", "misra-15.1", "misra-15.6")]
            seeds.append(("tidy-readability-braces-around-statements", tidy))
            wrong += ["%s: seeded %s not found" % (isa, r) for r, found in seeds if r not in found]
    finally:
        os.unlink(f.name)
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
    build = os.path.abspath(os.environ.get("OUT", "build"))

    wrong = self_test(root, out)
    hv, host = sources(root)
    found = {}
    for isa in tree.ISAS:
        found.update(cppcheck(root, isa, hv[isa], out))
    found.update(clang_tidy(root, hv, host, build))
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
          % (len(set(sum([*hv.values(), *host.values()], []))), len(found), len(counts), os.path.relpath(os.path.join(out, "findings.txt"), root),
             len(more), len(fewer)))
    return 1 if more or fewer or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
