#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The engine as one archive that runs on any Linux x86-64 machine, for machines that ssh does not reach. Where it does,
# `cellwright machines install NAME` and `cellwright ... --machine NAME` make and send the same archive by themselves.
# Usage: packaging/bundle.sh [FOLDER]   (default: the present folder)
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
target=${1:-.}
[ -x "$build_dir/bin/cellwright" ] || die "build first: packaging/build.sh"
"$build_dir/bin/cellwright" machines pack --out "$target"
