#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lines of the portable code that the host tests reached: coverage.sh FOLDER-WITH-GCDA-FILES... (one per ISA; the report goes
# to the first). Each ISA's build must reach the limit by itself, and so must both together.
# Nothing is exempt but the failure arm of CHECK, which stands on the line of its condition and so costs nothing here.
set -eu
out=$1
limit=${COVERAGE_LIMIT:-95}
pure=()
for f in ${PURE_FILES:?set by the Makefile}; do
    pure+=(--filter "${f//./\\.}\$")
done
counts=()
for folder in "$@"; do
    json=$folder/coverage.json
    gcovr --root . --exclude-unreachable-branches --exclude-directories '.*/canar.*' \
        --filter 'hv/[^/]*\.[ch]$' --filter 'hv/core/' --filter 'hv/vdev/' --filter 'hv/fw/' --filter 'hv/lib/' \
        "${pure[@]}" --object-directory "$folder" --json "$json" --fail-under-line "$limit" "$folder" || rc=$?
    counts+=(--add-tracefile "$json")
done
gcovr --root . --exclude-unreachable-branches "${counts[@]}" --txt "$out/coverage.txt" --html-details "$out/coverage.html" \
    --fail-under-line "$limit" || rc=$?
cat "$out/coverage.txt"
if [ "${rc:-0}" -ne 0 ]; then
    echo "coverage: below $limit % of the lines of portable code, in one build or in all (details: $out/coverage.html)" >&2
    exit 1
fi
echo "coverage: at least $limit % of the lines of portable code of $# builds (details: $out/coverage.html)"
