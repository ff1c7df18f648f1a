// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/window/measures.h"
#include "core/api/perturb_options.h"
#include "core/base/files.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs/warm_engine.h"

#include <QTemporaryDir>
#include <QTest>
#include <optional>

namespace cw::ui {
namespace {

constexpr int kPatience = 60'000;  // ms

PerturbOptions monocytes(const std::filesystem::path& resources) {
  PerturbOptions options;
  options.input = (resources / "example" / "pbmc3k_half_a.h5ad").string();
  options.model = (resources / "models" / "demo").string();
  return options;
}

void measure_preview(GoalSheet& sheet, const std::filesystem::path& resources) {
  const char* what = "preview of 64 cells and one gene, demonstration model, no GPU";
  WarmEngine engine;
  const auto ask = [&engine](const QString& method, const Json& params) {
    std::optional<Result<Json>> answer;
    engine.request(method, params, &engine, [&answer](Result<Json> given) { answer = std::move(given); });
    (void)QTest::qWaitFor([&answer] { return answer.has_value(); }, kPatience);
    return answer ? *answer : Result<Json>(Error{ErrorCode::kInternal, "", "no answer in time"});
  };
  PerturbOptions options = monocytes(resources);
  const auto loaded = ask(QStringLiteral("load"), {{"input", options.input}, {"model", options.model}});
  if (!loaded) return sheet.failed("24", what, loaded.error().message);
  options.requests = {PerturbRequest{"delete", {"LYZ"}}};
  Json params = to_json(options);
  params["preview"] = 64;
  QElapsedTimer clock;
  clock.start();
  const auto previewed = ask(QStringLiteral("preview"), params);
  if (!previewed) return sheet.failed("24", what, previewed.error().message);
  sheet.at_most("24", what, milliseconds(clock) / 1000, "s", 5);
}

void measure_cancel(GoalSheet& sheet, const std::filesystem::path& resources) {
  const char* what = "a running perturbation is cancelled, to its end with results kept";
  const QTemporaryDir scratch;
  PerturbOptions options = monocytes(resources);
  const auto folder = std::filesystem::path(scratch.path().toStdString()) / "run";
  options.output = folder.string();
  options.requests = {PerturbRequest{"delete", {"all"}}};
  options.max_cells = 200;
  JobCenter center;
  const auto id = center.submit(new_job("perturb", to_json(options)), QStringLiteral("long"), folder);
  if (!id) return sheet.failed("17", what, id.error().message);
  const auto at_work = [&] {
    const JobRecord* job = center.job(*id);
    return has_ended(job->phase) || (job->phaseText == QLatin1String("Perturbing") && job->fraction > 0.0);
  };
  (void)QTest::qWaitFor(at_work, kPatience);
  if (has_ended(center.job(*id)->phase)) return sheet.failed("17", what, "the job ended by itself");
  QElapsedTimer clock;
  clock.start();
  center.cancel(*id);
  (void)QTest::qWaitFor([&] { return has_ended(center.job(*id)->phase); }, kPatience);
  sheet.at_most("17", what, milliseconds(clock), "ms", 500);
}

}  // namespace

void measure_engine(GoalSheet& sheet) {
  const auto resources = resources_folder();
  if (!resources) return sheet.failed("24", "previews", resources.error().message);
  measure_preview(sheet, *resources);
  measure_cancel(sheet, *resources);
}

}  // namespace cw::ui
