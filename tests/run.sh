#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs test programs one after another from the top of the tree: run.sh SUITE PROGRAM...
# Each prints its own (cmocka's) summary; ours counts the programs. Fails if one fails, hangs, or if there is none.
set -u
suite=$1
shift
if [ $# -eq 0 ]; then
    echo "$suite: no test programs: nothing was tested" >&2
    exit 1
fi
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
failed=()
for program in "$@"; do
    echo "== $suite: ${program##*/}"
    timeout -s KILL "${TEST_TIMEOUT:-300}" "$program" 2>&1
    rc=$?
    if [ $rc -ne 0 ]; then
        echo "== $suite: ${program##*/} failed, exit code $rc" >&2
        failed+=("${program##*/}")
    fi
done
echo "== $suite: $# test programs, ${#failed[@]} failed ${failed[*]+(${failed[*]})}"
[ ${#failed[@]} -eq 0 ]
