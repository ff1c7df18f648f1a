# SPDX-License-Identifier: GPL-3.0-or-later
# cw_add_module(NAME SOURCES ... [PUBLIC ...] [PRIVATE ...] [TORCH])   static library cw_NAME, alias cw::NAME
# cw_add_test(PATH LIBS ... [LABELS ...] [TIMEOUT s] [TORCH])         tests/PATH_test.cpp, ctest name PATH
# cw_add_ui_module(NAME SOURCES ... [PUBLIC ...] [PRIVATE ...])        static library cw_ui_NAME, alias cw::ui_NAME (Qt)
# cw_add_ui_test(PATH LIBS ... [GL] [LABELS ...] [TIMEOUT s])          a Qt Test; GL ones get an X server of their own
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

if(CW_BUILD_GUI)
  add_library(cw_qt_pch STATIC "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_qt.cpp")
  target_link_libraries(cw_qt_pch PUBLIC Qt6::Widgets nlohmann_json::nlohmann_json)
  target_compile_definitions(cw_qt_pch PUBLIC QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII_STRICT QT_DISABLE_DEPRECATED_BEFORE=0x060400)
  target_precompile_headers(cw_qt_pch PRIVATE "${CMAKE_SOURCE_DIR}/packaging/cmake/pch_qt.h")
endif()

function(cw_prepare_ui_target target)
  set_target_properties(${target} PROPERTIES AUTOMOC ON)
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC Qt6::Widgets nlohmann_json::nlohmann_json PRIVATE cw_warnings)
  target_compile_definitions(${target} PUBLIC QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII_STRICT QT_DISABLE_DEPRECATED_BEFORE=0x060400)
  target_precompile_headers(${target} REUSE_FROM cw_qt_pch)
endfunction()

function(cw_add_ui_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(cw_ui_${name} STATIC ${arg_SOURCES})
  add_library(cw::ui_${name} ALIAS cw_ui_${name})
  target_link_libraries(cw_ui_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  cw_prepare_ui_target(cw_ui_${name})
endfunction()

function(cw_add_ui_test path)
  cmake_parse_arguments(arg "GL" "TIMEOUT" "LIBS;LABELS;SOURCES" ${ARGN})
  string(REPLACE "/" "_" target "test_${path}")
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/${path}_test.cpp" ${arg_SOURCES})
  cw_prepare_ui_target(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBS} Qt6::Test)
  target_compile_definitions(${target} PRIVATE CW_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    CW_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CW_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" CW_BUILD_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(arg_GL)
    add_test(NAME ${path} COMMAND "${CMAKE_SOURCE_DIR}/tests/support/with_display.sh" $<TARGET_FILE:${target}>
      WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
    set(environment "QT_QPA_PLATFORM=xcb;LIBGL_ALWAYS_SOFTWARE=1")
  else()
    add_test(NAME ${path} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
    set(environment "QT_QPA_PLATFORM=offscreen")
  endif()
  set_tests_properties(${path} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "ui;${arg_LABELS}" ENVIRONMENT "${environment}")
endfunction()
