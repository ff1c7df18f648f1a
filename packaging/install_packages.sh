#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the Debian packages named in packages.txt that are not there yet. Works offline when nothing is missing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v apt-get >/dev/null || die "this script knows Debian's apt-get only; install what packaging/packages.txt names"

missing=()
while read -r package _; do
  case $package in '' | '#'*) continue ;; esac
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done <"$source_dir/packaging/packages.txt"

if [ ${#missing[@]} = 0 ]; then
  echo "   all Debian packages are there"
  exit 0
fi
echo "   missing: ${missing[*]}"
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  die "apt-get could not install: ${missing[*]}"
