# SPDX-License-Identifier: GPL-3.0-or-later
# expect_violations(WHAT [VIOLATION ...]): fails and lists them, unless there are none, or exactly -DEXPECTED=N.
function(expect_violations what)
  list(LENGTH ARGN count)
  if(NOT DEFINED EXPECTED)
    set(EXPECTED 0)
  endif()
  if(NOT count EQUAL EXPECTED)
    list(JOIN ARGN "\n  " text)
    message(FATAL_ERROR "${count} ${what}, ${EXPECTED} expected:\n  ${text}")
  endif()
endfunction()
