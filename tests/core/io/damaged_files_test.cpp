// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts and changes small valid files at random places: every result must be data or an error, never a crash, a hang or
// a demand for much memory. Each attempt runs in a child process, so that a crash is seen and its seed reported.
#include "core/base/files.h"
#include "core/io/csv_reader.h"
#include "core/io/h5ad_reader.h"
#include "plugins/reader_10x/reader_10x.h"
#include "plugins/reader_loom/reader_loom.h"
#include "tests/core/io/read_everything.h"
#include "tests/support/reader_facts.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>

namespace cw::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSecondsPerFile = 20;
constexpr rlim_t kMostMemory = rlim_t{3} << 30U;

struct Source {
  const char* name;
  const char* file;
};

void PrintTo(const Source& source, std::ostream* out) { *out << source.name; }

int attempts() {
  const char* given = std::getenv("CELLWRIGHT_FUZZ_ATTEMPTS");
  return given == nullptr ? 60 : std::atoi(given);
}

// How the child ended: "" or a description.
std::string run_in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(kSecondsPerFile);
#ifndef __SANITIZE_ADDRESS__
    const rlimit limit{kMostMemory, kMostMemory};
    ::setrlimit(RLIMIT_AS, &limit);
#endif
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : "exit " + std::to_string(WEXITSTATUS(status));
}

class DamagedFiles : public testing::TestWithParam<Source> {
 protected:
  void SetUp() override {
    folder_ = *make_scratch_folder(fs::temp_directory_path());
    auto content = read_file(fs::path(CW_TEST_DATA) / GetParam().file);
    ASSERT_TRUE(content.ok());
    content_ = *content;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void expect_survival(const std::string& content, const std::string& what) {
    const auto path = folder_ / fs::path(GetParam().file).filename();
    std::ofstream(path, std::ios::binary) << content;
    const std::string ended = run_in_child([&] { read_everything(factory(), path); });
    EXPECT_EQ(ended, "") << what;
    if (!ended.empty() && std::getenv("CELLWRIGHT_FUZZ_KEEP") != nullptr) {
      fs::copy_file(path, fs::path(std::getenv("CELLWRIGHT_FUZZ_KEEP")) / (what + path.extension().string()),
                    fs::copy_options::overwrite_existing);
    }
  }

  /// The reader of the source's kind, also where the damage hides it.
  static const ReaderFactory& factory() {
    static const auto loom = make_reader_loom();
    static const auto tenx = make_reader_10x();
    static const TestHost loom_host(*loom);
    static const TestHost tenx_host(*tenx);
    static const CsvReaderFactory csv;
    static const H5adReaderFactory h5ad;
    const std::string file = GetParam().file;
    if (file.ends_with(".csv")) return csv;
    if (file.ends_with(".loom")) return *loom_host.readers.front();
    if (file.ends_with(".h5")) return tenx_host.reader_for(fs::path(CW_TEST_DATA) / file);
    return h5ad;
  }

  fs::path folder_;
  std::string content_;
};

TEST_P(DamagedFiles, AreReadOrRefusedWhenCutOff) {
  std::mt19937 random(1);
  for (int i = 0; i < attempts() / 3; ++i) {
    const std::size_t size = random() % content_.size();
    expect_survival(content_.substr(0, size), "cut to " + std::to_string(size));
  }
}

TEST_P(DamagedFiles, AreReadOrRefusedWhenBytesChange) {
  for (int seed = 0; seed < attempts(); ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    std::string content = content_;
    const auto changes = 1 + random() % 20;
    for (std::size_t i = 0; i < changes; ++i) {
      static constexpr unsigned char kNasty[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
      const std::size_t at = random() % content.size();
      content[at] = static_cast<char>(random() % 2 == 0 ? kNasty[random() % 6] : random() % 256);
    }
    expect_survival(content, "seed " + std::to_string(seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedFiles,
                         testing::Values(Source{"csr", "ingest/generated/csr_int32_nocompression.h5ad"},
                                         Source{"gzip", "ingest/generated/csr_float32_gzip.h5ad"},
                                         Source{"csc_lzf", "ingest/generated/csc_float32_lzf.h5ad"},
                                         Source{"dense", "ingest/real/scp_boolean.h5ad"},
                                         Source{"compound", "ingest/real/orange_sparse.h5ad"},
                                         Source{"references", "ingest/generated/legacy_0.7_categories.h5ad"},
                                         Source{"raw_and_layers", "ingest/real/cellxgene_schema_valid.h5ad"},
                                         Source{"loom", "loom/kang_subset.loom"},
                                         Source{"loom_fixed_text", "loom/loompy_test.loom"},
                                         Source{"tenx", "tenx/kang_subset_10x.h5"},
                                         Source{"text", "ingest/real/ad_cortex_small_counts.csv"}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cw::test
