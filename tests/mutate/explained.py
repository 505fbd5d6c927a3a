# SPDX-License-Identifier: Apache-2.0
"""The mutants of explained.txt, which survive and may. As a program: does each entry still describe a mutant of this tree?"""
import os
import re
import sys

import mutants
import runner

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "explained.txt")


def read(path):
    """[(file, regex, reason)] from lines `file:regex` followed by an indented reason."""
    found = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line[0].isspace():
                if not found:
                    raise runner.Broken("%s:%d: a reason for nothing" % (path, number))
                found[-1][2] += line.strip() + " "
                continue
            name, _, pattern = line.rstrip("\n").partition(":")
            try:
                found.append([name, re.compile(pattern), ""])
            except re.error as e:
                raise runner.Broken("%s:%d: %s" % (path, number, e)) from e
    for name, pattern, reason in found:
        if len(reason.split()) < 4:
            raise runner.Broken("%s: %s:%s has no reason" % (path, name, pattern.pattern))
    return found


def is_current(explained, texts, following):
    """Each entry still describes some mutant of the tree."""
    for name, pattern, _ in explained:
        if name not in texts:
            raise runner.Broken("explained.txt: there is no %s" % name)
        every = (mutants.Mutant(name, kind, texts[name], edits)
                 for kind, edits in mutants.of_file(name, texts[name], following))
        if not any(pattern.search(m.change) for m in every):
            raise runner.Broken("explained.txt: no mutant of %s matches %s any more" % (name, pattern.pattern))


def explanation(mutant, explained):
    return next((reason for name, pattern, reason in explained
                 if name == mutant.path and pattern.search(mutant.change)), None)


def main():
    try:
        explained = read(FILE)
        is_current(explained, runner.texts_of(sorted({name for name, _, _ in explained})), runner.enums_of_tree())
    except (runner.Broken, OSError) as e:
        print(e)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
