#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh fuzz|selftest FOLDER SECONDS SEED TARGET...: runs FOLDER/TARGET/fuzz, one after another.
# fuzz: fails if an input fails; that is then FOLDER/TARGET/crash-*. selftest: fails if none does.
# The corpus in FOLDER/TARGET/corpus grows from run to run; a selftest begins without one.
set -u
mode=$1
out=$2
seconds=$3
seed=$4
shift 4
export ASAN_OPTIONS="${ASAN_OPTIONS:-quarantine_size_mb=16:detect_stack_use_after_return=0}"
failed=()
# The fuzzer learns from operands of comparisons, addresses among them: they have to be the same in each run.
fixed=(setarch -R)
"${fixed[@]}" true 2>/dev/null || fixed=()

stat() { sed -nE "s/^stat::$1: *//p" "$log"; }
last() { grep -oE "\b$1: [0-9]+" "$log" | tail -n 1 | cut -d' ' -f2; }

for target in "$@"; do
    folder=$out/$target
    log=$folder/log
    rm -rf -- "$folder/seeds"
    [ "$mode" = fuzz ] || rm -rf -- "$folder/corpus"
    mkdir -p "$folder/seeds" "$folder/corpus"
    FUZZ_SEEDS=$folder/seeds "$folder/fuzz" || exit 1
    echo "== $mode $target: $seconds s, -seed=$seed"
    begun=$SECONDS
    longest=4096
    [ "$target" != vgic ] || longest=800 # about as many bytes as its steps can use
    [ "${target#rv}" != front ] || longest=16000 # the boards' trees are 5000 to 7000
    case $target in plic | aplic | sbi) longest=2500 ;; esac # likewise
    "${fixed[@]}" "$folder/fuzz" -seed="$seed" -max_total_time="$seconds" -max_len="$longest" -timeout=20 \
        -rss_limit_mb=1024 -malloc_limit_mb=64 -detect_leaks=0 -print_final_stats=1 -artifact_prefix="$folder/" \
        "$folder/corpus" "$folder/seeds" >"$log" 2>&1
    rc=$?
    took=$((SECONDS - begun))
    if [ "$mode" = selftest ]; then
        if [ $rc -eq 0 ]; then
            echo "$mode $target: FAILED: the defect went unnoticed for $seconds s" >&2
            failed+=("$target")
        elif ! grep -qE 'FAILED:|ERROR: AddressSanitizer|runtime error:' "$log"; then
            tail -n 5 "$log" >&2
            echo "$mode $target: FAILED: ended with $rc, but not because of the defect" >&2
            failed+=("$target")
        else
            echo "$mode $target: noticed after $took s: $(grep -m1 -oE 'FAILED:.*|ERROR: AddressSanitizer.*|runtime error:.*' "$log")"
        fi
        continue
    fi
    echo "$mode $target: $(stat number_of_executed_units) runs, $(stat average_exec_per_sec)/s, $(last cov) edges of" \
        "$(sed -nE 's/.*Loaded 1 PC tables \(([0-9]+) PCs\).*/\1/p' "$log"), $(last ft) features," \
        "$(stat peak_rss_mb) MB"
    if [ $rc -ne 0 ]; then
        grep -vE '^(#|INFO:|stat::)' "$log" | tail -n 40 >&2
        echo "$mode $target: FAILED; again with: make fuzz-replay FILE=$(grep -oE "$folder/[a-z]+-[0-9a-f]{40}" "$log" | tail -n 1)" >&2
        failed+=("$target")
    fi
done
echo "== $mode: $# targets, ${#failed[@]} failed ${failed[*]+(${failed[*]})}"
[ ${#failed[@]} -eq 0 ]
