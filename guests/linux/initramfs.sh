#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# initramfs.sh BUSYBOX OUT [FILE...]: a busybox initramfs whose /init is the file beside this script, with modules among
# the files in /lib and programs among them in /bin. The same input gives the same bytes: fixed times, owners, inode numbers and order.
set -eu

[ $# -ge 2 ] || {
    echo "usage: initramfs.sh BUSYBOX OUT [FILE...]" >&2
    exit 2
}
command -v cpio >/dev/null 2>&1 || {
    echo "initramfs.sh: cpio is missing (apt-get install cpio)" >&2
    exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
busybox=$1
out=$2
shift 2
tree=$out.tree
umask 022
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp"
cp "$busybox" "$tree/bin/busybox"
cp "$here/init" "$tree/init"
chmod 755 "$tree/bin/busybox" "$tree/init"
# The commands the banner, the tests and a curious user need; busybox answers to the others by "busybox NAME".
for name in sh mount umount uname nproc cat echo ls awk grep head tail dmesg sleep poweroff reboot setsid cttyhack \
    ps top free date mkdir rm cp mv vi wc sort test seq yes dd devmem taskset kill true false; do
    ln -s busybox "$tree/bin/$name"
done
for file in "$@"; do
    case $file in
    *.ko) install -D -m 644 "$file" "$tree/lib/${file##*/}" ;;
    *) install -m 755 "$file" "$tree/bin/${file##*/}" ;;
    esac
done
find "$tree" -exec touch -h -d '2024-01-01 00:00:00 UTC' {} +
(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet --reproducible --owner=0:0 -H newc -o) >"$out.new"
mv "$out.new" "$out"
rm -rf "$tree"
