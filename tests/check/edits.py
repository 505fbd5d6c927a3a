# SPDX-License-Identifier: Apache-2.0
"""Tests of the tests take something out of the sources and look who notices: each edit has to find what it takes out."""
import os
import re
import subprocess
import sys

import tree

FUZZ = "tests/fuzz/defect.sh"
WALLED = ("virt-gicv2", "virt-gicv3", "virt-aia", "virt-plic")  # the boards that `make walls` knows


def _commands(root):
    """What says of one kind of edits which do not apply: (what it is, command, environment)."""
    python = [sys.executable, "-B"]
    yield "canaries", ["tests/canaries/run.sh"], {"DRY": "1"}
    yield "explained mutants", python + ["tests/mutate/explained.py"], {}
    for board in WALLED:
        yield "walls", python + ["tests/walls/edits.py"], {"BOARD": board}
    for line in re.findall(r"^([a-z0-9]+(?: \| [a-z0-9]+)*)\) file=", tree.read(root, FUZZ), re.M):
        yield "fuzz defect", [FUZZ, line.split(" | ")[0]], {}


def check_edits(root):
    """(j) Every defect that a canary, a wall, a fuzz self-test or an explained mutant names is still an edit of the sources."""
    out = []
    for kind, command, environment in _commands(root):
        done = subprocess.run(command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = done.stderr if command[0] == FUZZ else done.stdout + done.stderr
            out += ["%s: %s" % (kind, line) for line in said.splitlines() or ["%s failed" % " ".join(command)]]
    return out
