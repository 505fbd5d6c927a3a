#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers.sh OUT: what builds a module for the kernel that fetch.sh (armv8) has put into OUT (build/debian): Debian's headers of
# just that kernel and the programs of kbuild for this machine, unpacked under OUT/headers; nothing is installed.
#   OUT/headers/kernel   the folder that `make -C` is told
#   OUT/headers/version  file names of the packages, with their versions
# Packages come as fetch.sh's do: through private apt roots, with signatures checked. Downloads nothing when all of it is there
# and of the kernel in OUT. Exit 0, or 1 with a line that says what is missing.
set -u

[ $# -eq 1 ] || {
    echo "usage: headers.sh OUT" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd) || exit 1
log=$out/headers.log
: >"$log"

fail() {
    echo "headers.sh: $1; details in $log" >&2
    exit 1
}

# linux-image-ABI_VERSION_arm64.deb
image=$(grep '^linux-image-' "$out/version" 2>>"$log") || fail "there is no kernel in $out"
abi=${image#linux-image-}
abi=${abi%%_*}
version=${image#*_}
version=${version%_*}
grep -qsF "linux-headers-${abi}_${version}_" "$out/headers/version" && [ -e "$out/headers/kernel/Makefile" ] && exit 0

for tool in apt-get dpkg dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: the headers come as Debian packages"
done
codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
new=$out/headers.new
rm -rf "$new" && mkdir -p "$new/deb" || exit 1

# get ARCHITECTURE PACKAGE...
get() {
    conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$new/apt" "$1" "$codename" 2>>"$log") ||
        fail "the headers of $abi are not in $out, and the mirror cannot be reached (no network?)"
    shift
    (cd "$new/deb" && APT_CONFIG="$conf" apt-get -q download "$@" >>"$log" 2>&1) ||
        fail "downloading $* failed (if the mirror has only a newer kernel by now: remove $out, and both are fetched again)"
}
common=${abi%%-cloud-*}
exact=$(printf %s "$version" | sed 's/%3a/:/') # an epoch's colon, as file names have it
get arm64 "linux-headers-$abi=$exact" "linux-headers-$common-common=$exact"
# Its ABI number is not in the name, and a newer one of the same series does.
series=$(printf %s "$abi" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
get "$(dpkg --print-architecture)" "linux-kbuild-$series"
for deb in "$new"/deb/*.deb; do
    dpkg-deb -x "$deb" "$new" 2>>"$log" || fail "$deb is damaged"
done
# The one absolute path in them.
kernel=usr/src/linux-headers-$abi
sed -i "s|include /usr/src/|include \$(dir \$(lastword \$(MAKEFILE_LIST)))../|" "$new/$kernel/Makefile" &&
    ln -s "$kernel" "$new/kernel" && (cd "$new/deb" && ls) >"$new/version" || exit 1
rm -rf "$new/deb" "$new/apt" "$out/headers"
mv "$new" "$out/headers"
