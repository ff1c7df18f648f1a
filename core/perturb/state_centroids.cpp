// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/state_centroids.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/embed/cell_selection.h"
#include "core/embed/embed_cells.h"
#include "core/perturb/run_plan.h"

#include <algorithm>
#include <map>
#include <set>

namespace cw {
namespace {

constexpr std::int64_t kFewCells = 20;
constexpr double kTooSimilar = 0.9999;
constexpr const char* kFileName = "centroids.json";

/// Cells of one state, by donor.
struct StateCells {
  std::map<std::string, std::vector<std::size_t>> of_donor;  // places in the embedded rows
  std::int64_t num_cells = 0;
};

std::vector<double> mean_of_donor_means(const StateCells& state, std::span<const float> embeddings, std::size_t width) {
  std::vector<double> centroid(width, 0.0);
  for (const auto& [donor, places] : state.of_donor) {
    const double share = 1.0 / (static_cast<double>(places.size()) * static_cast<double>(state.of_donor.size()));
    for (const std::size_t place : places) {
      for (std::size_t k = 0; k < width; ++k) centroid[k] += share * static_cast<double>(embeddings[place * width + k]);
    }
  }
  return centroid;
}

void warn_of_few(const std::string& name, const StateCells& state, bool has_donors, JobContext& ctx) {
  if (state.num_cells < kFewCells) {
    ctx.warn("W-PRT-002",
             "state '" + name + "' has only " + std::to_string(state.num_cells) + " cells; its centroid is uncertain");
  }
  if (has_donors && state.of_donor.size() == 1) {
    ctx.warn("W-PRT-002",
             "all cells of state '" + name + "' come from one donor, '" + state.of_donor.begin()->first + "'");
  }
}

constexpr std::int64_t kHurriedStateCells = 64;

/// What the means of the states are taken from: all rows, or for a preview in a hurry a seeded sample of each state.
Result<std::vector<std::int64_t>> centroid_rows(const PerturbOptions& options, const TokenizedCells& cells,
                                                const std::vector<std::int64_t>& rows) {
  if (options.preview == 0 || options.preview_seconds <= 0) return rows;
  CW_ASSIGN(const auto states, column_texts(cells, options.state_column));
  std::map<std::string, std::int64_t> taken;
  std::vector<std::int64_t> sample;
  for (const std::int64_t row : balanced_order(rows, {}, options.seed)) {
    if (taken[states[static_cast<std::size_t>(row)]]++ < kHurriedStateCells) sample.push_back(row);
  }
  std::sort(sample.begin(), sample.end());
  return sample;
}

Result<> check_axis(const NamedCentroids& made, JobContext& ctx) {
  const auto& start = made.states.centroids[0];
  const auto& goal = made.states.centroids[1];
  if (start == goal) {
    return Error{ErrorCode::kRefused, "E-PRT-011",
                 "states '" + made.names[0] + "' and '" + made.names[1] +
                     "' have the same mean embedding, so there is no way from one to the other; choose another goal"};
  }
  const double similarity = cosine(start, goal);
  if (similarity > kTooSimilar) {
    ctx.warn("W-PRT-003", "the mean embeddings of '" + made.names[0] + "' and '" + made.names[1] +
                              "' are nearly equal (cosine " + std::to_string(similarity) +
                              "); shifts between them say little");
  }
  return {};
}

}  // namespace

Error no_such_state(const std::string& state, const std::string& column, const std::vector<std::string>& states,
                    const std::vector<std::int64_t>& rows) {
  constexpr std::size_t kMostShown = 12;
  std::set<std::string> present;
  for (const std::int64_t row : rows) present.insert(states[static_cast<std::size_t>(row)]);
  std::string list;
  std::size_t shown = 0;
  for (const auto& name : present) {
    list += (shown == 0 ? "" : ", ") + (shown == kMostShown ? "..." : name);
    if (shown++ == kMostShown) break;
  }
  return {ErrorCode::kNotFound, "E-PRT-010",
          "no cell has the state '" + state + "' in column '" + column + "' (after the filter); it holds: " + list};
}

Result<NamedCentroids> make_centroids(const PerturbOptions& options, const OpenModel& model,
                                      const TokenizedCells& cells, const std::vector<std::int64_t>& rows, int layer,
                                      bool cls_mode, JobContext& ctx) {
  CW_ASSIGN(const auto state_of, column_texts(cells, options.state_column));
  std::vector<std::string> donor_of;
  if (!options.donor_column.empty() && !options.match_upstream) {
    CW_ASSIGN(donor_of, column_texts(cells, options.donor_column));
  }
  NamedCentroids made;
  made.names = {options.start, options.goal};
  made.names.insert(made.names.end(), options.alternatives.begin(), options.alternatives.end());
  std::map<std::string, StateCells> members;
  std::vector<std::int64_t> embedded;
  for (const std::int64_t row : rows) {
    const auto& state = state_of[static_cast<std::size_t>(row)];
    if (std::find(made.names.begin(), made.names.end(), state) == made.names.end()) continue;
    const std::string donor = donor_of.empty() ? std::string() : donor_of[static_cast<std::size_t>(row)];
    members[state].of_donor[donor].push_back(embedded.size());
    ++members[state].num_cells;
    embedded.push_back(row);
  }
  for (const auto& name : made.names) {
    if (!members.contains(name)) {
      return no_such_state(name, options.state_column, state_of, rows);
    }
    warn_of_few(name, members[name], !donor_of.empty(), ctx);
  }
  CW_ASSIGN(const auto embeddings, embed_cells(*model.encoder, cells, embedded, layer, cls_mode,
                                               options.tokens_per_batch, "Embedding states", ctx));
  const auto width = static_cast<std::size_t>(model.encoder->config().hidden);
  made.record = Json::object();
  for (const auto& name : made.names) {
    const StateCells& state = members[name];
    made.states.centroids.push_back(mean_of_donor_means(state, embeddings, width));
    Json donors = Json::object();
    for (const auto& [donor, places] : state.of_donor) {
      if (!donor_of.empty()) donors[donor] = places.size();
    }
    const auto& values = made.states.centroids.back();
    made.record[name] =
        Json{{"cells", state.num_cells},
             {"donors", std::move(donors)},
             {"sha256",
              sha256(std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)))}};
  }
  CW_TRY(check_axis(made, ctx));
  return made;
}

