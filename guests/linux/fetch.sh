#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh OUT: fetches Debian's unmodified arm64 cloud kernel and static busybox into OUT (build/debian):
#   OUT/Image    the kernel       OUT/busybox   the static busybox
#   OUT/version  file names of the packages, with their versions
# Downloads nothing when all three are there. The packages come through a private apt root under OUT, with the
# mirror the machine's own apt sources name; signatures are checked, and nothing under /etc/apt is written.
# Needs no root. Exit 0, or 1 with a line that says what is missing.
set -u

[ $# -eq 1 ] || {
    echo "usage: fetch.sh OUT" >&2
    exit 2
}
out=$1
if [ -s "$out/Image" ] && [ -s "$out/busybox" ] && [ -s "$out/version" ]; then
    exit 0
fi

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
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: the Linux guest comes as Debian packages"
done
codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$out/apt" arm64 "$codename" 2>>"$log") ||
    fail "Debian's arm64 kernel is not in $out, and the mirror cannot be reached (no network?)"
export APT_CONFIG="$conf"

# The concrete kernel behind the meta package; its ABI number changes with security updates.
kernel=$(apt-cache depends linux-image-cloud-arm64 2>>"$log" | awk '/Depends:/ { print $2; exit }')
[ -n "$kernel" ] || fail "no linux-image-cloud-arm64 in the index of this machine's mirror (no network?)"

tmp=$out/tmp
rm -rf "$tmp" && mkdir -p "$tmp/deb" "$tmp/x" || exit 1
(cd "$tmp/deb" && apt-get -q download "$kernel" busybox-static >>"$log" 2>&1) ||
    fail "downloading $kernel and busybox-static failed"
for deb in "$tmp"/deb/*.deb; do
    dpkg-deb -x "$deb" "$tmp/x" 2>>"$log" || fail "$deb is damaged"
done
mv "$tmp"/x/boot/vmlinuz-* "$out/Image.new" || fail "$kernel holds no kernel image"
mv "$tmp/x/bin/busybox" "$out/busybox.new" || fail "busybox-static holds no busybox"
# Offset 56 of an uncompressed arm64 image (Linux: Documentation/arch/arm64/booting.rst).
[ "$(dd if="$out/Image.new" bs=1 skip=56 count=4 2>>"$log")" = "ARMd" ] ||
    fail "$kernel is not an uncompressed arm64 image"
(cd "$tmp/deb" && ls) >"$out/version.new" || exit 1
mv "$out/Image.new" "$out/Image" && mv "$out/busybox.new" "$out/busybox" && mv "$out/version.new" "$out/version" ||
    exit 1
rm -rf "$tmp" "$out/apt"
