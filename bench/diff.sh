#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench-diff: diff.sh BASE BOARD... builds the hypervisor of the revision BASE in a clone of its own, measures it by the
# benchmarks and guests of this tree, and this tree's too, and shows what differs.
set -eu
[ $# -ge 2 ] || { echo "usage: make bench-diff BASE=revision [BOARD=...]" >&2; exit 2; }
base=$1
shift
out=${OUT:-build}
[ "${out#/}" != "$out" ] || out=$PWD/$out
revision=$(git rev-parse --verify --quiet "$base^{commit}") || { echo "bench-diff: there is no revision $base" >&2; exit 2; }
work=$out/bench/diff
clone=$work/base
mkdir -p "$work"
rm -rf "$clone"
git clone -q --shared --no-checkout . "$clone"
git -C "$clone" checkout -q --detach "$revision"
# hv/ and hvplan are the base's; how and by what they are measured is not.
for part in bench guests tests/boot; do
    rm -rf "${clone:?}/$part"
    cp -r "$part" "$clone/$part"
done

# quick NAME DIRECTORY OUT BOARD
quick() {
    if ! make -s -C "$2" OUT="$3" BOARD="$4" BUILD=release image hvplan guests-bare plugin >"$work/$1.log" 2>&1; then
        tail -20 "$work/$1.log" >&2
        echo "bench-diff: $1 does not build for $4" >&2
        return 1
    fi
    BOARD=$4 OUT=$3 BUILD=release /usr/bin/python3 "$2/bench/run.py" --case quick --out "$work/$1.json"
}

for board in "$@"; do
    echo "== bench-diff: $board: $base, and this tree"
    quick base "$clone" "$clone/build" "$board"
    quick now "$PWD" "$out" "$board"
    /usr/bin/python3 bench/diff.py "$work/base.json" "$work/now.json"
done
