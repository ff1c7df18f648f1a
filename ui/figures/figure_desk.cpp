// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/figure_desk.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/figures/export_sheet.h"

#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QMimeData>
#include <QPointer>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kClipboardDpi = 300;

// Tab-separated with a header, as spreadsheets paste it.
std::string tsv_of(const Table& table) {
  std::string text = table.index_name.empty() ? "name" : table.index_name;
  for (const Column& column : table.columns) text += "\t" + column.name;
  text += "\n";
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    text += table.index[static_cast<std::size_t>(row)];
    for (const Column& column : table.columns) text += "\t" + column.text(row);
    text += "\n";
  }
  return text;
}

struct Copied {
  QImage image;
  QByteArray svg;
};

}  // namespace

FigureDesk::FigureDesk(Services& services, QWidget* window, std::function<Panel*()> current,
                       std::function<QList<Panel*>()> panels)
    : QObject(window),
      services_(services),
      current_(std::move(current)),
      panels_(std::move(panels)),
      sheet_(new ExportSheet(services, window)) {
  ActionRegistry& actions = services.actions;
  actions.add(QStringLiteral("file.export-figure"), tr("Export figure…"), QKeySequence(Qt::CTRL | Qt::Key_E), this,
              [this] { exportFigure(); });
  actions.add(QStringLiteral("edit.copy-figure"), tr("Copy figure"), QKeySequence::Copy, this,
              [this] { copyFigure(); });
  actions.add(QStringLiteral("edit.copy-table"), tr("Copy data as table"),
              QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), this, [this] { copyTable(); });
  connect(sheet_, &ExportSheet::exportRequested, this,
          [this](Panel* panel, const QString& path, const FigureOptions& options) {
            if (!panel || !panel->hasFigure()) return;
            write(*panel, path, options, [this, path](const QString& problem) {
              if (problem.isEmpty()) services_.messages.toast(tr("Exported %1").arg(QFileInfo(path).fileName()));
            });
          });
  connect(&services.document, &Document::datasetChanged, this, &FigureDesk::restore);
}

FigureTag FigureDesk::tagOf(const Panel& panel) const {
  FigureTag tag;
  tag.panel = panel.objectName();
  tag.view = panel.saveView();
  tag.title = panel.figureName();
  if (const DatasetPtr& dataset = services_.document.dataset()) {
    tag.dataName = dataset->name;
    tag.dataPath = QString::fromStdString(dataset->path.string());
    const Json record = services_.document.datasetRecord();
    if (record.contains("sha256") && record["sha256"].is_string()) {
      tag.dataSha256 = QString::fromStdString(record["sha256"].get<std::string>());
    }
  }
  return tag;
}

Panel* FigureDesk::figurePanel() const {
  Panel* meant = current_();
  if (meant && meant->hasFigure()) return meant;
  const QList<Panel*> all = panels_();
  const auto shown =
      std::find_if(all.begin(), all.end(), [](Panel* one) { return one->isVisible() && one->hasFigure(); });
  return shown == all.end() ? nullptr : *shown;
}

void FigureDesk::exportFigure() {
  if (Panel* panel = figurePanel()) return sheet_->open(panel);
  services_.messages.post({Message::Kind::kInfo, {}, {}, tr("There is no figure on the screen to export yet."), {}});
}

void FigureDesk::save(Panel& panel, const QString& path) {
  FigureOptions options;
  options.widthMillimetres = kTwoColumns;
  options.heightMillimetres = 110.0;
  const auto format = figure_format(path);
  if (!format) return services_.messages.error(format.error());
  options.format = *format;
  if (panel.hasFigure()) write(panel, path, options, [](const QString&) {});
}

void FigureDesk::copyFigure() {
  const Panel* meant = current_();
  if (meant && !meant->hasFigure() && meant->figureData()) return copyTable();
  const Panel* panel = figurePanel();
  if (!panel) return;
  const FigurePainter paint = panel->figure();
  FigureOptions options;
  options.dpi = kClipboardDpi;
  options.format = FigureFormat::kSvg;
  services_.background.run<Copied>(
      Background::Lane::kCompute, this,
      [paint, options, tag = tagOf(*panel)](JobContext&) -> Result<Copied> {
        return Copied{draw_image(paint, options), write_figure(paint, options, tag)};
      },
      [this, title = panel->title()](const Result<Copied>& copied) {
        auto data = std::make_unique<QMimeData>();
        data->setImageData(copied->image);
        data->setData(QStringLiteral("image/svg+xml"), copied->svg);
        QApplication::clipboard()->setMimeData(data.release());
        services_.messages.toast(tr("Copied the figure of “%1”").arg(title));
      });
}

