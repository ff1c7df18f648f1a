// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/gene_mapper.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace cw {
namespace {

constexpr std::size_t kDroppedExamples = 10;
constexpr double kLeastShare = 0.5;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * share);
  return text;
}

/// "MALAT1 (lncRNA) 3.1 %".
std::string describe_dropped(const GeneMapping& mapping, std::size_t row, const std::string& name, double share,
                             const HumanGenes& genes) {
  std::string text = name.empty() ? "(no name)" : name;
  if (mapping.match[row] == GeneMatch::kNone) {
    text += " (unknown)";
  } else {
    const auto symbol = genes.symbol(mapping.ensembl_id[row]);
    if (!symbol.empty() && symbol != name) text += " " + std::string(symbol);
    if (const auto biotype = genes.biotype(mapping.ensembl_id[row]); !biotype.empty()) {
      text += " (" + std::string(biotype) + ")";
    }
  }
  return share > 0.0 ? text + " " + percent(share) : text;
}

}  // namespace

GeneSurvival gene_survival(const GeneMapping& mapping, std::span<const std::string> names,
                           std::span<const std::int32_t> token_of_gene, std::span<const double> counts,
                           const HumanGenes& genes) {
  GeneSurvival survival;
  survival.genes = mapping.num_rows();
  survival.mapped = mapping.num_mapped;
  survival.counts = std::accumulate(counts.begin(), counts.end(), 0.0);
  double mapped = 0.0;
  double in_vocabulary = 0.0;
  std::vector<std::size_t> dropped;
  for (std::size_t row = 0; row < mapping.match.size(); ++row) {
    const double count = counts.empty() ? 0.0 : counts[row];
    // the published mapping may know a name that we do not, so a token counts as mapped too
    if (mapping.match[row] != GeneMatch::kNone || token_of_gene[row] >= 0) mapped += count;
    if (token_of_gene[row] >= 0) {
      ++survival.in_vocabulary;
      in_vocabulary += count;
    } else {
      dropped.push_back(row);
    }
  }
  if (survival.counts > 0.0) {
    survival.mapped_share = mapped / survival.counts;
    survival.vocabulary_share = in_vocabulary / survival.counts;
  }
  const auto shown = std::min(kDroppedExamples, dropped.size());
  std::partial_sort(dropped.begin(), dropped.begin() + static_cast<std::ptrdiff_t>(shown), dropped.end(),
                    [&](std::size_t a, std::size_t b) {
                      const double count_a = counts.empty() ? 0.0 : counts[a];
                      const double count_b = counts.empty() ? 0.0 : counts[b];
                      return count_a > count_b || (count_a == count_b && a < b);
                    });
  for (std::size_t i = 0; i < shown; ++i) {
    const double share = survival.counts > 0.0 ? counts[dropped[i]] / survival.counts : 0.0;
    survival.dropped.push_back(describe_dropped(mapping, dropped[i], names[dropped[i]], share, genes));
  }
  return survival;
}

Json to_json(const GeneSurvival& survival) {
  return {{"genes", survival.genes},
          {"mapped", survival.mapped},
          {"in_vocabulary", survival.in_vocabulary},
          {"counts", survival.counts},
          {"fraction_of_counts_mapped", survival.mapped_share},
          {"fraction_of_counts", survival.vocabulary_share},
          {"dropped_examples", survival.dropped}};
}

Result<> require_mapped_half(const GeneMapping& mapping, const GeneSurvival& survival, bool force) {
  if (survival.mapped_share >= kLeastShare || force) return {};
  std::string examples;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, mapping.unmapped_examples.size()); ++i) {
    examples += (i == 0 ? "" : ", ") + mapping.unmapped_examples[i];
  }
  return Error{ErrorCode::kRefused, "E-GENE-003",
               "only " + percent(survival.mapped_share) + " of the counts belong to genes that we recognise (" +
                   std::to_string(survival.mapped) + " of " + std::to_string(survival.genes) + " genes in " +
                   mapping.where + (examples.empty() ? "" : "; unknown: " + examples) +
                   "); at least half is needed. Name the column with Ensembl ids or symbols with --gene-ids, or go on "
                   "with --force"};
}

}  // namespace cw
