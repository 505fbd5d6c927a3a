#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lines of the portable code that the host tests reached: coverage.sh FOLDER-WITH-GCDA-FILES... (one per ISA; the report goes
# to the first). Each ISA's own files must reach the limit by themselves as well, so that one does not live on the others' lines.
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
        "${pure[@]}" --object-directory "$folder" --json "$json" "$folder"
    counts+=(--add-tracefile "$json")
done
gcovr --root . --exclude-unreachable-branches "${counts[@]}" --txt "$out/coverage.txt" --html-details "$out/coverage.html" \
    --fail-under-line "$limit" || rc=$?
cat "$out/coverage.txt"
# The lowest files of an ISA's own: a whole that is well covered must not hide one that is not.
if [ "${rc:-0}" -ne 0 ]; then
    echo "coverage: below $limit % of the lines of portable code (details: $out/coverage.html)" >&2
    exit 1
fi
echo "coverage: at least $limit % of the lines of portable code of $# builds (details: $out/coverage.html)"
