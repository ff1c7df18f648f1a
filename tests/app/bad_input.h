// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/h5ad_writer.h"
#include "tests/support/command_line_test.h"

#include <fstream>
#include <limits>
#include <map>

namespace cw {

namespace fs = std::filesystem;

inline constexpr int kUsage = 2, kInput = 3;

/// A command line with `<NAME>` for a file of the folder of inputs and `<OUT>` for the place of the result.
struct BadInput {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::vector<std::string> words;  ///< of the sentence: the file or value, and the reason
};

inline void PrintTo(const BadInput& bad, std::ostream* stream) { *stream << bad.name; }

// Genes of both published vocabularies.
inline const std::vector<std::string> kGenes = {
    "ENSG00000075624", "ENSG00000111640", "ENSG00000166710", "ENSG00000019582", "ENSG00000198851", "ENSG00000090382",
    "ENSG00000156738", "ENSG00000105374", "ENSG00000187608", "ENSG00000188290", "ENSG00000205542", "ENSG00000251562"};
inline constexpr std::uint32_t kNumCells = 24;

inline H5adContent good_content(std::uint32_t num_cells = kNumCells) {
  H5adContent content;
  CsrMatrix counts;
  std::vector<std::string> states, donors, constant;
  for (std::uint32_t cell = 0; cell < num_cells; ++cell) {
    content.cells.index.push_back("cell" + std::to_string(cell));
    states.emplace_back(cell % 2 == 0 ? "healthy" : "ill");
    donors.push_back("d" + std::to_string(cell % 3));
    constant.emplace_back("same");
    for (std::uint32_t gene = 0; gene < kGenes.size(); ++gene) {
      counts.columns.push_back(gene);
      counts.values.push_back(static_cast<float>(1 + (cell * 7 + gene * 3 + cell * gene) % 11));
    }
    counts.offsets.push_back(counts.columns.size());
  }
  counts.num_rows = num_cells;
  counts.num_columns = static_cast<std::int64_t>(kGenes.size());
  content.cells.columns = {Column::of_strings("state", states), Column::of_strings("donor", donors),
                           Column::of_strings("constant", constant)};
  content.genes.index = kGenes;
  content.genes.columns = {Column::of_strings("ensembl_id", kGenes)};
  content.x = std::move(counts);
  return content;
}

inline void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

class BadInputTest : public testing::TestWithParam<BadInput> {
 public:
  static void SetUpTestSuite() {
    auto made = make_scratch_folder(fs::temp_directory_path());
    ASSERT_TRUE(made.ok());
    root_ = *made;
    ::setenv("XDG_STATE_HOME", (root_ / "state").c_str(), 1);
    fs::create_directories(root_ / "in");
    make_data_files();
    make_models();
    make_products();
    before_ = fingerprints();
  }
  static void TearDownTestSuite() { fs::remove_all(root_); }

 protected:
  static ProgramOutcome cellwright(const std::vector<std::string>& arguments) {
    return run_program_to_end(fs::path(CW_BIN_DIR) / "cellwright", arguments, root_);
  }
  static std::string in(const std::string& name) { return (root_ / "in" / name).string(); }

  static void expect_refusal(const BadInput& bad);

  static std::map<std::string, std::size_t> fingerprints() {
    std::map<std::string, std::size_t> prints;
    for (const auto& name : names_below(root_ / "in")) {
      const auto bytes = read_file(root_ / "in" / name);
      prints[name] = bytes.ok() ? std::hash<std::string>()(*bytes) : 0;
    }
    return prints;
  }

  static fs::path root_;
  static std::map<std::string, std::size_t> before_;

