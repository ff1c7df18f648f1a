// SPDX-License-Identifier: GPL-3.0-or-later
// Damages files and folders as the programs get them from outside and reads each in a process of its own:
// file_fuzz KIND SECONDS ROUNDS SEED PATH... (README.md). Ends with 1 if one of them was too much for our code; it lies
// in fuzz_findings/ then, with those that overwrote memory.
#include "app/plugin_list.h"
#include "core/base/files.h"
#include "tests/fuzz/foreign_files.h"
#include "tests/fuzz/isolated.h"
#include "tests/support/mutation.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace {

namespace fs = std::filesystem;

// A whole file or folder, the copy of it that is damaged, and the files in it.
struct Source {
  fs::path copy;
  std::vector<fs::path> files;
  std::vector<std::string> contents;
};

void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

Source copied(const fs::path& original, const fs::path& scratch) {
  Source source;
  source.copy = scratch / original.filename();
  fs::copy(original, source.copy, fs::copy_options::recursive);
  if (fs::is_directory(source.copy)) {
    for (const auto& entry : fs::recursive_directory_iterator(source.copy)) {
      if (entry.is_regular_file()) source.files.push_back(entry.path());
    }
    std::sort(source.files.begin(), source.files.end());
  } else {
    source.files = {source.copy};
  }
  for (const auto& file : source.files) source.contents.push_back(*cw::read_file(file));
  return source;
}

// Half of the time bytes change, as in cw::mutated; else numbers, so that text is damaged in what it says. Binary files
// get their share of byte changes without a shift: almost nothing of HDF5 survives one.
std::string damaged(const std::string& content, std::mt19937_64& random) {
  const bool text = content.find('\0') == std::string::npos;
  if (random() % 2 == 0) return cw::mutated(content, random);
  std::string changed = content;
  for (std::uint64_t changes = 1 + random() % 12; changes > 0 && !changed.empty(); --changes) {
    std::size_t place = random() % changed.size();
    if (!text) {
      static constexpr unsigned char kNasty[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
      changed[place] = static_cast<char>(random() % 2 == 0 ? kNasty[random() % 6] : random() % 256);
      continue;
    }
    static constexpr const char* kNumbers[] = {"-1",   "0",    "1e308", "99999999999999999999", "4294967296", "", "nan",
                                               "-inf", "\"\"", "[]"};
    place = std::min(changed.find_first_of("0123456789", place), changed.size());
    const std::size_t end = std::min(changed.find_first_not_of("0123456789.", place), changed.size());
    changed.replace(place, end - place, kNumbers[random() % 10]);
  }
  return changed;
}

bool is_hdf5(const std::string& content) { return content.starts_with("\x89HDF"); }

void keep_finding(const Source& source, const std::string& name, const std::string& trace) {
  const fs::path place = fs::path("fuzz_findings") / name;
  fs::create_directories(place);
  fs::copy(source.copy, place / source.copy.filename(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  std::printf("%s:\n%s\n", (place / source.copy.filename()).c_str(), trace.c_str());
}

int run(const cw::fuzz::FileKind& kind, int seconds, int rounds, std::uint64_t seed, std::vector<fs::path> originals) {
  const fs::path scratch = *cw::make_scratch_folder(fs::temp_directory_path());
  fs::create_directory(scratch / "made");
  if (kind.make) {
    for (auto& path : kind.make(scratch / "made")) originals.push_back(std::move(path));
  }
  std::vector<Source> sources;
  for (const auto& original : originals) sources.push_back(copied(original, scratch));
  int crashes = 0;
  int in_library = 0;
  int round = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (; round < rounds && !sources.empty() && std::chrono::steady_clock::now() < end; ++round) {
    const Source& source = sources[static_cast<std::size_t>(round) % sources.size()];
    std::mt19937_64 random(seed * 1'000'003 + static_cast<std::uint64_t>(round));
    const std::size_t file = random() % source.files.size();
    write(source.files[file], damaged(source.contents[file], random));
    std::string trace;
    const auto ending = cw::fuzz::run_isolated([&] { kind.read(source.copy); }, trace);
    using cw::fuzz::Ending;
    const bool library = ending == Ending::kLibrary || (ending == Ending::kHeap && is_hdf5(source.contents[file]));
    in_library += library ? 1 : 0;
    crashes += ending != Ending::kReturned && !library ? 1 : 0;
    if (ending == Ending::kOurs || ending == Ending::kHeap) {
      keep_finding(source, std::string(kind.name) + "-" + std::to_string(seed) + "-" + std::to_string(round), trace);
    }
    write(source.files[file], source.contents[file]);
  }
  fs::remove_all(scratch);
  std::printf("%d inputs: %d crashes, and %d within the HDF5 library\n", round, crashes, in_library);
  return crashes == 0 && round > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  cw::register_plugins();
  for (const auto& kind : cw::fuzz::file_kinds()) {
    if (count < 5 || kind.name != arguments[1]) continue;
    return run(kind, std::atoi(arguments[2]), std::atoi(arguments[3]), std::strtoull(arguments[4], nullptr, 10),
               {arguments + 5, arguments + count});
  }
  std::fprintf(stderr, "usage: %s KIND SECONDS ROUNDS SEED PATH...\n", arguments[0]);
  return 2;
}
