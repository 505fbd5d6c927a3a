#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A private apt root, to download packages of any architecture and suite without touching the machine's own apt set-up:
#   aptroot.sh [--refresh] DIR ARCH SUITE
# creates DIR (under build/), fetches the index if there is none (or --refresh), and prints the path of its apt.conf:
#   APT_CONFIG=$(aptroot.sh build/apt/arm64 arm64 bookworm) apt-get download NAME
# The mirror is the one this machine's own sources name; signatures are checked. Needs no root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
refresh=no
if [ "${1:-}" = --refresh ]; then
    refresh=yes
    shift
fi
[ $# -eq 3 ] || { echo "usage: aptroot.sh [--refresh] DIR ARCH SUITE" >&2; exit 2; }
command -v apt-get >/dev/null || { echo "aptroot.sh: packages are fetched with apt-get, which is missing" >&2; exit 1; }
mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
dir=$(cd "$1" && pwd)
arch=$2
suite=$3

source_line=$("$here/mirror.sh") || exit 1
read -r uri key <<<"$source_line"
: >"$dir/status"
echo "deb [signed-by=$key] $uri $suite main" >"$dir/sources.list.new"
if ! cmp -s "$dir/sources.list.new" "$dir/sources.list"; then
    refresh=yes
fi
mv "$dir/sources.list.new" "$dir/sources.list"
cat >"$dir/apt.conf" <<CONF
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
APT::Architecture "$arch";
#clear APT::Architectures;
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
set -- "$dir"/lists/*_Packages*
if [ "$refresh" = yes ] || [ ! -e "$1" ]; then
    if ! APT_CONFIG="$dir/apt.conf" apt-get -qq -o APT::Update::Error-Mode=any update >"$dir/update.log" 2>&1; then
        cat "$dir/update.log" >&2
        echo "aptroot.sh: could not fetch the index of $suite ($arch) from this machine's Debian mirror" >&2
        exit 1
    fi
fi
echo "$dir/apt.conf"
