// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/provenance/provenance_panel.h"

#include "core/base/files.h"
#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/provenance/methods_text.h"
#include "ui/provenance/script_export.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kWidth = 320;
constexpr auto kSuffix = ".provenance.json";

}  // namespace

Result<Json> read_provenance(const std::filesystem::path& result) {
  std::error_code status;
  auto beside = result;
  beside += kSuffix;
  if (std::filesystem::exists(beside, status)) return read_json(beside);
  if (std::filesystem::is_directory(result, status)) {
    for (const auto& entry : std::filesystem::directory_iterator(result, status)) {
      if (entry.path().string().ends_with(kSuffix)) return read_json(entry.path());
    }
    if (std::filesystem::exists(result / "spec.json", status)) {
      CW_ASSIGN(Json spec, read_json(result / "spec.json"));
      spec["version"] = spec.value("program_version", std::string());
      return spec;
    }
  }
  return Error{ErrorCode::kNotFound, "E-UI-011",
               result.string() +
                   ": nothing beside it says where it comes from; it was made by another program, or "
                   "copied without its .provenance.json"};
}

ProvenancePanel::ProvenancePanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("provenancePanel"), tr("Where it comes from"), parent),
      services_(services),
      title_(make_label({}, "heading", this)),
      text_(new QTextBrowser(this)),
      methods_(make_button(QStringLiteral("copyMethodsButton"), tr("Copy methods text"), "primary", this)),
      script_(make_button(QStringLiteral("exportScriptButton"), tr("Export as script…"), "", this)) {
  setMinimumWidth(kWidth);
  const int pad = services.theme.size("padding");
  auto* close = new QToolButton(this);
  close->setObjectName(QStringLiteral("provenanceClose"));
  close->setAccessibleName(tr("Close"));
  close->setToolTip(tr("Close"));
  close->setIcon(services.theme.icon(QStringLiteral("close")));
  auto* bar = new QWidget(this);
  bar->setFixedHeight(services.theme.size("bar"));
  auto* heading = new QHBoxLayout(bar);
  heading->setContentsMargins(pad, 0, 6, 0);
  heading->addWidget(make_label(tr("Where it comes from"), "heading", bar), 1);
  heading->addWidget(close);
  text_->setObjectName(QStringLiteral("provenanceText"));
  text_->setAccessibleName(tr("Where the result comes from"));
  text_->setFrameShape(QFrame::NoFrame);
  text_->setProperty("plain", true);
  text_->document()->setDocumentMargin(0);
  auto* full = new QWidget(this);
  auto* column = new QVBoxLayout(full);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(8);
  title_->setWordWrap(true);
  column->addWidget(title_);
  column->addWidget(text_, 1);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(methods_);
  buttons->addWidget(script_);
  buttons->addStretch(1);
  column->addLayout(buttons);
  auto* body = new QWidget(this);
  pages_ = new QStackedLayout(body);
  pages_->addWidget(make_empty_state(services.theme, QStringLiteral("history"),
                                     tr("Choose a finished run in the list of jobs to see how it was made."), {}, {},
                                     body));
  pages_->addWidget(full);
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(bar);
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addWidget(body, 1);
  connect(close, &QToolButton::clicked, this, &ProvenancePanel::closeRequested);
  connect(methods_, &QPushButton::clicked, this, &ProvenancePanel::copyMethods);
  connect(script_, &QPushButton::clicked, this, &ProvenancePanel::chooseScript);
}

void ProvenancePanel::showResult(const std::filesystem::path& result) {
  const QString title = QString::fromStdString(result.filename().string());
  services_.background.run<Json>(
      Background::Lane::kFiles, this, [result](JobContext&) { return read_provenance(result); },
      [this, title](const Result<Json>& provenance) {
        if (!provenance) return services_.messages.error(provenance.error());
        showProvenance(*provenance, title);
      });
}

void ProvenancePanel::showProvenance(const Json& provenance, const QString& title) {
  provenance_ = provenance;
  title_->setText(title);
  const auto facts = provenance_facts(provenance);
  QString html;
  const QString faint = services_.theme.color("ink-2").name();
  const QString warning = services_.theme.color("warning").name();
  for (const ProvenanceFact& fact : facts) {
    html += QStringLiteral("<p style='margin:0 0 1px 0; color:%1'>%2</p><p style='margin:0 0 8px 0;%4'>%3</p>")
                .arg(faint, fact.name.toHtmlEscaped(), fact.value.toHtmlEscaped(),
                     fact.caution ? QStringLiteral(" color:%1; font-weight:600").arg(warning) : QString());
  }
  html += QStringLiteral("<p style='margin:10px 0 1px 0; color:%1'>%2</p><p style='margin:0'>%3</p>")
              .arg(faint, tr("Text for the methods section"),
                   methods_text(provenance).toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")));
  text_->setHtml(html);
  const auto script = shell_script(provenance);
  script_->setEnabled(script.ok());
  script_->setToolTip(script ? tr("A shell script of cellwright commands that makes this result again")
                             : QString::fromStdString(script.error().message));
  pages_->setCurrentIndex(1);
}

void ProvenancePanel::copyMethods() {
  QApplication::clipboard()->setText(methods_text(provenance_));
  services_.messages.toast(tr("Copied the methods text"));
}

void ProvenancePanel::chooseScript() {
  auto* dialog = new QFileDialog(this, tr("Export as script"), QStringLiteral("reproduce.sh"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("scriptDialog"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  connect(dialog, &QFileDialog::fileSelected, this, &ProvenancePanel::exportScript);
  dialog->open();
}

void ProvenancePanel::exportScript(const QString& path) {
  auto script = shell_script(provenance_);
  if (!script) return services_.messages.error(script.error());
  services_.background.run<bool>(
      Background::Lane::kCompute, this,
      [path, text = std::move(script).value()](JobContext&) -> Result<bool> {
        CW_TRY(write_file_atomically(path.toStdString(), text));
        return true;
      },
      [this, path](const Result<bool>& written) {
        if (!written) return services_.messages.error(written.error());
        services_.messages.toast(tr("Exported %1").arg(QFileInfo(path).fileName()));
      });
}

}  // namespace cw::ui
