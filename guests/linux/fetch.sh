#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh OUT [armv8|riscv]: fetches an unmodified kernel and a static busybox of Debian into OUT (build/debian, or
# build/riscv/debian):
#   OUT/Image    the kernel       OUT/busybox   the static busybox
#   OUT/modules/*.ko  armv8: drivers of a virtio-mmio disk, which that kernel has as modules
#   OUT/version  file names of the packages, with their versions
# armv8: the cloud kernel of this machine's release. riscv: the kernel of Debian 13's installer, which is in a package
# that every architecture's index of trixie has, and busybox from forky or sid.
# Downloads nothing when all of it is there. The packages come through private apt roots under OUT, with the
# mirror the machine's own apt sources name; signatures are checked, and nothing under /etc/apt is written.
# Needs no root. Exit 0, or 1 with a line that says what is missing.
set -u

usage() {
    echo "usage: fetch.sh OUT [armv8|riscv]" >&2
    exit 2
}
[ $# -eq 1 ] || [ $# -eq 2 ] || usage
out=$1
isa=${2:-armv8}
case $isa in armv8 | riscv) ;; *) usage ;; esac
modules=
[ "$isa" = riscv ] || modules='virtio virtio_ring virtio_mmio virtio_blk'
complete() {
    for file in Image busybox version $(printf 'modules/%s.ko ' $modules); do
        [ "$file" = modules/.ko ] || [ -s "$out/$file" ] || return 1
    done
}
complete && exit 0

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
tmp=$out/tmp
rm -rf "$tmp" && mkdir -p "$tmp/deb" "$tmp/x" || exit 1

# use_index ARCHITECTURE SUITE: apt looks there from now on.
use_index() {
    conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$out/apt" "$1" "$2" 2>>"$log") || return 1
    export APT_CONFIG="$conf"
}
download() {
    (cd "$tmp/deb" && apt-get -q download "$@" >>"$log" 2>&1) || fail "downloading $* failed"
}
# image_is OFFSET TEXT: what stands in the header of an uncompressed kernel image.
image_is() {
    [ "$(dd if="$out/Image.new" bs=1 skip="$1" count=${#2} 2>>"$log")" = "$2" ]
}

fetch_armv8() {
    codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
    [ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
    use_index arm64 "$codename" ||
        fail "Debian's arm64 kernel is not in $out, and the mirror cannot be reached (no network?)"
    # The concrete kernel behind the meta package; its ABI number changes with security updates.
    kernel=$(apt-cache depends linux-image-cloud-arm64 2>>"$log" | awk '/Depends:/ { print $2; exit }')
    [ -n "$kernel" ] || fail "no linux-image-cloud-arm64 in the index of this machine's mirror (no network?)"
    download "$kernel" busybox-static
    for deb in "$tmp"/deb/*.deb; do
        dpkg-deb -x "$deb" "$tmp/x" 2>>"$log" || fail "$deb is damaged"
    done
    mv "$tmp"/x/boot/vmlinuz-* "$out/Image.new" || fail "$kernel holds no kernel image"
    # Linux: Documentation/arch/arm64/booting.rst.
    image_is 56 ARMd || fail "$kernel is not an uncompressed arm64 image"
    mkdir -p "$out/modules"
    for name in $modules; do
        find "$tmp/x" -name "$name.ko" -exec mv {} "$out/modules/" \;
        [ -s "$out/modules/$name.ko" ] || fail "$kernel holds no module $name"
    done
}

fetch_riscv() {
    kernel=debian-installer-13-netboot-riscv64
    use_index amd64 trixie ||
        fail "Debian's riscv64 kernel is not in $out, and the mirror cannot be reached (no network?)"
    download "$kernel"
    # Of a large package the one file.
    dpkg-deb --fsys-tarfile "$tmp"/deb/"$kernel"_*.deb 2>>"$log" |
        tar -xO ./usr/lib/debian-installer/images/13/riscv64/text/debian-installer/riscv64/linux \
            >"$out/Image.new" 2>>"$log" || fail "$kernel holds no kernel image"
    # Linux: Documentation/arch/riscv/boot-image-header.rst.
    image_is 48 RISCV && image_is 56 RSC || fail "$kernel is not an uncompressed riscv64 image"
    for suite in forky sid; do
        if use_index riscv64 "$suite"; then
            break
        fi
        [ "$suite" = forky ] || fail "neither forky nor sid of this machine's mirror has packages for riscv64"
    done
    download busybox-static
    dpkg-deb -x "$tmp"/deb/busybox-static_*.deb "$tmp/x" 2>>"$log" || fail "busybox-static is damaged"
}

fetch_$isa
busybox=$tmp/x/bin/busybox
[ -e "$busybox" ] || busybox=$tmp/x/usr/bin/busybox
mv "$busybox" "$out/busybox.new" || fail "busybox-static holds no busybox"
(cd "$tmp/deb" && ls) >"$out/version.new" || exit 1
mv "$out/Image.new" "$out/Image" && mv "$out/busybox.new" "$out/busybox" && mv "$out/version.new" "$out/version" ||
    exit 1
rm -rf "$tmp" "$out/apt"
