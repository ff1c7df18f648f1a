// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "ui/common/panel.h"

#include <filesystem>

class QFormLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QTextBrowser;
class QVBoxLayout;

namespace cw::ui {

/// The drawer of a result: where it comes from, the text for the methods section, the script that makes it again.
class ProvenancePanel : public Panel {
  Q_OBJECT
 public:
  explicit ProvenancePanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("provenance.md"); }
  /// Reads and shows the provenance of a ranked list, a run folder or a job folder; problems go to the messages.
  void showResult(const std::filesystem::path& result);
  void showProvenance(const Json& provenance, const QString& title);
  void exportScript(const QString& path);

 Q_SIGNALS:
  void closeRequested();

 private:
  void copyMethods();
  void chooseScript();

  Services& services_;
  QStackedLayout* pages_;
  QLabel* title_;
  QTextBrowser* text_;
  QPushButton* methods_;
  QPushButton* script_;
  Json provenance_;
};

/// What lies beside a result: `*.provenance.json` of a list or in a run folder, else the folder's specification. Reads
/// files. Errors: kNotFound E-UI-011, kIo, kParse.
[[nodiscard]] Result<Json> read_provenance(const std::filesystem::path& result);

}  // namespace cw::ui
