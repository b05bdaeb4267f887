#!/bin/sh
# Lets Tailcall start on a system whose glibc is older than 2.39: unpacks Debian 13's beside the packages of bench/, without
# installing it. Does nothing if Tailcall starts as it is or its package is not for this system.
set -eu
modules=$(cd "$(dirname "$0")/../.." && pwd)/node_modules
binary=$modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall
target=$modules/.glibc

[ -f "$binary" ] || { echo 'Tailcall has no package for this system.' >&2; exit 0; }
chmod +x "$binary"
if "$binary" --version >/dev/null 2>&1 || [ -f "$target/libc.so.6" ]; then exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'Tailcall needs glibc 2.39.' >&2; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/root"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] ${DEBIAN_MIRROR:-http://deb.debian.org/debian} trixie main" >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::State "$work/state";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "root";
END
export APT_CONFIG="$work/apt.conf"
cd "$work"
if ! { apt-get -qq update && apt-get -qq download libc6 libgcc-s1; }; then
  echo 'glibc could not be downloaded; Tailcall is left out.' >&2
  exit 0
fi
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
mkdir -p "$target"
for name in ld-linux-x86-64.so.2 libm.so.6 libgcc_s.so.1 libc.so.6; do
  cp -L "$(find "$work/root" -name "$name" | head -n 1)" "$target/$name"
done
