# SPDX-License-Identifier: GPL-3.0-or-later
# cw_add_module(NAME SOURCES ... [PUBLIC ...] [PRIVATE ...] [TORCH])   static library cw_NAME, alias cw::NAME
# cw_add_test(PATH LIBS ... [LABELS ...] [TIMEOUT s] [TORCH])         tests/PATH_test.cpp, ctest name PATH
#
# TORCH marks the domains that may include LibTorch: they share its precompiled header and get the include path.
# All others share a small precompiled header of the standard library and nlohmann-json.

add_library(cw_plain_pch STATIC "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_plain.cpp")
target_link_libraries(cw_plain_pch PUBLIC nlohmann_json::nlohmann_json)
target_precompile_headers(cw_plain_pch PRIVATE "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_plain.h")

add_library(cw_torch_pch STATIC "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_torch.cpp")
target_link_libraries(cw_torch_pch PUBLIC cw::torch_cpu nlohmann_json::nlohmann_json)
target_precompile_headers(cw_torch_pch PRIVATE "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_torch.h")

function(cw_prepare_target target torch)
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE cw_warnings)
  if(torch)
    target_link_libraries(${target} PUBLIC cw::torch_cpu nlohmann_json::nlohmann_json)
    target_precompile_headers(${target} REUSE_FROM cw_torch_pch)
  else()
    target_link_libraries(${target} PUBLIC nlohmann_json::nlohmann_json)
    target_precompile_headers(${target} REUSE_FROM cw_plain_pch)
  endif()
endfunction()

function(cw_add_module name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(cw_${name} STATIC ${arg_SOURCES})
  add_library(cw::${name} ALIAS cw_${name})
  target_link_libraries(cw_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  cw_prepare_target(cw_${name} ${arg_TORCH})
endfunction()

# The mains are a few lines each: they need no precompiled header (and, as executables, could not share one).
function(cw_add_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE cw_warnings ${arg_LIBS})
endfunction()

function(cw_add_test path)
  cmake_parse_arguments(arg "TORCH" "TIMEOUT" "LIBS;LABELS;SOURCES" ${ARGN})
  string(REPLACE "/" "_" target "test_${path}")
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/${path}_test.cpp" ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBS} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE CW_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    CW_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CW_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE cw_warnings)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_test(NAME ${path} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
  set_tests_properties(${path} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
