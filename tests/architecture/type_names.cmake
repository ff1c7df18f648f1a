# SPDX-License-Identifier: GPL-3.0-or-later
# One name, one type: two types of one name in a namespace break the one-definition rule without a word from compiler or
# linker where their headers never meet. Read off the headers, whose outermost types begin at the start of a line. With
# -DEXPECTED=N exactly N names must be found twice (that is how the rule itself is tested).
file(GLOB_RECURSE headers RELATIVE "${SOURCE_DIR}" "${SOURCE_DIR}/core/*.h" "${SOURCE_DIR}/plugins/*.h"
  "${SOURCE_DIR}/app/*.h" "${SOURCE_DIR}/ui/*.h")
set(violations "")
foreach(header IN LISTS headers)
  set(space cw)
  if(header MATCHES "^(ui|app/gui)/")
    set(space cw_ui)
  endif()
  file(STRINGS "${SOURCE_DIR}/${header}" types REGEX "^(struct|class|enum class) [A-Za-z0-9_]+[^;]*{")
  foreach(line IN LISTS types)
    string(REGEX REPLACE "^(struct|class|enum class) ([A-Za-z0-9_]+).*" "\\2" name "${line}")
    if(DEFINED ${space}_${name})
      list(APPEND violations "${name}: ${${space}_${name}} and ${header}")
    endif()
    set(${space}_${name} "${header}")
  endforeach()
endforeach()

include("${CMAKE_CURRENT_LIST_DIR}/expect_violations.cmake")
expect_violations("names stand for two types" ${violations})
