// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/warm_session.h"

namespace cw::ui {

WarmSession::WarmSession(QObject* parent) : QObject(parent) {
  connect(&engine_, &WarmEngine::died, this, [this] {
    loaded_.clear();
    running_.clear();
  });
}

void WarmSession::drop(const QString& method) {
  if (const auto it = running_.constFind(method); it != running_.constEnd()) {
    engine_.cancel(*it);
    running_.erase(it);
  }
}

std::filesystem::path WarmSession::nextLabelFile() {
  return std::filesystem::path(folder_.path().toStdString()) / ("labels" + std::to_string(++labels_) + ".csv");
}

void WarmSession::ask(const QString& method, const PerturbOptions& options, const Json& params, QObject* receiver,
                      Answer answer) {
  drop(method);
  const std::string key = options.input + '\n' + options.model + '\n' + options.dictionary;
  if (key != loaded_) {
    loaded_ = key;
    loadError_.reset();
    PerturbOptions load = options;
    load.labels.clear();
    engine_.request(QStringLiteral("load"), to_json(load), this, [this, key](Result<Json> result) {
      if (result || loaded_ != key) return;
      loaded_.clear();
      loadError_ = result.error();
    });
  }
  Json all = to_json(options);
  if (params.is_object()) all.update(params);
  const auto number = std::make_shared<qint64>(0);
  *number = engine_.request(method, all, receiver, [this, method, number, answer](Result<Json> result) {
    const auto it = running_.constFind(method);
    if (it == running_.constEnd() || *it != *number) return;
    running_.erase(it);
    // without a model or data the reason is that of loading them
    answer(!result && loadError_ ? Result<Json>(*loadError_) : std::move(result));
  });
  running_.insert(method, *number);
}

}  // namespace cw::ui
