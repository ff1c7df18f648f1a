#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Cellwright and opens its window. Without a display, or with arguments (which go to it), it runs the bundled example instead:
# from a real data set to a ranked gene list, as text.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$source_dir/packaging/build.sh"
if [ $# = 0 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  printf -- '-- Opening the window; next time: %s\n' "$build_dir/bin/cellwright-gui"
  exec "$build_dir/bin/cellwright-gui"
fi
if [ $# = 0 ]; then
  printf -- '-- There is no display here, so the window cannot open. The example runs as text instead; on a computer with a screen:\n'
  printf -- '   %s\n' "$build_dir/bin/cellwright-gui"
fi
step "The example: 10x PBMC, from file to ranked gene list" "$build_dir/bin/cellwright" example "$@"
