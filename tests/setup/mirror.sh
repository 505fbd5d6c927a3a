#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints, as "URI KEYRING", where this machine's own apt sources take the distribution's main component from:
# mirror.sh [SUITE]. Reads deb822 files (*.sources) and one-line files (*.list, sources.list); reads only.
# KEYRING is the source's Signed-By file, else the distribution's. Exits 1 if no source names one.
set -eu
root=${APT_ETC:-/etc/apt}
suite=${1:-$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")}
shopt -s nullglob

one_line() {
    awk -v suite="$suite" '
        $1 == "deb" {
            key = ""; i = 2
            if ($2 ~ /^\[/) {
                for (; i <= NF; i++) {
                    opt = $i; gsub(/[][]/, "", opt)
                    if (opt ~ /^signed-by=/) { key = substr(opt, 11) }
                    if ($i ~ /\]$/) { i++; break }
                }
            }
            main = 0
            for (c = i + 2; c <= NF; c++) { if ($c == "main") { main = 1 } }
            if (main && ($(i + 1) == suite || $(i + 1) == "stable")) { print $i, key; exit }
        }' "$@"
}

deb822() {
    awk -v suite="$suite" '
        function flush(  n, s, i, hit) {
            hit = 0
            n = split(f["suites"], s, " ")
            for (i = 1; i <= n; i++) { if (s[i] == suite || s[i] == "stable") { hit = 1 } }
            if (hit && (" " f["types"] " ") ~ / deb / && (" " f["components"] " ") ~ / main / &&
                tolower(f["enabled"]) != "no" && !done) {
                split(f["uris"], s, " "); print s[1], (f["signed-by"] ~ /^\// ? f["signed-by"] : ""); done = 1
            }
            delete f; last = ""
        }
        FNR == 1 { flush() }
        /^#/ { next }
        /^[[:space:]]*$/ { flush(); next }
        /^[[:space:]]/ { if (last != "") { f[last] = f[last] " " $0 }; next }
        { k = tolower($0); sub(/:.*/, "", k); v = $0; sub(/^[^:]*:[[:space:]]*/, "", v); f[k] = v; last = k }
        END { flush() }' "$@"
}

found=
files=("$root"/sources.list.d/*.sources)
[ ${#files[@]} -eq 0 ] || found=$(deb822 "${files[@]}")
if [ -z "$found" ]; then
    files=("$root"/sources.list "$root"/sources.list.d/*.list)
    for f in "${files[@]}"; do
        [ -z "$found" ] && [ -f "$f" ] && found=$(one_line "$f")
    done
fi
[ -n "$found" ] || { echo "mirror.sh: no apt source of this machine offers '$suite main'" >&2; exit 1; }
read -r uri key <<<"$found"
[ -n "$key" ] && [ -f "$key" ] || key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "$uri $key"
