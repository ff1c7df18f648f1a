#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plays one journey: play.sh CELLWRIGHT-GUI FILE.journey [FOLDER FOR PICTURES]. Every part of the file ("=== ..." begins one) is a start
# of the program; all share one home folder, which is new. Lines "# set NAME=VALUE" of the file go into the environment, where VALUE
# may name variables; lines "# before N: COMMAND" are run before part N; a part "=== aside" is played by the step "second" only.
set -euo pipefail
program=$1
file=$2
home=$(mktemp -d)
engines() { pgrep -f "cellwright-engine run $home|$home/.*/libexec/cellwright" || true; }
cleanup() {
  for process in $(engines); do kill "$process" 2>/dev/null || true; done
  "$SOURCE/tests/support/loopback.sh" stop || true
  rm -rf "$home"
}
trap cleanup EXIT
export HOME=$home XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_STATE_HOME=$home/state XDG_CACHE_HOME=$home/cache
export CELLWRIGHT_REDUCED_MOTION=1 LC_ALL=C.UTF-8
export SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../../.." && pwd)}
if [ -n "${3:-}" ]; then export CELLWRIGHT_SCREENSHOTS=$3; fi
while read -r setting; do eval "export \"$setting\""; done < <(sed -n 's/^# set //p' "$file")
parts=$(($(grep -c '^===' "$file" || true) + 1))
export PROJECT=$home/work.cellwright
mapfile -t headings < <(printf '=== \n'; grep '^===' "$file" || true)
for ((part = 1; part <= parts; ++part)); do
  if [[ ${headings[part - 1]} == "=== aside"* ]]; then continue; fi
  while read -r before; do bash -c "$before"; done < <(sed -n "s/^# before $part: //p" "$file")
  code=0
  "$program" --project "$PROJECT" --script "$file" --part "$part" || code=$?
  # 137: the part ends with the step "kill"
  if [ "$code" != 0 ] && [ "$code" != 137 ]; then
    echo "part $part of $(basename "$file") ended with code $code"
    exit 1
  fi
done
