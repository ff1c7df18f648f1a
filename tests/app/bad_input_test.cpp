// SPDX-License-Identifier: GPL-3.0-or-later
// Every command with every kind of bad input: the right exit code, one sentence that names the file, the same as JSON,
// nothing left behind, the source as it was.
#include "core/io/h5ad_writer.h"
#include "tests/support/command_line_test.h"

#include <fstream>
#include <limits>
#include <map>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr int kUsage = 2, kInput = 3;

/// A command line with `<NAME>` for a file of the folder of inputs and `<OUT>` for the place of the result.
struct BadInput {
  const char* name;
  std::vector<std::string> arguments;
  int exit_code;
  std::vector<std::string> words;  ///< of the sentence: the file or value, and the reason
};

void PrintTo(const BadInput& bad, std::ostream* stream) { *stream << bad.name; }

// Genes of both published vocabularies.
const std::vector<std::string> kGenes = {"ENSG00000075624", "ENSG00000111640", "ENSG00000166710", "ENSG00000019582",
                                         "ENSG00000198851", "ENSG00000090382", "ENSG00000156738", "ENSG00000105374",
                                         "ENSG00000187608", "ENSG00000188290", "ENSG00000205542", "ENSG00000251562"};
constexpr std::uint32_t kNumCells = 24;

