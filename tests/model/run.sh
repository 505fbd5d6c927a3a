#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh FOLDER: Spin on each model here, all states. As it is it must hold; with each of the defects that its first comment names
# as -D... it must not, by an assertion. FOLDER keeps what Spin writes.
set -u
out=$1
here=$(cd "$(dirname "$0")" && pwd)
models=0
failed=()
mkdir -p "$out"
cd "$out" || exit 1

# search MODEL DEFECT: into `log`. What is found soon need not be compiled well.
search() {
    local level=1
    [ -z "$2" ] || level=0
    rm -f pan pan.* ./*.trail
    log=$1${2:+-$2}.log
    {
        spin ${2:+-D$2} -a "$here/$1.pml" && gcc -O$level -DSAFETY -o pan pan.c &&
            timeout -s KILL 120 ./pan -m100000 -w20
    } >"$log" 2>&1
    errors=$(sed -nE 's/.*errors: ([0-9]+).*/\1/p' "$log")
    states=$(sed -nE 's/ *([0-9]+) states, stored.*/\1/p' "$log")
}

for path in "$here"/*.pml; do
    name=$(basename "$path" .pml)
    read -ra defects <<<"$(sed -nE 's/^ \* (-D.*): .*/\1/p' "$path" | tr -d ',' | sed -E 's/(^| )-D/ /g')"
    search "$name" ""
    if [ "${errors:-1}" = 0 ] && ! grep -q 'max search depth too small' "$log"; then
        echo "model $name: holds in $states states"
    else
        echo "model $name: FAILED:" >&2
        tail -n 20 "$log" >&2
        failed+=("$name")
    fi
    models=$((models + 1))
    [ ${#defects[@]} -gt 0 ] || { echo "model $name: FAILED: names no defect" >&2; failed+=("$name"); }
    for d in "${defects[@]+${defects[@]}}"; do
        search "$name" "$d"
        if [ "${errors:-0}" != 0 ] && grep -q 'assertion violated' "$log"; then
            echo "model $name: $d: noticed"
        else
            echo "model $name: FAILED: $d goes unnoticed" >&2
            failed+=("$name-$d")
        fi
        models=$((models + 1))
    done
done
echo "== model: $models searches, ${#failed[@]} failed ${failed[*]+(${failed[*]})}"
[ $models -gt 0 ] && [ ${#failed[@]} -eq 0 ]
