# SPDX-License-Identifier: GPL-3.0-or-later
# Every error and warning id in the sources is explained in docs/errors/, and every explained id exists.
set(used "")
file(GLOB_RECURSE sources "${SOURCE_DIR}/core/*.cpp" "${SOURCE_DIR}/core/*.h" "${SOURCE_DIR}/plugins/*.cpp"
  "${SOURCE_DIR}/plugins/*.h" "${SOURCE_DIR}/app/*.cpp" "${SOURCE_DIR}/ui/*.cpp" "${SOURCE_DIR}/ui/*.h")
foreach(source IN LISTS sources)
  file(READ "${source}" text)
  string(REGEX MATCHALL "[EW]-[A-Z0-9]+-[0-9][0-9][0-9]" found "${text}")
  list(APPEND used ${found})
endforeach()
list(REMOVE_DUPLICATES used)

set(explained "")
file(GLOB pages "${SOURCE_DIR}/docs/errors/*.md")
foreach(page IN LISTS pages)
  file(READ "${page}" text)
  string(REGEX MATCHALL "\\| *`?[EW]-[A-Z0-9]+-[0-9][0-9][0-9]`? *\\|" found "${text}")
  list(APPEND explained ${found})
endforeach()
list(TRANSFORM explained REPLACE "[| `]" "")
list(REMOVE_DUPLICATES explained)

set(missing ${used})
list(REMOVE_ITEM missing ${explained})
set(stale ${explained})
list(REMOVE_ITEM stale ${used})
if(missing OR stale)
  message(FATAL_ERROR "docs/errors: not explained: ${missing}\n  explained but not in the sources: ${stale}")
endif()
