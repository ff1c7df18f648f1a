# SPDX-License-Identifier: GPL-3.0-or-later
# The dependency rule of core/README.md, read off the #include lines. With -DEXPECTED=N exactly N violations must be
# found (that is how the rule itself is tested).
#   1  a domain of core/ includes only itself and domains above it in the list
#   2  core/, plugins/ and the programs without a window (app/cli, app/engine) know no Qt
#   3  LibTorch only in the (T) domains and in app/engine; ui/ and app/gui include nothing of these
#   4  ui/ includes neither app/ nor plugins/
#   5  plugins/ include plugins/sdk, core/base and core/data of ours, nothing else
set(domains base stats data api io weights tokenize maps evaluate effects ranking jobs machines search recipes exchange model embed perturb train engine)
set(torch_folders core/model core/embed core/perturb core/train core/engine app/engine)
set(violations "")

file(GLOB_RECURSE sources RELATIVE "${SOURCE_DIR}" "${SOURCE_DIR}/core/*.h" "${SOURCE_DIR}/core/*.cpp"
  "${SOURCE_DIR}/plugins/*.h" "${SOURCE_DIR}/plugins/*.cpp" "${SOURCE_DIR}/app/*.h" "${SOURCE_DIR}/app/*.cpp"
  "${SOURCE_DIR}/ui/*.h" "${SOURCE_DIR}/ui/*.cpp")
foreach(source IN LISTS sources)
  get_filename_component(folder "${source}" DIRECTORY)
  file(STRINGS "${SOURCE_DIR}/${source}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    string(REGEX MATCH "[<\"]([^>\"]+)[>\"]" _ "${line}")
    set(header "${CMAKE_MATCH_1}")

    set(window FALSE)
    if(source MATCHES "^(ui|app/gui)/")
      set(window TRUE)
      foreach(torch_folder IN LISTS torch_folders)
        if(header MATCHES "^${torch_folder}/")
          list(APPEND violations "${source} includes a domain with LibTorch: ${header}")
        endif()
      endforeach()
    endif()

    if(NOT window AND (header MATCHES "^Q[A-Z]" OR header MATCHES "^Qt"))
      list(APPEND violations "${source} includes Qt: ${header}")
    endif()

    if(header MATCHES "^(torch|ATen|c10|caffe2)/")
      set(allowed FALSE)
      foreach(torch_folder IN LISTS torch_folders)
        if(folder STREQUAL torch_folder OR folder MATCHES "^${torch_folder}/")
          set(allowed TRUE)
        endif()
      endforeach()
      if(NOT allowed)
        list(APPEND violations "${source} includes LibTorch: ${header}")
      endif()
    endif()

    if(source MATCHES "^ui/" AND header MATCHES "^(app|plugins)/")
      list(APPEND violations "${source} includes what is built on ui: ${header}")
    endif()

    if(source MATCHES "^plugins/([^/]+)/")
      set(plugin "${CMAKE_MATCH_1}")
      if(header MATCHES "^(core|app|ui|plugins)/" AND NOT header MATCHES "^(core/base|core/data|plugins/sdk|plugins/${plugin})/")
        list(APPEND violations "${source} includes more than the plugin interface: ${header}")
      endif()
    endif()

    if(source MATCHES "^core/([^/]+)/")
      list(FIND domains "${CMAKE_MATCH_1}" own)
      if(header MATCHES "^(app|ui|plugins)/" AND NOT header MATCHES "^plugins/sdk/")
        list(APPEND violations "${source} includes what is built on core: ${header}")
      elseif(header MATCHES "^core/([^/]+)/")
        list(FIND domains "${CMAKE_MATCH_1}" other)
        if(own EQUAL -1 OR other EQUAL -1 OR other GREATER own)
          list(APPEND violations "${source} includes a domain that is not above its own: ${header}")
        endif()
      endif()
    endif()
  endforeach()
endforeach()

include("${CMAKE_CURRENT_LIST_DIR}/expect_violations.cmake")
expect_violations("violations of the dependency rule" ${violations})
