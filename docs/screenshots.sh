#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the pictures of the README: plays docs/screenshots.journey in the built window on an X server of its own. Takes about three minutes.
source "$(dirname "${BASH_SOURCE[0]}")/../packaging/common.sh"
export CW_SCREEN=1280x800x24 QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1
pictures=$source_dir/docs/images
step "Playing the example in the window" "$source_dir/tests/support/with_display.sh" \
  "$source_dir/tests/app/gui_journeys/play.sh" "$build_dir/bin/cellwright-gui" "$source_dir/docs/screenshots.journey" "$pictures"
step "The design sheet" "$build_dir/bin/cellwright-gui" --gallery "$pictures/design-sheet.png"
