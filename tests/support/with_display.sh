#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a program on an X server of its own: with_display.sh PROGRAM [ARGUMENT...]. The server picks a free number by itself, so that
# tests can run side by side.
set -euo pipefail
runtime=$(mktemp -d)
chmod 700 "$runtime"
mkfifo "$runtime/number"
Xvfb -displayfd 3 -screen 0 "${CW_SCREEN:-1600x1000x24}" -nolisten tcp 3>"$runtime/number" 2>"$runtime/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$runtime"' EXIT
read -r -t 20 number <"$runtime/number" || { cat "$runtime/log" >&2; exit 1; }
DISPLAY=:$number XDG_RUNTIME_DIR=$runtime "$@"
