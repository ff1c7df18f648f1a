# SPDX-License-Identifier: GPL-3.0-or-later
# Every library that is not ours, one line of reason each. Debian 12 packages, except the two that
# packaging/fetch_dependencies.sh downloads (pinned by version and checksum).
set(HDF5_PREFER_PARALLEL OFF)             # the serial flavour: the engine has no MPI
find_package(HDF5 REQUIRED COMPONENTS C)  # the file format of the field (h5ad, loom, 10x) and of our results
find_package(PkgConfig REQUIRED)
pkg_check_modules(BLOSC REQUIRED IMPORTED_TARGET blosc)             # HDF5 filter 32001
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)              # HDF5 filter 32004, Arrow buffers
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)            # HDF5 filter 32015, Arrow buffers
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET xlsxwriter)   # ranked lists for Excel, gene names kept as text
find_library(LZF_LIBRARY lzf REQUIRED)                              # HDF5 filter 32000
find_path(LZF_INCLUDE_DIR liblzf/lzf.h REQUIRED)
find_library(IGRAPH_LIBRARY igraph REQUIRED)                        # Leiden clusters, graph measures
find_path(IGRAPH_INCLUDE_DIR igraph/igraph.h REQUIRED)
find_library(LIBLINEAR_LIBRARY linear REQUIRED)                     # logistic regression and linear SVM: baselines of evaluate/
find_path(LIBLINEAR_INCLUDE_DIR linear.h REQUIRED)
find_package(ZLIB REQUIRED)               # gzip: 10x folders, parallel reading of compressed HDF5 chunks, zipped checkpoints
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # SHA-256 of inputs, vocabularies and models
find_package(spdlog REQUIRED)             # logging
find_package(nlohmann_json REQUIRED)      # job specifications, events, provenance
find_package(CLI11 REQUIRED)              # the command line
find_package(Boost REQUIRED)              # Boost.Math: exact, tested distributions
find_package(Threads REQUIRED)

set(CW_TORCH_ROOT "${CW_DEPENDENCIES_DIR}/libtorch" CACHE PATH "Folder that holds torch/ of the unpacked wheel")
find_package(LibTorch 2.11 REQUIRED)      # tensors and automatic differentiation: core domains marked (T) only

# k-means, t-SNE, UMAP graph, marker statistics of the libscran family, with the Eigen they were written for
set(CW_ASSORTHEAD_ROOT "${CW_DEPENDENCIES_DIR}/assorthead" CACHE PATH "Folder that holds include/ of assorthead")
find_path(ASSORTHEAD_INCLUDE_DIR umappp/umappp.hpp PATHS "${CW_ASSORTHEAD_ROOT}/include" NO_DEFAULT_PATH REQUIRED)
add_library(cw_assorthead INTERFACE)
add_library(cw::assorthead ALIAS cw_assorthead)
target_include_directories(cw_assorthead SYSTEM INTERFACE "${ASSORTHEAD_INCLUDE_DIR}")

add_library(cw_lzf INTERFACE)
add_library(cw::lzf ALIAS cw_lzf)
target_include_directories(cw_lzf SYSTEM INTERFACE "${LZF_INCLUDE_DIR}")
target_link_libraries(cw_lzf INTERFACE "${LZF_LIBRARY}")

add_library(cw_igraph INTERFACE)  # Debian's igraph CMake package asks for unrelated -dev packages, so it is found by hand
add_library(cw::igraph ALIAS cw_igraph)
target_include_directories(cw_igraph SYSTEM INTERFACE "${IGRAPH_INCLUDE_DIR}")
target_link_libraries(cw_igraph INTERFACE "${IGRAPH_LIBRARY}")

add_library(cw_liblinear INTERFACE)
add_library(cw::liblinear ALIAS cw_liblinear)
target_include_directories(cw_liblinear SYSTEM INTERFACE "${LIBLINEAR_INCLUDE_DIR}")
target_link_libraries(cw_liblinear INTERFACE "${LIBLINEAR_LIBRARY}")

if(CW_BUILD_TESTS)
  find_package(GTest REQUIRED)            # tests of core and plugins
endif()

if(CW_BUILD_GUI)
  # Widgets: the window; Charts: curves of a few thousand points; DBus: notes on the desktop; Svg: icons and figures; Sql: projects (SQLite);
  # OpenGLWidgets: drawing on the graphics card; PrintSupport: PDF; Test: tests of ui/ and app/
  find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets Charts DBus Svg SvgWidgets Sql OpenGLWidgets PrintSupport Test)
  # 3-D embeddings and networks, in our own Qt widget: Debian's VTK widgets are Qt 5
  find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonDataModel FiltersCore FiltersGeneral FiltersSources ImagingCore
    InteractionStyle RenderingAnnotation RenderingCore RenderingFreeType RenderingLabel RenderingOpenGL2 RenderingUI)
endif()
