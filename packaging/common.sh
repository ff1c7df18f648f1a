# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the scripts in this folder: where things are, what runs as root, how long each step took.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache_dir=${CELLWRIGHT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cellwright}
dependencies_dir=$cache_dir/dependencies
build_dir=${CELLWRIGHT_BUILD:-$source_dir/build/release}

die() {
  printf 'cellwright: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root for: $*  (run it as root, or install sudo)"
  fi
}

# step "what it does" command...: says what happens, how long it took, and what failed
step() {
  local what=$1 began=$SECONDS
  shift
  printf -- '-- %s\n' "$what"
  "$@" || die "failed: $what  (command: $*)"
  printf -- '   done in %d s\n' $((SECONDS - began))
}
