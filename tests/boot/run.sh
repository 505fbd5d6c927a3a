#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The boot tests on each BOARD, two side by side: run.sh BOARD... Of several boards what pytest says is shown when it has ended.
# Those of RISC-V boards are in tests/boot/riscv, which takes from tests/boot what holds for both. One test:
# BOARD=virt-gicv3 /usr/bin/python3 -m pytest tests/boot -k WORDS
# DRAW=commit: continuous integration, which has minutes, runs every third test on one board, both drawn by the commit's id, and on
# the others that guests run at all; `make nightly` runs all on each. Boards that are not QEMU's own `virt` have some of the tests
# (conftest.py), and are not drawn.
set -u
results=$(mktemp -d) || exit 1
trap 'rm -rf -- "$results"' EXIT

run() {
    echo "== boot tests on $1"
    tests=(tests/boot)
    if ! drawn "$1"; then
        tests+=(-k "$(smoke "$1")")
    elif [ -n "${DRAW:-}" ]; then
        export BOOT_THIRD=$((16#${DRAW:1:2} % 3)) # conftest.py
    fi
    BOARD=$1 "${PYTHON:-/usr/bin/python3}" -m pytest -p no:cacheprovider -v "${tests[@]}"
}

# What shows that guests run at all.
smoke() {
    case $1 in
    virt-*) echo "runs_alone or (linux_boots and (a53 or rv64]))" ;;
    *) echo "guest_runs_alone or linux_boots" ;;
    esac
}

drawn() {
    [ -n "${DRAW:-}" ] || return 0
    local boards=(virt-gicv2 virt-aia virt-gicv3 virt-plic)
    [ "$1" = "${boards[$((16#${DRAW:0:1} % 4))]}" ]
}

[ $# -eq 1 ] && { run "$1"; exit; }
failed=0
for board in "$@"; do
    [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n # the machines have two cores
    { run "$board" >"$results/$board.out" 2>&1; echo $? >"$results/$board.rc"; } &
done
wait
for board in "$@"; do
    cat "$results/$board.out"
    [ "$(cat "$results/$board.rc")" = 0 ] || failed=$((failed + 1))
done
echo "== boot tests: $# boards, $failed failed"
[ $# -gt 0 ] && [ "$failed" -eq 0 ]
