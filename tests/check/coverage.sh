#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lines of the portable code that the host tests reached: coverage.sh FOLDER-WITH-GCDA-FILES
# Nothing is exempt but the failure arm of CHECK, which stands on the line of its condition and so costs nothing here.
set -eu
out=$1
limit=${COVERAGE_LIMIT:-95}
pure=()
for f in ${PURE_FILES:?set by the Makefile}; do
    pure+=(--filter "${f//./\\.}\$")
done
gcovr --root . --exclude-unreachable-branches --exclude-directories '.*/canar.*' \
    --filter 'hv/[^/]*\.[ch]$' --filter 'hv/core/' --filter 'hv/vdev/' --filter 'hv/fw/' --filter 'hv/lib/' \
    "${pure[@]}" \
    --object-directory "$out" --txt "$out/coverage.txt" --html-details "$out/coverage.html" \
    --fail-under-line "$limit" "$out" || rc=$?
cat "$out/coverage.txt"
if [ "${rc:-0}" -ne 0 ]; then
    echo "coverage: below $limit % of the lines of portable code (details: $out/coverage.html)" >&2
    exit 1
fi
echo "coverage: at least $limit % of the lines of portable code (details: $out/coverage.html)"
