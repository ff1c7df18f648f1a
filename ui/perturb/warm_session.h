// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "ui/jobs/warm_engine.h"

#include <QHash>
#include <QObject>
#include <QTemporaryDir>
#include <filesystem>
#include <optional>

namespace cw::ui {

/// The warm engine with the right model and data: loads them before the first request and again where they changed;
/// a newer preview or estimate takes the place of the one before.
class WarmSession : public QObject {
  Q_OBJECT
 public:
  explicit WarmSession(QObject* parent = nullptr);

  using Answer = std::function<void(Result<Json>)>;
  /// `method`: "preview", "estimate", "cell". `params` are added to those of the options. `answer` is not called for a
  /// request that another one of the same method replaced.
  void ask(const QString& method, const PerturbOptions& options, const Json& params, QObject* receiver, Answer answer);
  /// A new file name for labels, in a folder that goes with the session.
  [[nodiscard]] std::filesystem::path nextLabelFile();
  /// Drops the request of this method that is under way.
  void drop(const QString& method);

 private:
  WarmEngine engine_;
  QTemporaryDir folder_;
  std::string loaded_;
  std::optional<Error> loadError_;
  QHash<QString, qint64> running_;
  int labels_ = 0;
};

}  // namespace cw::ui
