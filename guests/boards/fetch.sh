#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh OUT FILE...: fetches device trees of boards, as Debian's arm64 kernel package ships them, into OUT (build/boards).
# FILE is a path below the package's usr/lib/linux-image-ABI/ (xilinx/zynqmp-zcu102-rev1.0.dtb), and OUT gets it without its folder:
#   OUT/version  file name of the package, with its version
# Downloads nothing when all are there. The package (60 MB, which needs not be installed) comes through a private apt root under
# OUT, with the mirror the machine's own apt sources name; signatures are checked, and nothing under /etc/apt is written. Needs
# no root. Exit 0, or 1 with a line that says what is missing.
set -u

[ $# -ge 2 ] || {
    echo "usage: fetch.sh OUT FILE..." >&2
    exit 2
}
out=$1
shift
missing=
for file in "$@"; do
    [ -s "$out/${file##*/}" ] || missing=yes
done
[ -n "$missing" ] || exit 0

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd) || exit 1
log=$out/fetch.log
: >"$log"

fail() {
    echo "fetch.sh: $1; details in $log" >&2
    exit 1
}

for tool in apt-get apt-cache dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: boards' device trees come in a Debian package"
done
codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$out/apt" arm64 "$codename" 2>>"$log") ||
    fail "the boards' device trees are not in $out, and the mirror cannot be reached (no network?)"
export APT_CONFIG="$conf"
# The concrete kernel behind the meta package; its ABI number changes with security updates.
kernel=$(apt-cache depends linux-image-arm64 2>>"$log" | awk '/Depends:/ { print $2; exit }')
[ -n "$kernel" ] || fail "no linux-image-arm64 in the index of this machine's mirror (no network?)"

tmp=$out/tmp
rm -rf "$tmp" && mkdir -p "$tmp" || exit 1
(cd "$tmp" && apt-get -q download "$kernel" >>"$log" 2>&1) || fail "downloading $kernel failed"
for file in "$@"; do
    # Of a large package the one file.
    dpkg-deb --fsys-tarfile "$tmp"/"$kernel"_*.deb 2>>"$log" |
        tar -xO "./usr/lib/$kernel/$file" >"$tmp/new" 2>>"$log" || fail "$kernel holds no $file"
    mv "$tmp/new" "$out/${file##*/}" || exit 1
done
(cd "$tmp" && ls ./*.deb) | sed 's|^\./||' >"$out/version" || exit 1
rm -rf "$tmp" "$out/apt"
