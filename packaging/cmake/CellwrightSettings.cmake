# SPDX-License-Identifier: GPL-3.0-or-later
# Language, warnings, optimisation, linker: what holds for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # one flag set for all, so that precompiled headers can be shared
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")  # full -g costs 5 s per LibTorch source and five times the object size

find_program(CW_CCACHE ccache)
if(CW_CCACHE)
  # ccache looks into a precompiled header only with these settings
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;${CW_CCACHE}")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endif()
# lld and not mold: mold 1.10 writes programs whose read-only part begins below their first writable page, depending on
# the sizes of their sections; the loader then refuses them ("cannot apply additional memory protection")
find_program(CW_LLD ld.lld)
if(CW_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(cw_warnings INTERFACE)
target_compile_options(cw_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion
  $<$<BOOL:${CW_WARNINGS_AS_ERRORS}>:-Werror>)

if(CW_SANITIZE)
  add_compile_options(-fsanitize=${CW_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CW_SANITIZE})
endif()
