# SPDX-License-Identifier: Apache-2.0
"""The claims of hv/SECURITY.md and the tests that try them name each other."""
import re

import tree

DOCUMENT = "hv/SECURITY.md"

_CLAIM = re.compile(r"^\| (WALL-[A-Z]+-\d+) \|", re.M)
_TAG = re.compile(r"\bWALL-[A-Z]+-\d+\b")
_SUFFIXES = (".c", ".h", ".py", ".sh")


def check_claims(root):
    """(h) Each claim of hv/SECURITY.md is carried by a test, and each identifier a test carries stands there once."""
    out = []
    claims = _CLAIM.findall(tree.read(root, DOCUMENT))
    carried = {}
    for path in tree.files(root, *_SUFFIXES, under=("tests",)):
        if path.startswith("tests/check/"):
            continue
        for tag in _TAG.findall(tree.read(root, path)):
            carried.setdefault(tag, path)
    for claim in sorted(set(claims)):
        if claims.count(claim) > 1:
            out.append("%s: %s stands there %d times" % (DOCUMENT, claim, claims.count(claim)))
        if claim not in carried:
            out.append("%s: %s is carried by no test" % (DOCUMENT, claim))
    for tag in sorted(set(carried) - set(claims)):
        out.append("%s: carries %s, which %s does not claim" % (carried[tag], tag, DOCUMENT))
    return out
