#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Downloads LibTorch (the CPU half of the published wheel), the assorthead headers and the CUDA compiler: pinned, checksum
# verified, kept in the cache folder outside the source tree. A second run finds everything and downloads nothing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

torch_version=2.11.0
torch_sha256=7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a
assorthead_version=0.2.2
assorthead_sha256=671c0d71241bc667589761f5f04bc47f318a049b6044374559e6c082ca6999c1
# The compiler and the headers it needs by itself: no libraries, no driver, no GPU.
cuda_version=13.0
cuda_wheels="nvidia-cuda-nvcc==13.0.88 --hash=sha256:56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03
nvidia-nvvm==13.0.88 --hash=sha256:c5f41ffeb6466944a026dfa5317d7d85355c119bbec279205d22f1869d1054e0
nvidia-cuda-crt==13.0.88 --hash=sha256:2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4
nvidia-cuda-runtime==13.0.96 --hash=sha256:7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
nvidia-cuda-cccl==13.0.85 --hash=sha256:e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649"

work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

new_work_dir() {
  mkdir -p "$dependencies_dir"
  work=$(mktemp -d "$dependencies_dir/.fetch.XXXXXX")
}

# Moves the finished folder into place in one step, so that an interrupted run leaves nothing half done.
publish() {
  rm -rf "$2"
  mv "$1" "$2"
}

fetch_libtorch() {
  local target=$dependencies_dir/libtorch
  if [ "$(cat "$target/VERSION" 2>/dev/null)" = "$torch_version $torch_sha256" ]; then
    echo "   LibTorch $torch_version is there"
    return
  fi
  new_work_dir
  echo "torch==$torch_version --hash=sha256:$torch_sha256" >"$work/requirements.txt"
  echo "   downloading LibTorch $torch_version (530 MB; no smaller build of it is published)"
  python3 -m pip download -q --no-cache-dir --no-deps --only-binary=:all: --python-version 311 --implementation cp --abi cp311 \
    --platform manylinux_2_28_x86_64 --require-hashes -r "$work/requirements.txt" -d "$work" ||
    die "could not download LibTorch $torch_version; is the package registry reachable?"
  mkdir "$work/unpacked"
  unzip -q -o "$work"/torch-*.whl 'torch/include/ATen/*' 'torch/include/c10/*' 'torch/include/torch/*' \
    torch/lib/libc10.so torch/lib/libtorch_cpu.so torch/lib/libgomp.so.1 'torch-*/licenses/*' -d "$work/unpacked"
  local lib=$work/unpacked/torch/lib stubs=$source_dir/packaging/libtorch_stubs
  strip --strip-unneeded "$lib/libtorch_cpu.so"
  gcc -O1 -fPIC -shared -Wl,-soname,libcudart.so.13 "-Wl,--version-script=$stubs/cudart.map" "$stubs/cudart_stub.c" \
    -o "$lib/libcudart.so.13"
  nm -D --undefined-only "$lib/libtorch_cpu.so" |
    awk '/libcupti/{split($2, a, "@"); print "int " a[1] "(void) { return 15; }  /* CUPTI_ERROR_NOT_INITIALIZED */"}' >"$work/cupti_stub.c"
  gcc -O1 -fPIC -shared -Wl,-soname,libcupti.so.13 "-Wl,--version-script=$stubs/cupti.map" "$work/cupti_stub.c" \
    -o "$lib/libcupti.so.13"
  echo "$torch_version $torch_sha256" >"$work/unpacked/VERSION"
  publish "$work/unpacked" "$target"
  rm -rf "$work"
}

fetch_assorthead() {
  local target=$dependencies_dir/assorthead
  if [ "$(cat "$target/VERSION" 2>/dev/null)" = "$assorthead_version $assorthead_sha256" ]; then
    echo "   assorthead $assorthead_version is there"
    return
  fi
  new_work_dir
  echo "assorthead==$assorthead_version --hash=sha256:$assorthead_sha256" >"$work/requirements.txt"
  python3 -m pip download -q --no-cache-dir --no-deps --no-binary=assorthead --require-hashes -r "$work/requirements.txt" -d "$work" ||
    die "could not download assorthead $assorthead_version; is the package registry reachable?"
  mkdir -p "$work/unpacked"
  tar -xzf "$work"/assorthead-*.tar.gz -C "$work"
  mv "$work"/assorthead-"$assorthead_version"/src/assorthead/include "$work/unpacked/include"
  mv "$work"/assorthead-"$assorthead_version"/src/assorthead/licenses "$work/unpacked/licenses"
  echo "$assorthead_version $assorthead_sha256" >"$work/unpacked/VERSION"
  publish "$work/unpacked" "$target"
  rm -rf "$work"
}

fetch_cuda() {
  local target=$dependencies_dir/cuda wheel
  local wanted="$cuda_version $(echo "$cuda_wheels" | sha256sum | cut -d' ' -f1)"
  if [ "$(cat "$target/VERSION" 2>/dev/null)" = "$wanted" ]; then
    echo "   the CUDA compiler $cuda_version is there"
    return
  fi
  new_work_dir
  echo "$cuda_wheels" >"$work/requirements.txt"
  echo "   downloading the CUDA compiler $cuda_version (104 MB)"
  python3 -m pip download -q --no-cache-dir --no-deps --only-binary=:all: --platform manylinux_2_17_x86_64 \
    --platform manylinux_2_12_x86_64 --require-hashes -r "$work/requirements.txt" -d "$work" ||
    die "could not download the CUDA compiler $cuda_version; is the package registry reachable?"
  mkdir "$work/unpacked"
  for wheel in "$work"/nvidia_*.whl; do
    unzip -q -o "$wheel" -d "$work/unpacked"
  done
  mkdir "$work/unpacked/nvidia/cu13/licenses"
  for wheel in "$work"/unpacked/*.dist-info; do
    cp -r "$wheel/licenses" "$work/unpacked/nvidia/cu13/licenses/$(basename "$wheel" .dist-info)"
  done
  echo "$wanted" >"$work/unpacked/nvidia/cu13/VERSION"
  publish "$work/unpacked/nvidia/cu13" "$target"
  rm -rf "$work"
}

fetch_libtorch
fetch_assorthead
fetch_cuda