void FigureDesk::copyTable() {
  const Panel* panel = current_();
  auto table = panel ? panel->figureData() : std::nullopt;
  if (!table) {
    services_.messages.post({Message::Kind::kInfo, {}, {}, tr("This panel has no numbers to copy yet."), {}});
    return;
  }
  const std::int64_t rows = table->num_rows();
  services_.background.run<std::string>(
      Background::Lane::kCompute, this,
      [table = std::make_shared<const Table>(std::move(*table))](JobContext&) -> Result<std::string> {
        return tsv_of(*table);
      },
      [this, rows](const Result<std::string>& text) {
        auto data = std::make_unique<QMimeData>();
        data->setText(QString::fromStdString(*text));
        data->setData(QStringLiteral("text/tab-separated-values"), QByteArray::fromStdString(*text));
        QApplication::clipboard()->setMimeData(data.release());
        services_.messages.toast(tr("Copied %1 rows").arg(rows));
      });
}

void FigureDesk::write(const Panel& panel, const QString& path, const FigureOptions& options,
                       std::function<void(const QString&)> done) {
  services_.background.run<bool>(
      Background::Lane::kCompute, this,
      [paint = panel.figure(), options, tag = tagOf(panel), path](JobContext&) -> Result<bool> {
        CW_TRY(write_file_atomically(path.toStdString(), write_figure(paint, options, tag).toStdString()));
        return true;
      },
      [this, done = std::move(done)](const Result<bool>& written) {
        if (!written) services_.messages.error(written.error());
        done(written ? QString() : QString::fromStdString(written.error().message));
      });
}

void FigureDesk::reopen(const QString& path) {
  services_.background.run<FigureTag>(
      Background::Lane::kFiles, this, [path](JobContext&) { return read_figure_tag(path.toStdString()); },
      [this](const Result<FigureTag>& tag) {
        if (!tag) return fail(tag.error());
        open(*tag);
      });
}

void FigureDesk::fail(const Error& error) {
  services_.messages.error(error);
  if (restored_) restored_(nullptr, QString::fromStdString(error.message));
  restored_ = {};
}

void FigureDesk::open(const FigureTag& tag) {
  wanted_ = tag;
  const DatasetPtr& dataset = services_.document.dataset();
  const bool isOpen = dataset && QString::fromStdString(dataset->path.string()) == tag.dataPath;
  if (isOpen || tag.dataPath.isEmpty()) return restore();
  if (!QFileInfo::exists(tag.dataPath)) {
    wanted_.reset();
    return fail(Error{ErrorCode::kNotFound, "E-UI-006",
                      tag.dataPath.toStdString() + ": the data of this figure are not there any more; open " +
                          tag.dataName.toStdString() + " from where it is now, then drop the figure again"});
  }
  services_.document.openDataset(tag.dataPath.toStdString());
}

void FigureDesk::restore() {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!wanted_ || (!wanted_->dataPath.isEmpty() && !dataset)) return;
  // the same name elsewhere counts as the same data: files are moved; the checksum says whether they were changed
  if (!wanted_->dataPath.isEmpty() && dataset->name != wanted_->dataName) return;
  const FigureTag tag = *wanted_;
  wanted_.reset();
  Panel* panel = nullptr;
  for (Panel* one : panels_()) {
    if (one->objectName() == tag.panel) panel = one;
  }
  if (!panel) {
    return fail(Error{ErrorCode::kNotFound, "E-UI-007",
                      "this version has no panel \"" + tag.panel.toStdString() + "\", which the figure shows"});
  }
  const Json record = services_.document.datasetRecord();
  const std::string now = record.contains("sha256") && record["sha256"].is_string() ? record["sha256"] : Json("");
  if (!now.empty() && !tag.dataSha256.isEmpty() && tag.dataSha256.toStdString() != now) {
    services_.messages.post(
        {Message::Kind::kWarning,
         {},
         tr("Other data"),
         tr("%1 was changed after this figure was made: the view may look different.").arg(tag.dataName),
         {}});
  }
  panel->restoreView(tag.view);
  Q_EMIT panelWanted(panel);
  if (restored_) restored_(panel, {});
  restored_ = {};
}

void FigureDesk::render(const QString& view, const QString& out, const FigureOptions& options,
                        std::function<void(const QString&)> done) {
  restored_ = [this, out, options, done = std::move(done)](Panel* panel, const QString& problem) {
    if (!panel) return done(problem);
    const auto draw = [this, out, options, done, kept = QPointer<Panel>(panel)] {
      if (!kept || !kept->hasFigure()) return done(tr("this view has no figure"));
      write(*kept, out, options, done);
    };
    // a view may read genes and results first: drawn when nothing is at work any more
    if (!services_.background.busy()) return QMetaObject::invokeMethod(this, draw, Qt::QueuedConnection), void();
    auto* once = new QObject(this);
    connect(&services_.background, &Background::busyChanged, once, [once, draw](bool busy) {
      if (busy) return;
      once->deleteLater();
      draw();
    });
  };
  reopen(view);
}

}  // namespace cw::ui
