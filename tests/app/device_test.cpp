// SPDX-License-Identifier: GPL-3.0-or-later
// --device as a person uses it: on an emulated driver and cuBLASLt (plugins/cuda/emulation) the engine gives what the
// processor gives; without a driver it says so and computes on the processor.
#include "core/effects/effects_file.h"
#include "tests/support/command_line_test.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cw {
namespace {

constexpr double kLimit = 1e-4;  // sums of float32 in another order

class DeviceTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    static_cast<void>(succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                               "--max-length", "70", "--out", in("k.tokens.h5")}));
    model_ = small_model("model", 2);
  }
  void TearDown() override {
    ::unsetenv("LD_LIBRARY_PATH");
    CommandLineTest::TearDown();
  }
  static void libraries_from(const std::string& folder) { ::setenv("LD_LIBRARY_PATH", folder.c_str(), 1); }

  [[nodiscard]] std::vector<std::string> command(const std::string& kind, const std::string& device,
                                                 const std::string& out, std::vector<std::string> more) const {
    more.insert(more.begin(),
                {kind, in("k.tokens.h5"), "--model", model_, "--device", device, "--out", in(out), "--max-cells", "4"});
    return more;
  }
  [[nodiscard]] std::string bytes(const std::string& name) const {
    const auto text = read_file(in(name));
    EXPECT_TRUE(text.ok()) << name;
    return text.ok() ? *text : std::string();
  }
  /// The numbers of a table: all fields behind the first line that are numbers.
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
    std::istringstream lines(bytes(name));
    std::string line;
    std::getline(lines, line);
    std::vector<double> found;
    while (std::getline(lines, line)) {
      std::istringstream fields(line);
      std::string field;
      while (std::getline(fields, field, ',')) {
        char* end = nullptr;
        const double number = std::strtod(field.c_str(), &end);
        if (end != field.c_str() && *end == '\0') found.push_back(number);
      }
    }
    return found;
  }

  std::string model_;
};

void expect_close(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  ASSERT_GT(a.size(), 100U);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], kLimit) << i;
}

TEST_F(DeviceTest, EmbeddingsOfAGpuAreThoseOfTheProcessor) {
  libraries_from(CW_EMULATED_GPU);
  static_cast<void>(succeed(command("embed", "cpu", "cpu.h5ad", {"--csv", in("cpu.csv")})));
  static_cast<void>(succeed(command("embed", "cuda:0", "gpu.h5ad", {"--csv", in("gpu.csv")})));
  expect_close(numbers("gpu.csv"), numbers("cpu.csv"));
  EXPECT_NE(bytes("gpu.h5ad").find("cuda:0 (Emulated GPU 0)"), std::string::npos) << "the provenance names the device";
  EXPECT_EQ(bytes("cpu.h5ad").find("why_no_gpu"), std::string::npos) << "none was asked for";
}

TEST_F(DeviceTest, PerturbationsOnAGpuAreThoseOfTheProcessor) {
  libraries_from(CW_EMULATED_GPU);
  for (const char* device : {"cpu", "cuda"}) {
    static_cast<void>(succeed(command("perturb", device, device, {"--delete", "B2M,CD3D,FTL,ISG15"})));
  }
  const auto cpu = read_effects(in("cpu"));
  const auto gpu = read_effects(in("cuda"));
  ASSERT_TRUE(cpu.ok() && gpu.ok());
  ASSERT_FALSE(cpu->cosine.empty());
  ASSERT_EQ(cpu->perturbation, gpu->perturbation);
  ASSERT_EQ(cpu->cosine.size(), gpu->cosine.size());
  for (std::size_t i = 0; i < cpu->cosine.size(); ++i) EXPECT_NEAR(cpu->cosine[i], gpu->cosine[i], kLimit) << i;
  EXPECT_EQ(gpu->provenance.value("device", ""), "cuda:0 (Emulated GPU 0)");
}

TEST_F(DeviceTest, WithoutADriverCudaIsRefusedAndAutoComputesOnTheProcessor) {
  libraries_from(CW_NO_GPU_DRIVER);
  const auto refused = cellwright(command("embed", "cuda", "gpu.h5ad", {}));
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_NE(refused.err.find("[E-DEV-004]"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("no GPU driver"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(in("gpu.h5ad")));
  static_cast<void>(succeed(command("embed", "auto", "auto.h5ad", {"--csv", in("auto.csv")})));
  static_cast<void>(succeed(command("embed", "cpu", "cpu.h5ad", {"--csv", in("cpu.csv")})));
  EXPECT_EQ(bytes("auto.csv"), bytes("cpu.csv"));
  EXPECT_NE(bytes("auto.h5ad").find("why_no_gpu"), std::string::npos);
  EXPECT_NE(bytes("auto.h5ad").find("no GPU driver"), std::string::npos);
}

TEST_F(DeviceTest, ADeviceThatIsUnknownOrOfNoUseIsRefused) {
  const auto unknown = cellwright(command("embed", "gpu", "e.h5ad", {}));
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("[E-DEV-002]"), std::string::npos) << unknown.err;
  const auto useless = cellwright({"map", in("e.h5ad"), "--device", "cuda"});
  EXPECT_NE(useless.exit_code, 0);
  EXPECT_NE(useless.err.find("[E-DEV-012]"), std::string::npos) << useless.err;
}

}  // namespace
}  // namespace cw
