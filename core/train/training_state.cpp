// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_state.h"

#include <cmath>

namespace cw {
namespace {

template <class State, class Visitor>
void visit_fields(State& s, Visitor&& field) {
  field("step", s.step);
  field("epoch", s.epoch);
  field("batch", s.batch);
  field("tokens", s.tokens);
  field("cells", s.cells);
  field("masked", s.masked);
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
  if (std::isfinite(state.best_loss)) json["best_loss"] = state.best_loss;
  json["history"] = Json::array();
  for (const ValidationPoint& p : state.history) {
    json["history"].push_back({{"step", p.step}, {"training_loss", p.training_loss}, {"loss", p.loss}});
  }
  return json;
}

Result<TrainingState> training_state_from_json(const Json& json, const std::string& where) {
  TrainingState state;
  try {
    visit_fields(state, [&](const char* key, auto& value) { json.at(key).get_to(value); });
    if (json.contains("best_loss")) json.at("best_loss").get_to(state.best_loss);
    for (const Json& p : json.at("history")) {
      state.history.push_back({p.at("step"), p.at("training_loss"), p.at("loss")});
    }
  } catch (const Json::exception& wrong) {
    return Error{ErrorCode::kParse, "E-TRN-006", where + ": not a training state of this version: " + wrong.what()};
  }
  return state;
}

}  // namespace cw