 private:
  static void write(const std::string& name, const H5adContent& content) {
    JobContext context;
    const auto written = write_h5ad(in(name), content, false, context);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  static void write_with_count(const std::string& name, float count) {
    auto content = good_content();
    std::get<CsrMatrix>(content.x).values[30] = count;
    write(name, content);
  }
  static void make_data_files() {
    write("good.h5ad", good_content());
    write_with_count("negative.h5ad", -3.0F);
    write_with_count("infinite.h5ad", std::numeric_limits<float>::infinity());
    write_with_count("nan.h5ad", std::numeric_limits<float>::quiet_NaN());
    auto fractional = good_content();
    for (float& value : std::get<CsrMatrix>(fractional.x).values) value = value * 0.37F + 0.1F;
    write("fractional.h5ad", fractional);
    write("no_cells.h5ad", good_content(0));
    auto zeros = good_content();
    std::get<CsrMatrix>(zeros.x).values.clear();
    std::get<CsrMatrix>(zeros.x).columns.clear();
    std::get<CsrMatrix>(zeros.x).offsets.assign(kNumCells + 1, 0);
    write("cells_without_genes.h5ad", zeros);
    auto foreign = good_content();
    for (std::size_t i = 0; i < kGenes.size(); ++i) foreign.genes.index[i] = "probe_" + std::to_string(i);
    foreign.genes.columns.clear();
    write("foreign_genes.h5ad", foreign);
    write_text(in("empty.h5ad"), "");
    write_text(in("text.h5ad"), "These are not counts.\n");
    write_text(in("list.txt"), "NOTAGENE1\n");
    const auto bytes = read_file(in("good.h5ad"));
    write_text(in("truncated.h5ad"), bytes->substr(0, bytes->size() / 2));
    fs::create_directory(in("folder.h5ad"));
  }
  static void make_models() {
    const Json config = {{"architectures", {"BertForMaskedLM"}},
                         {"model_type", "bert"},
                         {"hidden_act", "relu"},
                         {"vocab_size", 25426},
                         {"hidden_size", 16},
                         {"num_hidden_layers", 2},
                         {"num_attention_heads", 2},
                         {"intermediate_size", 32},
                         {"max_position_embeddings", 2048}};
    ASSERT_TRUE(write_json(root_ / "config.json", config).ok());
    ASSERT_EQ(
        cellwright({"model", "new", "--config", (root_ / "config.json").string(), "--out", in("model")}).exit_code, 0);
    for (const char* name : {"truncated_model", "hostile_model", "bare_model", "odd_model"}) {
      fs::create_directory(in(name));
      fs::copy(in("model") + "/config.json", in(name) + "/config.json");
    }
    const auto weights = read_file(in("model") + "/model.safetensors");
    ASSERT_TRUE(weights.ok());
    write_text(in("truncated_model") + "/model.safetensors", weights->substr(0, weights->size() / 2));
    fs::copy_file(test_data("pickles/os_system_protocol2.pkl"), in("hostile_model") + "/pytorch_model.bin");
    write_text(in("odd_model") + "/config.json", "{\"model_type\": \"gpt2\"}");
    fs::create_directory(in("empty_folder"));
    write_text(in("broken_config.json"), "{\"hidden_size\": ");
    write_text(in("odd_config.json"),
               "{\"model_type\": \"bert\", \"hidden_act\": \"relu\", \"hidden_size\": 65, \"num_attention_heads\": 2, "
               "\"vocab_size\": 25426, \"num_hidden_layers\": 2, \"intermediate_size\": 8, "
               "\"max_position_embeddings\": 2048}");
  }
  static void make_products() {
    for (const std::string version : {"v1", "v2"}) {
      const auto made = cellwright(
          {"tokenize", in("good.h5ad"), "--dictionary", version, "--keep-all", "--out", in(version + ".tokens.h5")});
      ASSERT_EQ(made.exit_code, 0) << made.err;
    }
    const auto tokens = read_file(in("v1.tokens.h5"));
    write_text(in("truncated.tokens.h5"), tokens->substr(0, tokens->size() / 2));
    const auto run =
        cellwright({"perturb", in("v1.tokens.h5"), "--model", in("model"), "--delete", "ACTB", "--out", in("run")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    fs::create_directory(in("damaged_run"));
    const auto effects = read_file(in("run") + "/effects.h5");
    ASSERT_TRUE(effects.ok());
    write_text(in("damaged_run") + "/effects.h5", effects->substr(0, effects->size() / 2));
    ASSERT_TRUE(
        write_json(in("unknown_kind.json"),
                   {{"cellwright_job", 1}, {"kind", "dance"}, {"options", {{"output", (root_ / "x").string()}}}})
            .ok());
    ASSERT_TRUE(
        write_json(in("unknown_option.json"), {{"cellwright_job", 1},
                                               {"kind", "embed"},
                                               {"options", {{"output", (root_ / "x").string()}, {"colour", 1}}}})
            .ok());
  }
};

inline fs::path BadInputTest::root_;
inline std::map<std::string, std::size_t> BadInputTest::before_;

inline bool is_job_log(const std::string& name) {
  for (const char* part :
       {"spec.json", "events.jsonl", "state.json", "control", "log", "log/rank-0.txt", "log/engine.txt"}) {
    for (const char* folder : {"result/", "result.run/"}) {
      if (name == std::string(folder) + part) return true;
    }
  }
  return name == "result" || name == "result.run";
}

/// The command ends with the exit code of the case and one sentence, leaves nothing behind and its inputs alone.
inline void BadInputTest::expect_refusal(const BadInput& bad) {
  const fs::path out = root_ / "out";
  fs::remove_all(out);
  fs::create_directory(out);
  std::vector<std::string> arguments;
  for (std::string argument : bad.arguments) {
    if (argument == "<OUT>") argument = (out / "result").string();
    const auto open = argument.find('<');
    const auto close = argument.find('>');
    if (open != std::string::npos) {
      argument =
          argument.substr(0, open) + in(argument.substr(open + 1, close - open - 1)) + argument.substr(close + 1);
    }
    arguments.push_back(argument);
  }
  arguments.emplace_back("--json");
  const auto outcome = cellwright(arguments);
  EXPECT_EQ(outcome.exit_code, bad.exit_code) << outcome.err;

  std::vector<std::string> errors;
  std::istringstream lines(outcome.err);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("warning [W-", 0) != 0) errors.push_back(line);
  }
  ASSERT_EQ(errors.size(), 1U) << outcome.err;
  EXPECT_EQ(errors[0].rfind("error [E-", 0), 0U) << errors[0];
  // what is wrong, then what to do: usage errors may name the choices instead
  const bool has_remedy = errors[0].find("; ") != std::string::npos || errors[0].find(". ") != std::string::npos;
  EXPECT_TRUE(bad.exit_code == kUsage || has_remedy) << "does not say what to do: " << errors[0];
  for (const auto& word : bad.words)
    EXPECT_NE(errors[0].find(word), std::string::npos) << errors[0] << "\nlacks: " << word;

  const Json json = Json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(json.is_object() && json.contains("error")) << outcome.out;
  EXPECT_EQ(json["exit_code"], bad.exit_code);
  EXPECT_EQ(errors[0],
            "error [" + json["error"]["code"].get<std::string>() + "] " + json["error"]["text"].get<std::string>());

  for (const auto& name : names_below(out)) EXPECT_TRUE(is_job_log(name)) << "left behind: " << name;
  EXPECT_EQ(fingerprints(), before_) << "an input was changed";
  if (std::getenv("CW_SHOW_ERRORS") != nullptr) std::printf("%d %s\n", outcome.exit_code, errors[0].c_str());
}

inline std::string case_name(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }

}  // namespace cw
