// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/example_report.h"

#include <array>
#include <cstdio>

namespace cw {
namespace {

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 1024> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::int64_t number(const Json& json, const char* key) { return json.value(key, std::int64_t{0}); }

std::string data_section(const Json& inspect, const Json& tokenize) {
  const Json& dictionary = inspect.at("dictionaries").at(0);
  return formatted(
      "## The data\n\n%lld cells and %lld genes of one healthy donor (10x Genomics, 3k PBMCs, CC BY 4.0), raw counts. "
      "%.1f %% of the counts belong to genes that the model knows; a cell has %.0f such genes (median). %lld cells "
      "were "
      "turned into lists of their genes, ordered by how far each gene is above its usual level (rank value "
      "encoding).\n\n",
      static_cast<long long>(number(inspect, "cells")), static_cast<long long>(number(inspect, "genes")),
      100 * dictionary.value("fraction_of_counts", 0.0), tokenize.value("median_length", 0.0),
      static_cast<long long>(number(tokenize, "cells")));
}

std::string map_section(const Json& map) {
  std::string text = formatted(
      "## The cells as the model sees them\n\nEach cell became one vector; from the vectors come a map (`map.h5ad`, "
      "opens "
      "in scanpy) and %lld clusters.",
      static_cast<long long>(number(map, "clusters")));
  if (map.contains("label") && map["label"].contains("clusters_ari")) {
    text += formatted(
        " Compared with the published cell types the clusters agree to %.2f (adjusted Rand index: 1 = the same groups, "
        "0 = "
        "as by chance).",
        map["label"]["clusters_ari"].get<double>());
  }
  return text +
         " The model is small and trained on few cells; a published Geneformer model separates cell types better.\n\n";
}

std::string perturbation_section(const Json& perturb, const Json& stats) {
  return formatted(
             "## Deleting genes in silico\n\nIn each of %lld CD14+ monocytes every detected gene was taken out of the "
             "list, "
             "one at a time, and the cell was embedded again: %lld deletions, computed exactly in %.0f s. The "
             "question: "
             "which deletion moves a monocyte towards the B cells?\n\n",
             static_cast<long long>(number(perturb, "cells")), static_cast<long long>(number(perturb, "passes")),
             perturb.value("seconds", 0.0)) +
         stats.value("text", std::string()) + "\n";
}

}  // namespace

std::string example_report(const Json& steps) {
  return "# Example: from a single-cell file to a ranked gene list\n\n" +
         data_section(steps.at("inspect"), steps.at("tokenize")) + map_section(steps.at("map")) +
         perturbation_section(steps.at("perturb"), steps.at("stats")) +
         "**Why this is a demonstration and not a discovery.** Monocytes do not become B cells by losing one gene; the "
         "question was chosen because everybody knows both cell types. The cells come from one donor, so nothing can "
         "be said about other people. The demonstration model has 4 million parameters, the published ones have 10 to "
         "316 million, and it was trained for minutes on part of these very cells. For your own question use a "
         "published "
         "Geneformer model and several donors.\n\n"
         "## Files\n\n"
         "| file | what it is |\n|---|---|\n"
         "| `ranked.csv`, `ranked.xlsx` | the ranked list: effect, interval, null, baseline, flags; one row per gene "
         "|\n"
         "| `monocytes-towards-b-cells/` | the run: every effect in every cell (`effects.h5`), specification, events "
         "|\n"
         "| `map.h5ad` | embedding, map and clusters; opens in scanpy |\n"
         "| `markers.csv` | marker genes of the cell types |\n"
         "| `pbmc.tokens.h5`, `embedding.h5ad` | tokens and embedding |\n";
}

}  // namespace cw
