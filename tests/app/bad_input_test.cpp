// SPDX-License-Identifier: GPL-3.0-or-later
// Every command with every kind of bad input: the right exit code, one sentence that names the file, the same as JSON,
// nothing left behind, the source as it was.
#include "tests/app/bad_input.h"

namespace cw {
namespace {

TEST_P(BadInputTest, IsRefusedWithOneSentenceAndLeavesNothing) { expect_refusal(GetParam()); }

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
      {"NoCells", tokenize("<no_cells.h5ad>"), kInput, {"no_cells.h5ad", "the file has no cells"}},
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
      {"NameNotUtf8", tokenize("caf\xE9.h5ad"), kInput, {"caf\\xE9.h5ad", "not UTF-8"}},
      {"OutputNotUtf8",
       {"tokenize", "<good.h5ad>", "--dictionary", "v1", "--out", "caf\xE9.h5"},
       kInput,
       {"caf\\xE9.h5", "not UTF-8"}},
      {"NoOutput", {"tokenize", "<good.h5ad>", "--dictionary", "v1"}, kUsage, {"--out"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Tokenize, BadInputTest, testing::ValuesIn(tokenize_cases()), case_name);

const std::vector<BadInput> kMedians = {
    {"Missing", {"medians", "<nowhere.h5ad>", "--out", "<OUT>"}, kInput, {"nowhere.h5ad"}},
    {"Truncated", {"medians", "<truncated.h5ad>", "--out", "<OUT>"}, kInput, {"truncated.h5ad"}},
    {"NaN", {"medians", "<nan.h5ad>", "--out", "<OUT>"}, kInput, {"nan.h5ad"}},
    {"NoCells", {"medians", "<no_cells.h5ad>", "--out", "<OUT>"}, kInput, {"no_cells.h5ad", "the file has no cells"}},
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
      {"CsvBelowFile", embed("<v1.tokens.h5>", "<model>", {"--csv", "<text.h5ad>/e.csv"}), kInput, {"text.h5ad"}},
      {"CsvNotWritable", embed("<v1.tokens.h5>", "<model>", {"--csv", "/proc/e.csv"}), kInput, {"/proc/e.csv"}},
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
    {"XlsxBelowFile", {"stats", "<run>", "--out", "<OUT>", "--xlsx", "<text.h5ad>/r.xlsx"}, kInput, {"text.h5ad"}},
    {"XlsxNotWritable", {"stats", "<run>", "--out", "<OUT>", "--xlsx", "/proc/r.xlsx"}, kInput, {"/proc/r.xlsx"}},
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
    {"MapUnknownCounts",
     {"map", "<good.h5ad>", "--counts", "rawish", "--out", "<OUT>"},
     kUsage,
     {"rawish", "layer:NAME"}},
    {"MapMissingLayer",
     {"map", "<good.h5ad>", "--counts", "layer:nothing", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "nothing"}},
    {"MarkersUnknownCounts",
     {"markers", "<good.h5ad>", "--groups", "state", "--counts", "layer:", "--out", "<OUT>"},
     kUsage,
     {"layer:NAME"}},
    {"MarkersMissingLayer",
     {"markers", "<good.h5ad>", "--groups", "state", "--counts", "layer:nothing", "--out", "<OUT>"},
     kInput,
     {"good.h5ad", "nothing"}},
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
