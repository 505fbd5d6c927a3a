#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs test programs from the top of the tree, as many at a time as there are cores (or TEST_JOBS): run.sh SUITE PROGRAM...
# Each prints its own (cmocka's) summary, whole and in the order of the arguments; ours counts the programs. Fails if one
# fails, hangs, or if there is none.
set -u
suite=$1
shift
if [ $# -eq 0 ]; then
    echo "$suite: no test programs: nothing was tested" >&2
    exit 1
fi
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
# ThreadSanitizer of GCC 12 wants addresses less random than some kernels make them (vm.mmap_rnd_bits above 28).
fixed=(setarch -R)
"${fixed[@]}" true 2>/dev/null || fixed=()
jobs=${TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}
results=$(mktemp -d) || exit 1
trap 'rm -rf -- "$results"' EXIT
programs=("$@")
failed=()
shown=0

# run N: program N into its file; the exit code is there when the program has ended.
run() {
    local begun=${EPOCHREALTIME/[.,]/} rc with=()
    case ${programs[$1]} in */tsan/*) with=("${fixed[@]+${fixed[@]}}") ;; esac
    "${with[@]+${with[@]}}" timeout -s KILL "${TEST_TIMEOUT:-300}" "${programs[$1]}" >"$results/$1.out" 2>&1
    rc=$?
    # For who has to choose between tests: tests/mutate.
    printf '%d.%02d\n' $(((${EPOCHREALTIME/[.,]/} - begun) / 1000000)) $((((${EPOCHREALTIME/[.,]/} - begun) / 10000) % 100)) \
        >"${programs[$1]}.seconds"
    echo $rc >"$results/$1.new"
    mv "$results/$1.new" "$results/$1.rc"
}

# What has ended and is next in order.
show() {
    while [ -e "$results/$shown.rc" ]; do
        local name=${programs[shown]##*/} rc
        rc=$(<"$results/$shown.rc")
        echo "== $suite: $name"
        cat "$results/$shown.out"
        if [ "$rc" -ne 0 ]; then
            echo "== $suite: $name failed, exit code $rc" >&2
            failed+=("$name")
        fi
        shown=$((shown + 1))
    done
}

for n in "${!programs[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n
        show
    done
    run "$n" &
done
while [ "$shown" -lt $# ]; do
    wait -n
    show
done
echo "== $suite: $# test programs, ${#failed[@]} failed ${failed[*]+(${failed[*]})}"
[ ${#failed[@]} -eq 0 ]
