#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Cellwright and runs the bundled example, from a real data set to a ranked gene list. Arguments go to the example.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$source_dir/packaging/build.sh"
step "The example: 10x PBMC, from file to ranked gene list" "$build_dir/bin/cellwright" example "$@"