Result<NamedCentroids> centroids_for(const PerturbOptions& options, const OpenModel& model, const TokenizedCells& cells,
                                     const Json& labels, int layer, bool cls_mode, const CentroidSource& source,
                                     JobContext& ctx) {
  if (options.state_column.empty()) return NamedCentroids{};
  CW_ASSIGN(const auto all_rows, filter_cells(cells, options.filter, ctx));
  CW_ASSIGN(const auto rows, centroid_rows(options, cells, all_rows));
  const Json key{{"model", model.weights_sha256},
                 {"tokens", cells.source()},
                 {"layer", layer},
                 {"mode", cls_mode ? "cls" : "cell"},
                 {"column", options.state_column},
                 {"start", options.start},
                 {"goal", options.goal},
                 {"alternatives", options.alternatives},
                 {"donors", options.match_upstream ? "" : options.donor_column},
                 {"filter", options.filter},
                 {"labels", labels.is_null() ? Json("") : labels["sha256"]},
                 {"cells", cells.num_cells()},
                 {"sample", rows.size() < all_rows.size() ? Json(options.seed) : Json()}};
  return source(key, [&] { return make_centroids(options, model, cells, rows, layer, cls_mode, ctx); });
}

Result<NamedCentroids> kept_centroids(const std::filesystem::path& folder, const Json& key,
                                      const std::function<Result<NamedCentroids>()>& make) {
  const auto path = folder / kFileName;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    const auto stored = read_json(path);
    // a damaged or foreign file is simply computed again
    try {
      if (stored.ok() && stored->at("key") == key) {
        return NamedCentroids{{stored->at("values").get<std::vector<std::vector<double>>>()},
                              stored->at("names").get<std::vector<std::string>>(),
                              stored->at("record"),
                              key};
      }
    } catch (const Json::exception&) {
    }
  }
  CW_ASSIGN(NamedCentroids made, make());
  made.key = key;
  return made;
}

Result<> copy_centroids(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code ignored;
  if (!std::filesystem::exists(from / kFileName, ignored)) return {};
  CW_ASSIGN(const std::string text, read_file(from / kFileName));
  return write_file_atomically(to / kFileName, text);
}

Result<> keep_centroids(const std::filesystem::path& folder, const NamedCentroids& made) {
  if (made.names.empty()) return {};
  return write_json(
      folder / kFileName,
      Json{{"key", made.key}, {"names", made.names}, {"record", made.record}, {"values", made.states.centroids}});
}

}  // namespace cw
