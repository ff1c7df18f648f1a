#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-format on every source; clang-tidy on the sources that differ from the base commit (CW_LINT_BASE, default: the
# commit before the last), because analysing a source that includes LibTorch takes half a minute.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$source_dir"
mapfile -t sources < <(git ls-files '*.cpp' '*.h')
clang-format --dry-run --Werror "${sources[@]}" || die "run clang-format -i on the files named above"

base=${CW_LINT_BASE:-HEAD~1}
git rev-parse -q --verify "$base" >/dev/null || exit 0
mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'core/*.cpp' 'plugins/*.cpp' 'app/*.cpp' 'ui/*.cpp' | head -n "${CW_LINT_MOST:-12}")
[ ${#changed[@]} = 0 ] && exit 0
# The build's precompiled headers are the compiler's own format, which clang-tidy cannot read; ui/ includes what its own holds.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
sed -E 's/ -(Winvalid-pch|fpch-preprocess)//g; s# -include [^ ]*cw_qt_pch[^ ]*cmake_pch\.hxx# -include '"$source_dir"'/packaging/cmake/pch_qt.h#g; s/ -include [^ ]*cmake_pch\.hxx//g' "$build_dir/compile_commands.json" \
  >"$commands/compile_commands.json"
clang-tidy -p "$commands" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unknown-pragmas \
  "${changed[@]}" 2>/dev/null || die "clang-tidy found the problems named above"
