# SPDX-License-Identifier: Apache-2.0
"""Who watches the firmware cases? For each line of controls.txt a hypervisor without that one line of its reset is built,
and its case must fail in test_firmware.py: no dud among them. controls.py [CASE...]: all, or those. Prints one line each, and
how many were noticed."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
OUT = Path(os.environ.get("OUT", "build")).resolve()


def board_of(name):
    return "virt-gicv2" if name.startswith("gicv2") else "virt-gicv3"


def controls():
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    return [line.split(None, 2) for line in text.splitlines() if line and not line.startswith("#")]


def build(folder, name, edit):
    """The image of the edited tree, or None and why not."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in ("hv", "sim", "tests", "guests"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "Makefile", folder)
    path = folder / "hv/arch/armv8" / name
    before = path.read_text(encoding="utf-8")
    subprocess.run(["sed", "-E", "-i", edit, path], check=True)
    if path.read_text(encoding="utf-8") == before:
        return None, "the edit of %s no longer applies" % name
    made = subprocess.run(["make", "OUT=out", "BOARD=" + board_of(name), "image"], cwd=folder, capture_output=True, text=True)
    if made.returncode != 0:
        return None, "the tree without it does not build:\n" + made.stderr[-1000:]
    return folder / "out/armv8" / board_of(name) / "release/bulkhead.elf", ""


def verdict(case, name, elf):
    """True if the case alone failed as a boot test; pytest's exit code 1 says that tests ran and failed."""
    # A run that hangs ends by this time-out; one that works takes a tenth of it.
    env = dict(os.environ, FIRMWARE_ELF=str(elf), BOOT_TIMEOUT="45", BOARD=board_of(name))
    ran = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/boot/test_firmware.py",
                          "-k", "end_whatever and [%s]" % case], cwd=ROOT, env=env, capture_output=True, text=True)
    return ran.returncode == 1 and "BootError" in ran.stdout and "1 failed" in ran.stdout


def main(cases):
    noticed = 0
    every = [c for c in controls() if not cases or c[0] in cases]
    for case, name, edit in every:
        folder = OUT / "firmware" / case
        elf, why = build(folder, name, edit)
        good = elf is not None and verdict(case, name, elf)
        noticed += good
        print("firmware control %s: %s" % (case, "noticed" if good else "FAILED: " + (why or "it went unnoticed")),
              flush=True)
        if good:
            shutil.rmtree(folder)
    print("== firmware controls: %d of %d noticed" % (noticed, len(every)))
    return 0 if noticed == len(every) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
