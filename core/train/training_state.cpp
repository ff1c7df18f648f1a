// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_state.h"

namespace cw {
namespace {

template <class State, class Visitor>
void visit_fields(State& s, Visitor&& field) {
  field("step", s.step);
  field("epoch", s.epoch);
  field("batch", s.batch);
  field("tokens", s.tokens);
  field("cells", s.cells);
  field("targets", s.targets);
  field("seconds", s.seconds);
  field("loss_sum", s.loss_sum);
  field("loss_steps", s.loss_steps);
  field("best_step", s.best_step);
  field("validations_since_best", s.validations_since_best);
  field("finished", s.finished);
}

}  // namespace

Json to_json(const TrainingState& state) {
  Json json = Json::object();
  visit_fields(state, [&](const char* key, const auto& value) { json[key] = value; });
  if (state.best_figure) json["best_figure"] = *state.best_figure;
  json["history"] = Json::array();
  for (const ValidationPoint& p : state.history) {
    Json point = {{"step", p.step}, {"training_loss", p.training_loss}, {"loss", p.loss}};
    if (!p.metrics.empty()) point["metrics"] = p.metrics;
    json["history"].push_back(std::move(point));
  }
  return json;
}

Result<TrainingState> training_state_from_json(const Json& json, const std::string& where) {
  TrainingState state;
  try {
    visit_fields(state, [&](const char* key, auto& value) { json.at(key).get_to(value); });
    if (json.contains("best_figure")) state.best_figure = json.at("best_figure").get<double>();
    for (const Json& p : json.at("history")) {
      state.history.push_back(
          {p.at("step"), p.at("training_loss"), p.at("loss"), p.value("metrics", std::map<std::string, double>())});
    }
  } catch (const Json::exception& wrong) {
    return Error{ErrorCode::kParse, "E-TRN-006", where + ": not a training state of this version: " + wrong.what()};
  }
  return state;
}

}  // namespace cw
