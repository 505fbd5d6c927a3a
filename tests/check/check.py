# SPDX-License-Identifier: Apache-2.0
"""make check: the rules that keep the architecture, each proven on a seeded violation. Exit 1 if one is broken."""
import argparse
import sys

import boundary
import claims
import edits
import elf
import kept
import pointers
import selftest
import text
import tree


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elf", required=True, nargs="+", help="the release ELF of each board")
    args = parser.parse_args()
    root = tree.ROOT

    checks = [boundary.check_includes, boundary.check_conditionals, boundary.check_ops, lambda r: elf.check_elves(r, args.elf),
              lambda r: kept.check_kept(r, args.elf), pointers.check_pointers, text.check_count, text.check_headers, claims.check_claims,
              edits.check_edits]
    checks[3].__doc__, checks[4].__doc__ = elf.check_elves.__doc__, kept.check_kept.__doc__
    bad = 0
    for check in checks:
        findings = check(root)
        print("%-6s %s" % ("FAILED" if findings else "ok", check.__doc__.strip()))
        for f in findings:
            print("       " + f)
        bad += len(findings)
    seeds, wrong = selftest.run(root)
    for w in wrong:
        print("       " + w)
    print("check: %d checks, %d findings; %d lines exempted by CHECK; %d of %d seeded violations found"
          % (len(checks), bad, text.count_checks(root), seeds - len(wrong), seeds))
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
