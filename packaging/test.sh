#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and runs every test. Arguments go to ctest (for example: -R tokenize).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$source_dir/packaging/build.sh"
step "Layout and static analysis" "$source_dir/packaging/lint.sh"
step "Tests" ctest --test-dir "$build_dir" --output-on-failure --no-tests=error "$@"
