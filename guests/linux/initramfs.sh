#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# initramfs.sh BUSYBOX OUT: a busybox initramfs whose /init is the file beside this script. The same input
# gives the same bytes: fixed times, owners, inode numbers and order.
set -eu

[ $# -eq 2 ] || {
    echo "usage: initramfs.sh BUSYBOX OUT" >&2
    exit 2
}
command -v cpio >/dev/null 2>&1 || {
    echo "initramfs.sh: cpio is missing (apt-get install cpio)" >&2
    exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
tree=$2.tree
umask 022
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp"
cp "$1" "$tree/bin/busybox"
cp "$here/init" "$tree/init"
chmod 755 "$tree/bin/busybox" "$tree/init"
# The commands the banner, the tests and a curious user need; busybox answers to the others by "busybox NAME".
for name in sh mount umount uname nproc cat echo ls awk grep head tail dmesg sleep poweroff reboot setsid cttyhack \
    ps top free date mkdir rm cp mv vi wc sort test seq yes dd devmem taskset kill true false; do
    ln -s busybox "$tree/bin/$name"
done
find "$tree" -exec touch -h -d '2024-01-01 00:00:00 UTC' {} +
(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet --reproducible --owner=0:0 -H newc -o) >"$2.new"
mv "$2.new" "$2"
rm -rf "$tree"
