// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target of the h5ad reader: the first byte is left to the driver, the rest is the file. Build it by name
// (ninja h5ad_fuzz) and give it small files. It is no test of every run, as damage in attributes can end the HDF5
// library itself; the bounded form with known seeds is tests/core/io/damaged_files_test.cpp.
#include "core/io/h5ad_reader.h"
#include "tests/core/io/read_everything.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int descriptor = size == 0 ? -1 : ::memfd_create("fuzz.h5ad", 0);
  if (descriptor < 0) return 0;
  const bool written = ::write(descriptor, data + 1, size - 1) == static_cast<ssize_t>(size - 1);
  if (written) cw::test::read_everything(cw::H5adReaderFactory(), "/proc/self/fd/" + std::to_string(descriptor));
  ::close(descriptor);
  return 0;
}
