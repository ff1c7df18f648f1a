#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a bare Debian 12 machine to the built programs in build/release/bin. An unchanged rebuild takes seconds.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
step "Debian packages" "$source_dir/packaging/install_packages.sh"
step "LibTorch, assorthead and the CUDA compiler in $dependencies_dir" "$source_dir/packaging/fetch_dependencies.sh"
step "Configuring $build_dir" cmake -S "$source_dir" -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCW_DEPENDENCIES_DIR="$dependencies_dir" --log-level=WARNING
step "Building" cmake --build "$build_dir"
