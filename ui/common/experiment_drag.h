// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <memory>

class QMimeData;

namespace cw::ui {

/// An experiment of the project on its way to a folder of groups: it is run for each of them.
inline constexpr auto kExperimentMime = "application/x-cellwright-experiment";

[[nodiscard]] std::unique_ptr<QMimeData> mime_of_experiment(const QString& id, const QString& title);
/// Id of the experiment; "" where the data are of another kind.
[[nodiscard]] QString experiment_of(const QMimeData& data);

}  // namespace cw::ui
