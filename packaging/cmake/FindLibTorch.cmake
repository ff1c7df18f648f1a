# SPDX-License-Identifier: GPL-3.0-or-later
# Makes cw::torch_cpu from an unpacked PyTorch wheel, cw::c10d, and cw::torch_cuda where the CUDA half was unpacked too.
# CW_TORCH_ROOT holds torch/ and, for CUDA, nvidia/ beside it, as in the wheels. Asks for no CUDA toolkit, Python, protobuf or MKL.
set(_t "${CW_TORCH_ROOT}/torch")
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h PATHS "${_t}/include" NO_DEFAULT_PATH)
foreach(_l torch_cpu c10 torch_cuda c10_cuda)
  find_library(LibTorch_${_l} ${_l} PATHS "${_t}/lib" NO_DEFAULT_PATH)
endforeach()
if(EXISTS "${_t}/include/torch/headeronly/version.h")
  file(READ "${_t}/include/torch/headeronly/version.h" _v)
  string(REGEX MATCH "TORCH_VERSION[^\"]*\"([0-9.]+)" _ "${_v}")
  set(LibTorch_VERSION "${CMAKE_MATCH_1}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_torch_cpu LibTorch_c10 LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION)
if(NOT LibTorch_FOUND OR TARGET cw::torch_cpu)
  return()
endif()
find_package(Threads REQUIRED)
add_library(cw::c10 SHARED IMPORTED GLOBAL)      # imported targets' include folders are SYSTEM by themselves
set_target_properties(cw::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_c10}" IMPORTED_SONAME libc10.so
  INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
  INTERFACE_COMPILE_DEFINITIONS "_GLIBCXX_USE_CXX11_ABI=1" INTERFACE_COMPILE_FEATURES cxx_std_20)
add_library(cw::torch_cpu SHARED IMPORTED GLOBAL)
set_target_properties(cw::torch_cpu PROPERTIES IMPORTED_LOCATION "${LibTorch_torch_cpu}" IMPORTED_SONAME libtorch_cpu.so
  INTERFACE_LINK_LIBRARIES "cw::c10;Threads::Threads" INTERFACE_LINK_OPTIONS "LINKER:--allow-shlib-undefined")  # cudart, cupti: run time
add_library(cw::c10d INTERFACE IMPORTED GLOBAL)  # TCPStore. Never USE_C10D_GLOO: gloo's headers are not in the wheel
set_target_properties(cw::c10d PROPERTIES INTERFACE_LINK_LIBRARIES cw::torch_cpu INTERFACE_COMPILE_DEFINITIONS USE_DISTRIBUTED)
set(LibTorch_CUDA_FOUND FALSE)
if(LibTorch_torch_cuda AND LibTorch_c10_cuda)
  set(LibTorch_CUDA_FOUND TRUE)
  add_library(cw::torch_cuda SHARED IMPORTED GLOBAL)
  set_target_properties(cw::torch_cuda PROPERTIES IMPORTED_LOCATION "${LibTorch_torch_cuda}" IMPORTED_SONAME libtorch_cuda.so
    INTERFACE_LINK_LIBRARIES "cw::torch_cpu;${LibTorch_c10_cuda}")
endif()
