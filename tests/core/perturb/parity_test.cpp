// SPDX-License-Identifier: GPL-3.0-or-later
// Effects against the Python reference in float64 (tests/golden/perturb/make.py). Conformance: geneformer-behaviour
// 6.7 [T], cosines within 1e-6. CW_PERTURB_GOLDEN names another folder, for checks by hand on larger models.
#include "core/effects/effects_file.h"
#include "core/embed/embed_cells.h"
#include "tests/core/perturb/perturb_case.h"

#include <cmath>
#include <cstdlib>
#include <map>

namespace cw {
namespace {

using namespace testing_support;
constexpr double kTolerance = 1e-6;

std::filesystem::path golden_folder() {
  const char* given = std::getenv("CW_PERTURB_GOLDEN");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "perturb";
}

struct GoldenCase {
  Json json;
  OpenModel model;
  TokenizedCells cells;
};

std::vector<GoldenCase> golden_cases() {
  std::vector<GoldenCase> cases;
  const auto json = read_json(golden_folder() / "effects.json");
  EXPECT_TRUE(json.ok());
  if (!json.ok()) return cases;
  for (const Json& item : json->at("cases")) {
    GoldenCase made;
    made.json = item;
    made.model = open_small_model(golden_folder() / item.at("model").get<std::string>(), item.at("version") == "V2", 2);
    made.cells = cells_of(item.at("cells").get<std::vector<std::vector<std::int32_t>>>(), made.model);
    cases.push_back(std::move(made));
  }
  return cases;
}

std::string layer_name(const GoldenCase& golden) { return golden.json.at("layer").dump(); }

/// The states of a case stand in for centroids.
CentroidSource centroids_of(const GoldenCase& golden) {
  return [&golden](const Json&, const auto&) -> Result<NamedCentroids> {
    NamedCentroids made;
    made.names = {"start", "goal", "other"};
    for (const auto& name : made.names) {
      made.states.centroids.push_back(golden.json.at("states").at(name).get<std::vector<double>>());
    }
    made.record = Json::object();
    return made;
  };
}

Effects effects_of(const GoldenCase& golden, const Json& run, bool gene_effects) {
  std::vector<std::string> genes = {"all"};
  if (run.at("genes") != "all") {
    genes.clear();
    for (const Json& token : run.at("genes")) genes.push_back(ensembl_id_of(token));
  }
  PerturbOptions options = options_for({{run.at("kind"), genes}}, run.at("genes") == "all" ? "each" : "together");
  options.layer = layer_name(golden);
  options.mode = golden.json.at("mode");
  options.gene_effects = gene_effects;
  options.tokens_per_batch = 512;
  TokenizedCells cells = golden.cells;
  if (run.at("states") == true) {
    options.state_column = "state";
    options.start = "start";
    options.goal = "goal";
    options.alternatives = {"other"};
    Table table;
    for (std::int64_t i = 0; i < cells.num_cells(); ++i) table.index.push_back(std::to_string(i));
    table.set(Column::of_strings("state", std::vector<std::string>(table.index.size(), "start")));
    cells = cells_of(golden.json.at("cells").get<std::vector<std::vector<std::int32_t>>>(), golden.model, table);
  }
  JobContext ctx;
  const auto folder = *make_scratch_folder(std::filesystem::temp_directory_path());
  Effects effects;
  const auto prepared = prepare_run(options, golden.model, cells, centroids_of(golden), ctx);
  EXPECT_TRUE(prepared.ok()) << prepared.error().message;
  if (prepared.ok()) {
    const auto summary = run_exact(*prepared, options, folder, ctx);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    if (summary.ok()) effects = *read_effects(folder);
  }
  std::filesystem::remove_all(folder);
  return effects;
}

/// Rows by (row of the tokens, first perturbed token or -1 for groups).
std::map<std::pair<std::int64_t, std::int32_t>, std::size_t> rows_by_cell(const Effects& effects, bool of_all) {
  std::map<std::pair<std::int64_t, std::int32_t>, std::size_t> rows;
  for (std::size_t i = 0; i < effects.cell.size(); ++i) {
    const auto& p = effects.perturbations[static_cast<std::size_t>(effects.perturbation[i])];
    rows[{effects.cells[static_cast<std::size_t>(effects.cell[i])].source_row, of_all ? p.tokens[0] : -1}] = i;
  }
  return rows;
}

double distance(const Effects& effects, std::size_t row, const Json& expected) {
  const auto columns = static_cast<std::size_t>(effects.num_columns());
  if (effects.states.empty()) return std::abs(static_cast<double>(effects.cosine[row]) - expected.get<double>());
  double largest = 0.0;
  for (std::size_t c = 0; c < columns; ++c) {
    const double wanted = expected.at(effects.states[c]).get<double>();
    largest = std::max(largest, std::abs(static_cast<double>(effects.cosine[row * columns + c]) - wanted));
  }
  return largest;
}

std::string describe(const GoldenCase& golden, const Json& run) {
  return golden.json.at("version").dump() + " " + golden.json.at("mode").dump() + " layer " +
         golden.json.at("layer").dump() + ": " + run.at("kind").dump() + " " + run.at("genes").dump() +
         (run.at("states") == true ? " with states" : "");
}

TEST(PerturbParityTest, everyEffectEqualsTheReference) {
  double largest = 0.0;
  std::size_t compared = 0;
  for (const auto& golden : golden_cases()) {
    for (const Json& run : golden.json.at("runs")) {
      const bool of_all = run.at("genes") == "all";
      const Effects effects = effects_of(golden, run, false);
      const auto rows = rows_by_cell(effects, of_all);
      std::size_t expected_rows = 0;
      const auto compare = [&](std::int64_t cell, std::int32_t token, const Json& expected) {
        ++expected_rows;
        const auto found = rows.find({cell, token});
        ASSERT_NE(found, rows.end()) << describe(golden, run) << ": no row for cell " << cell << " token " << token;
        const double difference = distance(effects, found->second, expected);
        EXPECT_LT(difference, kTolerance) << describe(golden, run) << ": cell " << cell << " token " << token;
        largest = std::max(largest, difference);
        ++compared;
      };
      for (std::size_t i = 0; i < run.at("values").size(); ++i) {
        const Json& value = run.at("values")[i];
        if (!of_all) {
          compare(value.at(0), -1, value.at(1));
          continue;
        }
        for (const Json& record : value) {
          compare(static_cast<std::int64_t>(i), record.at("token"), record.at("value"));
        }
      }
      EXPECT_EQ(rows.size(), expected_rows) << describe(golden, run);
    }
  }
  EXPECT_GT(compared, 100U);
  std::printf("%zu effects, largest difference %.2g\n", compared, largest);
}

TEST(PerturbParityTest, effectsOnEveryOtherGeneEqualTheReference) {
  double largest = 0.0;
  std::size_t compared = 0;
  for (const auto& golden : golden_cases()) {
    for (const Json& run : golden.json.at("runs")) {
      if (run.at("genes") != "all" || run.at("states") == true) continue;
      // gene effects are stored over cells, so a cell is compared on its own
      GoldenCase single = golden;
      single.cells = cells_of({golden.json.at("cells")[1].get<std::vector<std::int32_t>>()}, golden.model);
      const Effects effects = effects_of(single, run, true);
      std::map<std::pair<std::int32_t, std::int32_t>, float> mean;
      const GeneEffects& genes = effects.gene_effects;
      for (std::size_t i = 0; i < genes.n.size(); ++i) {
        const auto& p = effects.perturbations[static_cast<std::size_t>(genes.perturbation[i])];
        mean[{p.tokens[0], genes.affected[i]}] = genes.mean[i];
        EXPECT_EQ(genes.n[i], 1);
      }
      for (const Json& record : run.at("values")[1]) {
        for (const auto& [affected, value] : record.at("genes").items()) {
          const auto found = mean.find({record.at("token").get<std::int32_t>(), std::stoi(affected)});
          ASSERT_NE(found, mean.end()) << describe(golden, run);
          const double difference = std::abs(static_cast<double>(found->second) - value.get<double>());
          EXPECT_LT(difference, kTolerance) << describe(golden, run);
          largest = std::max(largest, difference);
          ++compared;
        }
      }
      std::size_t expected = 0;
      for (const Json& record : run.at("values")[1]) expected += record.at("genes").size();
      EXPECT_EQ(mean.size(), expected) << describe(golden, run);
    }
  }
  EXPECT_GT(compared, 1000U);
  std::printf("%zu effects on genes, largest difference %.2g\n", compared, largest);
}

TEST(PerturbParityTest, embeddingsOfCellsEqualTheReference) {
  for (const auto& golden : golden_cases()) {
    JobContext ctx;
    const std::vector<std::int64_t> rows = {2, 0, 1};
    const int layer = *layer_index(golden.model.encoder->config(), layer_name(golden));
    const auto embeddings =
        embed_cells(*golden.model.encoder, golden.cells, rows, layer, golden.json.at("mode") == "cls", 64, "test", ctx);
    ASSERT_TRUE(embeddings.ok()) << embeddings.error().message;
    const auto width = static_cast<std::size_t>(golden.model.encoder->config().hidden);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto expected = golden.json.at("embeddings")[static_cast<std::size_t>(rows[i])].get<std::vector<double>>();
      for (std::size_t k = 0; k < width; ++k) {
        EXPECT_NEAR(static_cast<double>((*embeddings)[i * width + k]), expected[k], 5e-6);
      }
    }
  }
}

}  // namespace
}  // namespace cw