H5adContent good_content(std::uint32_t num_cells = kNumCells) {
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

void write_text(const fs::path& path, const std::string& text) {
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

fs::path BadInputTest::root_;
std::map<std::string, std::size_t> BadInputTest::before_;

bool is_job_log(const std::string& name) {
  for (const char* part :
       {"spec.json", "events.jsonl", "state.json", "control", "log", "log/rank-0.txt", "log/engine.txt"}) {
    for (const char* folder : {"result/", "result.run/"}) {
      if (name == std::string(folder) + part) return true;
    }
  }
  return name == "result" || name == "result.run";
}

TEST_P(BadInputTest, IsRefusedWithOneSentenceAndLeavesNothing) {
  const fs::path out = root_ / "out";
  fs::remove_all(out);
  fs::create_directory(out);
  std::vector<std::string> arguments;
  for (std::string argument : GetParam().arguments) {
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
  EXPECT_EQ(outcome.exit_code, GetParam().exit_code) << outcome.err;

  std::vector<std::string> errors;
  std::istringstream lines(outcome.err);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("warning [W-", 0) != 0) errors.push_back(line);
  }
  ASSERT_EQ(errors.size(), 1U) << outcome.err;
  EXPECT_EQ(errors[0].rfind("error [E-", 0), 0U) << errors[0];
  for (const auto& word : GetParam().words)
    EXPECT_NE(errors[0].find(word), std::string::npos) << errors[0] << "\nlacks: " << word;

  const Json json = Json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(json.is_object() && json.contains("error")) << outcome.out;
  EXPECT_EQ(json["exit_code"], GetParam().exit_code);
  EXPECT_EQ(errors[0],
            "error [" + json["error"]["code"].get<std::string>() + "] " + json["error"]["text"].get<std::string>());

  for (const auto& name : names_below(out)) EXPECT_TRUE(is_job_log(name)) << "left behind: " << name;
  EXPECT_EQ(fingerprints(), before_) << "an input was changed";
  if (std::getenv("CW_SHOW_ERRORS") != nullptr) std::printf("%d %s\n", outcome.exit_code, errors[0].c_str());
}

std::string case_name(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }

const std::vector<BadInput> kInspect = {
    {"Missing", {"inspect", "<nowhere.h5ad>"}, kInput, {"nowhere.h5ad", "check the name"}},
    {"Empty", {"inspect", "<empty.h5ad>"}, kInput, {"empty.h5ad"}},
    {"Truncated", {"inspect", "<truncated.h5ad>"}, kInput, {"truncated.h5ad"}},
    {"WrongType", {"inspect", "<text.h5ad>"}, kInput, {"text.h5ad"}},
    {"Folder", {"inspect", "<folder.h5ad>"}, kInput, {"folder.h5ad"}},
    {"WrongOption", {"inspect", "<good.h5ad>", "--colour"}, kUsage, {"--colour"}},
    {"NoFile", {"inspect"}, kUsage, {"FILE"}},
    {"UnknownDictionary", {"inspect", "<good.h5ad>", "--dictionary", "v9"}, kInput, {"v9"}},
};
INSTANTIATE_TEST_SUITE_P(Inspect, BadInputTest, testing::ValuesIn(kInspect), case_name);

std::vector<BadInput> tokenize_cases() {
  const auto tokenize = [](const char* file, std::vector<std::string> more = {}) {
    std::vector<std::string> all = {"tokenize", file, "--dictionary", "v1", "--out", "<OUT>"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  return {
      {"Missing", tokenize("<nowhere.h5ad>"), kInput, {"nowhere.h5ad", "does not exist"}},
      {"Empty", tokenize("<empty.h5ad>"), kInput, {"empty.h5ad"}},
      {"Truncated", tokenize("<truncated.h5ad>"), kInput, {"truncated.h5ad"}},
      {"WrongType", tokenize("<text.h5ad>"), kInput, {"text.h5ad"}},
      {"Folder", tokenize("<folder.h5ad>"), kInput, {"folder.h5ad"}},
      {"TokensAgain", tokenize("<v1.tokens.h5>"), kInput, {"v1.tokens.h5"}},
      {"Negative", tokenize("<negative.h5ad>"), kInput, {"negative.h5ad", "-3"}},
      {"Fractional", tokenize("<fractional.h5ad>"), kInput, {"fractional.h5ad"}},
      {"Infinite", tokenize("<infinite.h5ad>"), kInput, {"infinite.h5ad", "inf"}},
      {"NaN", tokenize("<nan.h5ad>"), kInput, {"nan.h5ad", "nan"}},
      {"NoCells", tokenize("<no_cells.h5ad>"), kInput, {"no_cells.h5ad"}},
      {"CellsWithoutGenes", tokenize("<cells_without_genes.h5ad>"), kInput, {"cells_without_genes.h5ad"}},
      {"NoGenesInVocabulary", tokenize("<foreign_genes.h5ad>"), kInput, {"foreign_genes.h5ad", "gene"}},
      {"MissingKeptColumn", tokenize("<good.h5ad>", {"--keep", "nothing"}), kInput, {"good.h5ad", "nothing", "state"}},
      {"MissingFilterColumn",
       tokenize("<good.h5ad>", {"--filter", "nothing=a"}),
       kInput,
       {"good.h5ad", "nothing", "state"}},
      {"FilterWithoutCells", tokenize("<good.h5ad>", {"--filter", "state=dead"}), kInput, {"dead"}},
      {"FilterWithoutValue", tokenize("<good.h5ad>", {"--filter", "state"}), kUsage, {"state"}},
      {"UnknownDictionary", {"tokenize", "<good.h5ad>", "--dictionary", "v9", "--out", "<OUT>"}, kInput, {"v9"}},
      {"DictionaryIsFile",
       {"tokenize", "<good.h5ad>", "--dictionary", "<text.h5ad>", "--out", "<OUT>"},
       kInput,
       {"text.h5ad"}},
      {"UnknownFormat", tokenize("<good.h5ad>", {"--format", "docx"}), kUsage, {"docx", "h5"}},
      {"NegativeLength", tokenize("<good.h5ad>", {"--max-length", "-4"}), kUsage, {"-4"}},
      {"UnknownSpecies", tokenize("<good.h5ad>", {"--species", "fly"}), kUsage, {"fly", "human"}},
      {"OutputBelowFile",
       {"tokenize", "<good.h5ad>", "--dictionary", "v1", "--out", "<text.h5ad>/t.h5"},
       kInput,
       {"text.h5ad"}},
      {"OutputExists",
       {"tokenize", "<good.h5ad>", "--dictionary", "v1", "--out", "<v1.tokens.h5>"},
       kUsage,
       {"v1.tokens.h5", "--overwrite"}},
      {"OutputNotWritable",
       {"tokenize", "<good.h5ad>", "--dictionary", "v1", "--out", "/proc/t.h5"},
       kInput,
       {"/proc/t.h5"}},
      {"NoOutput", {"tokenize", "<good.h5ad>", "--dictionary", "v1"}, kUsage, {"--out"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Tokenize, BadInputTest, testing::ValuesIn(tokenize_cases()), case_name);

const std::vector<BadInput> kMedians = {
    {"Missing", {"medians", "<nowhere.h5ad>", "--out", "<OUT>"}, kInput, {"nowhere.h5ad"}},
    {"Truncated", {"medians", "<truncated.h5ad>", "--out", "<OUT>"}, kInput, {"truncated.h5ad"}},
    {"NaN", {"medians", "<nan.h5ad>", "--out", "<OUT>"}, kInput, {"nan.h5ad"}},
    {"NoCells", {"medians", "<no_cells.h5ad>", "--out", "<OUT>"}, kInput, {"no_cells.h5ad"}},
    {"ForeignGenes", {"medians", "<foreign_genes.h5ad>", "--out", "<OUT>"}, kInput, {"foreign_genes.h5ad"}},
    {"UnknownGenes", {"medians", "<good.h5ad>", "--genes", "some", "--out", "<OUT>"}, kUsage, {"some", "coding"}},
};
INSTANTIATE_TEST_SUITE_P(Medians, BadInputTest, testing::ValuesIn(kMedians), case_name);

std::vector<BadInput> embed_cases() {
  const auto embed = [](const char* file, const char* model, std::vector<std::string> more = {}) {
    std::vector<std::string> all = {"embed", file, "--model", model, "--out", "<OUT>"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  return {
      {"Missing", embed("<nowhere.tokens.h5>", "<model>"), kInput, {"nowhere.tokens.h5", "no such file"}},
      {"Empty", embed("<empty.h5ad>", "<model>"), kInput, {"empty.h5ad"}},
      {"Truncated", embed("<truncated.tokens.h5>", "<model>"), kInput, {"truncated.tokens.h5"}},
      {"WrongType", embed("<text.h5ad>", "<model>"), kInput, {"text.h5ad"}},
      {"NoCells", embed("<no_cells.h5ad>", "<model>"), kInput, {"no_cells.h5ad"}},
      {"NaN", embed("<nan.h5ad>", "<model>"), kInput, {"nan.h5ad"}},
      {"OtherVocabulary", embed("<v2.tokens.h5>", "<model>"), kInput, {"v2.tokens.h5", "v1", "v2"}},
      {"MissingModel", embed("<v1.tokens.h5>", "<nowhere>"), kInput, {"nowhere", "no such"}},
      {"ModelIsFile", embed("<v1.tokens.h5>", "<text.h5ad>"), kInput, {"text.h5ad"}},
      {"EmptyModelFolder", embed("<v1.tokens.h5>", "<empty_folder>"), kInput, {"empty_folder", "config.json"}},
      {"ModelWithoutWeights", embed("<v1.tokens.h5>", "<bare_model>"), kInput, {"bare_model", "model.safetensors"}},
      {"OtherArchitecture", embed("<v1.tokens.h5>", "<odd_model>"), kInput, {"odd_model", "gpt2"}},
      {"TruncatedWeights", embed("<v1.tokens.h5>", "<truncated_model>"), kInput, {"truncated_model"}},
      {"HostilePickle", embed("<v1.tokens.h5>", "<hostile_model>"), kInput, {"hostile_model"}},
      {"UnknownLayer", embed("<v1.tokens.h5>", "<model>", {"--layer", "first"}), kUsage, {"first", "last"}},
      {"LayerTooFar", embed("<v1.tokens.h5>", "<model>", {"--layer", "9"}), kUsage, {"9", "2"}},
      {"UnknownMode", embed("<v1.tokens.h5>", "<model>", {"--mode", "all"}), kUsage, {"all", "cell"}},
      {"ClsWithoutCls", embed("<v1.tokens.h5>", "<model>", {"--mode", "cls"}), kInput, {"cls", "v1"}},
      {"UnknownPrecision", embed("<v1.tokens.h5>", "<model>", {"--precision", "fp8"}), kUsage, {"fp8", "bf16"}},
      {"MissingFilterColumn",
       embed("<v1.tokens.h5>", "<model>", {"--filter", "nothing=a"}),
       kInput,
       {"nothing", "state"}},
      {"FilterWithoutCells", embed("<v1.tokens.h5>", "<model>", {"--filter", "state=dead"}), kInput, {"dead"}},
      {"MissingLabel", embed("<v1.tokens.h5>", "<model>", {"--labels", "nothing"}), kInput, {"nothing"}},
      {"NegativeCells", embed("<v1.tokens.h5>", "<model>", {"--max-cells", "-1"}), kUsage, {"-1"}},
      {"NumberExpected", embed("<v1.tokens.h5>", "<model>", {"--max-cells", "many"}), kUsage, {"many"}},
      {"UnknownDevice", embed("<v1.tokens.h5>", "<model>", {"--device", "abacus"}), kUsage, {"abacus", "cpu"}},
      {"OutputBelowFile",
       {"embed", "<v1.tokens.h5>", "--model", "<model>", "--out", "<text.h5ad>/e.h5ad"},
       kInput,
       {"text.h5ad"}},
      {"OutputExists",
       {"embed", "<v1.tokens.h5>", "--model", "<model>", "--out", "<good.h5ad>"},
       kUsage,
       {"good.h5ad", "--overwrite"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Embed, BadInputTest, testing::ValuesIn(embed_cases()), case_name);

std::vector<BadInput> perturb_cases() {
  const auto perturb = [](const char* file, std::vector<std::string> more, const char* model = "<model>") {
    std::vector<std::string> all = {"perturb", file, "--model", model, "--out", "<OUT>"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto states = [&](const char* column, const char* start, const char* goal) {
    return perturb("<v1.tokens.h5>", {"--delete", "ACTB", "--state", column, "--start", start, "--goal", goal});
  };
  return {
      {"Missing", perturb("<nowhere.tokens.h5>", {"--delete", "ACTB"}), kInput, {"nowhere.tokens.h5"}},
      {"Truncated", perturb("<truncated.tokens.h5>", {"--delete", "ACTB"}), kInput, {"truncated.tokens.h5"}},
      {"NoCells", perturb("<no_cells.h5ad>", {"--delete", "ACTB"}), kInput, {"no_cells.h5ad"}},
      {"Infinite", perturb("<infinite.h5ad>", {"--delete", "ACTB"}), kInput, {"infinite.h5ad"}},
      {"OtherVocabulary", perturb("<v2.tokens.h5>", {"--delete", "ACTB"}), kInput, {"v2.tokens.h5", "v1", "v2"}},
      {"TruncatedWeights",
       perturb("<v1.tokens.h5>", {"--delete", "ACTB"}, "<truncated_model>"),
       kInput,
       {"truncated_model"}},
      {"HostilePickle", perturb("<v1.tokens.h5>", {"--delete", "ACTB"}, "<hostile_model>"), kInput, {"hostile_model"}},
      {"NothingToDo", perturb("<v1.tokens.h5>", {}), kUsage, {"--delete"}},
      {"UnknownGene", perturb("<v1.tokens.h5>", {"--delete", "ACTBB"}), kInput, {"ACTBB", "ACTB"}},
      {"UnknownGeneInFile", perturb("<v1.tokens.h5>", {"--delete", "@<list.txt>"}), kInput, {"NOTAGENE1", "list.txt"}},
      {"MissingGeneFile", perturb("<v1.tokens.h5>", {"--delete", "@<nowhere.txt>"}), kInput, {"nowhere.txt"}},
      {"EmptyGeneFile", perturb("<v1.tokens.h5>", {"--delete", "@<empty.h5ad>"}), kInput, {"empty.h5ad"}},
      {"MissingStateColumn", states("nothing", "healthy", "ill"), kInput, {"nothing", "state"}},
      {"StateWithoutCells", states("state", "dead", "ill"), kInput, {"dead", "healthy"}},
      {"GoalWithoutCells", states("state", "healthy", "dead"), kInput, {"dead", "healthy"}},
      {"StartIsGoal", states("state", "ill", "ill"), kUsage, {"ill"}},
      {"OneValue", states("constant", "same", "other"), kInput, {"constant", "other"}},
      {"StateWithoutGoal", perturb("<v1.tokens.h5>", {"--delete", "ACTB", "--state", "state"}), kUsage, {"--start"}},
      {"MissingDonorColumn",
       perturb("<v1.tokens.h5>", {"--delete", "ACTB", "--donor", "nothing"}),
       kInput,
       {"nothing", "donor"}},
      {"BadRange", perturb("<v1.tokens.h5>", {"--delete", "ACTB", "--cells", "9"}), kUsage, {"--cells", "A:B"}},
      {"RangeBeyondCells",
       perturb("<v1.tokens.h5>", {"--delete", "ACTB", "--cells", "100:200"}),
       kUsage,
       {"100", "24"}},
      {"TooManyQuartiles", perturb("<v1.tokens.h5>", {"--inhibit", "ACTB", "--quartiles", "4"}), kUsage, {"4"}},
      {"AnchorWithoutGene", perturb("<v1.tokens.h5>", {"--delete", "all", "--how", "anchor"}), kUsage, {"anchor"}},
      {"UnknownHow", perturb("<v1.tokens.h5>", {"--delete", "all", "--how", "triples"}), kUsage, {"triples", "pairs"}},
      {"UnknownMethod",
       perturb("<v1.tokens.h5>", {"--delete", "all", "--method", "guess"}),
       kUsage,
       {"guess", "screen"}},
      {"OutputIsFile",
       {"perturb", "<v1.tokens.h5>", "--model", "<model>", "--delete", "ACTB", "--out", "<text.h5ad>"},
       kUsage,
       {"text.h5ad"}},
      {"OutputExists",
       {"perturb", "<v1.tokens.h5>", "--model", "<model>", "--delete", "ACTB", "--out", "<run>"},
       kUsage,
       {"run", "--overwrite"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Perturb, BadInputTest, testing::ValuesIn(perturb_cases()), case_name);

const std::vector<BadInput> kStats = {
    {"Missing", {"stats", "<nowhere>", "--out", "<OUT>"}, kInput, {"nowhere"}},
    {"EmptyFolder", {"stats", "<empty_folder>", "--out", "<OUT>"}, kInput, {"empty_folder"}},
    {"Damaged", {"stats", "<damaged_run>", "--out", "<OUT>"}, kInput, {"damaged_run"}},
    {"WrongType", {"stats", "<text.h5ad>", "--out", "<OUT>"}, kInput, {"text.h5ad"}},
    {"Counts", {"stats", "<good.h5ad>", "--out", "<OUT>"}, kInput, {"good.h5ad"}},
    {"UnknownTest", {"stats", "<run>", "--test", "magic", "--out", "<OUT>"}, kUsage, {"magic", "goal"}},
    {"GoalWithoutStates", {"stats", "<run>", "--test", "goal", "--out", "<OUT>"}, kUsage, {"goal", "--state"}},
    {"NullWithoutRun", {"stats", "<run>", "--test", "null", "--out", "<OUT>"}, kUsage, {"--null-run"}},
    {"PairsWithoutPairs", {"stats", "<run>", "--test", "pairs", "--out", "<OUT>"}, kUsage, {"pairs"}},
    {"UnknownColumns", {"stats", "<run>", "--columns", "mine", "--out", "<OUT>"}, kUsage, {"mine", "upstream"}},
    {"OutputBelowFile", {"stats", "<run>", "--out", "<text.h5ad>/r.csv"}, kInput, {"text.h5ad"}},
    {"OutputExists", {"stats", "<run>", "--out", "<list.txt>"}, kUsage, {"list.txt", "--overwrite"}},
};
INSTANTIATE_TEST_SUITE_P(Stats, BadInputTest, testing::ValuesIn(kStats), case_name);

const std::vector<BadInput> kMaps = {
    {"MapMissing", {"map", "<nowhere.h5ad>", "--out", "<OUT>"}, kInput, {"nowhere.h5ad"}},
    {"MapEmpty", {"map", "<empty.h5ad>", "--out", "<OUT>"}, kInput, {"empty.h5ad"}},
    {"MapTruncated", {"map", "<truncated.h5ad>", "--out", "<OUT>"}, kInput, {"truncated.h5ad"}},
    {"MapNoCells", {"map", "<no_cells.h5ad>", "--out", "<OUT>"}, kInput, {"no_cells.h5ad"}},
    {"MapMissingMatrix",
     {"map", "<good.h5ad>", "--of", "X_nothing", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "X_nothing"}},
    {"MapMissingBatch",
     {"map", "<good.h5ad>", "--batch", "nothing", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "nothing"}},
    {"MapNaN", {"map", "<nan.h5ad>", "--out", "<OUT>"}, kInput, {"nan.h5ad"}},
    {"MapNoNeighbours", {"map", "<good.h5ad>", "--neighbors", "0", "--out", "<OUT>"}, kUsage, {"0"}},
    {"MapUnknownMetric", {"map", "<good.h5ad>", "--metric", "miles", "--out", "<OUT>"}, kUsage, {"miles", "cosine"}},
    {"MapOutputExists", {"map", "<good.h5ad>", "--out", "<negative.h5ad>"}, kUsage, {"negative.h5ad", "--overwrite"}},
    {"MarkersMissing", {"markers", "<nowhere.h5ad>", "--groups", "state", "--out", "<OUT>"}, kInput, {"nowhere.h5ad"}},
    {"MarkersMissingColumn",
     {"markers", "<good.h5ad>", "--groups", "nothing", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "nothing", "state"}},
    {"MarkersOneValue",
     {"markers", "<good.h5ad>", "--groups", "constant", "--out", "<OUT>"},
     kInput,
     {"constant", "good.h5ad"}},
    {"MarkersFractional",
     {"markers", "<fractional.h5ad>", "--groups", "state", "--out", "<OUT>"},
     kInput,
     {"fractional.h5ad"}},
    {"MarkersNegative",
     {"markers", "<negative.h5ad>", "--groups", "state", "--out", "<OUT>"},
     kInput,
     {"negative.h5ad"}},
};
INSTANTIATE_TEST_SUITE_P(Maps, BadInputTest, testing::ValuesIn(kMaps), case_name);

const std::vector<BadInput> kPretrain = {
    {"Missing",
     {"pretrain", "<nowhere.tokens.h5>", "--preset", "demo", "--steps", "1", "--out", "<OUT>"},
     kInput,
     {"nowhere.tokens.h5"}},
    {"Truncated",
     {"pretrain", "<truncated.tokens.h5>", "--preset", "demo", "--steps", "1", "--out", "<OUT>"},
     kInput,
     {"truncated.tokens.h5"}},
    {"CountsAreNoTokens",
     {"pretrain", "<good.h5ad>", "--preset", "demo", "--steps", "1", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "tokenize"}},
    {"UnknownPreset",
     {"pretrain", "<v1.tokens.h5>", "--preset", "v7", "--steps", "1", "--out", "<OUT>"},
     kUsage,
     {"v7", "demo"}},
    {"NoLength", {"pretrain", "<v1.tokens.h5>", "--preset", "demo", "--out", "<OUT>"}, kUsage, {"epochs"}},
    {"TwoLengths",
     {"pretrain", "<v1.tokens.h5>", "--preset", "demo", "--steps", "1", "--epochs", "1", "--out", "<OUT>"},
     kUsage,
     {"epochs"}},
    {"OtherVocabulary",
     {"pretrain", "<v2.tokens.h5>", "--init", "<model>", "--steps", "1", "--out", "<OUT>"},
     kInput,
     {"v2.tokens.h5"}},
    {"BrokenConfig",
     {"pretrain", "<v1.tokens.h5>", "--config", "<broken_config.json>", "--steps", "1", "--out", "<OUT>"},
     kInput,
     {"broken_config.json"}},
    {"NothingToResume",
     {"pretrain", "<v1.tokens.h5>", "--steps", "1", "--resume", "--out", "<OUT>"},
     kInput,
     {"result"}},
    {"BadValidation",
     {"pretrain", "<v1.tokens.h5>", "--steps", "1", "--validation", "2", "--out", "<OUT>"},
     kUsage,
     {"2"}},
    {"BadMask",
     {"pretrain", "<v1.tokens.h5>", "--steps", "1", "--mask-probability", "nan", "--out", "<OUT>"},
     kUsage,
     {"mask"}},
};
INSTANTIATE_TEST_SUITE_P(Pretrain, BadInputTest, testing::ValuesIn(kPretrain), case_name);

const std::vector<BadInput> kModels = {
    {"InspectMissing", {"model", "inspect", "<nowhere>"}, kInput, {"nowhere"}},
    {"InspectEmpty", {"model", "inspect", "<empty_folder>"}, kInput, {"empty_folder"}},
    {"InspectTruncated", {"model", "inspect", "<truncated_model>"}, kInput, {"truncated_model"}},
    {"ConvertHostile", {"model", "convert", "<hostile_model>", "--out", "<OUT>"}, kInput, {"hostile_model"}},
    {"ConvertOntoExisting",
     {"model", "convert", "<model>", "--out", "<empty_folder>"},
     kUsage,
     {"empty_folder", "--overwrite"}},
    {"CompareMissing", {"model", "compare", "<model>", "<nowhere>"}, kInput, {"nowhere"}},
    {"NewUnknownPreset", {"model", "new", "--preset", "v7", "--out", "<OUT>"}, kUsage, {"v7", "demo"}},
    {"NewNothingChosen", {"model", "new", "--out", "<OUT>"}, kUsage, {"--preset", "--config"}},
    {"NewBrokenConfig",
     {"model", "new", "--config", "<broken_config.json>", "--out", "<OUT>"},
     kInput,
     {"broken_config.json"}},
    {"NewOddSizes",
     {"model", "new", "--config", "<odd_config.json>", "--out", "<OUT>"},
     kUsage,
     {"odd_config.json", "65"}},
    {"NewOutputBelowFile", {"model", "new", "--preset", "demo", "--out", "<text.h5ad>/m"}, kInput, {"text.h5ad"}},
    {"UnknownVerb", {"model", "sell"}, kUsage, {"subcommand"}},
};
INSTANTIATE_TEST_SUITE_P(Model, BadInputTest, testing::ValuesIn(kModels), case_name);

const std::vector<BadInput> kJobs = {
    {"ShowUnknown", {"jobs", "show", "abcdef"}, kInput, {"abcdef", "jobs list"}},
    {"ShowNoJob", {"jobs", "show", "<empty_folder>"}, kInput, {"empty_folder", "spec.json"}},
    {"CancelUnknown", {"jobs", "cancel", "abcdef"}, kInput, {"abcdef"}},
    {"FollowUnknown", {"jobs", "follow", "abcdef"}, kInput, {"abcdef"}},
    {"RemoveUnknown", {"jobs", "remove", "abcdef"}, kInput, {"abcdef"}},
    {"ResumeUnknown", {"resume", "abcdef"}, kInput, {"abcdef"}},
    {"RunMissing", {"run", "<nowhere.json>"}, kInput, {"nowhere.json"}},
    {"RunBroken", {"run", "<broken_config.json>"}, kInput, {"broken_config.json"}},
    {"RunWrongType", {"run", "<good.h5ad>"}, kInput, {"good.h5ad"}},
    {"RunFolder", {"run", "<empty_folder>"}, kInput, {"empty_folder"}},
    {"RunUnknownKind", {"run", "<unknown_kind.json>"}, kUsage, {"dance", "embed"}},
    {"RunUnknownOption", {"run", "<unknown_option.json>"}, kUsage, {"colour"}},
    {"UnknownCommand", {"dance"}, kUsage, {"dance"}},
    {"UnwritableLog", {"inspect", "<good.h5ad>", "--log", "<text.h5ad>/log.txt"}, kInput, {"text.h5ad"}},
};
INSTANTIATE_TEST_SUITE_P(Jobs, BadInputTest, testing::ValuesIn(kJobs), case_name);

}  // namespace
}  // namespace cw
