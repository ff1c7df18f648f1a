// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/document.h"

#include "core/base/files.h"
#include "core/weights/model_tools.h"
#include "ui/common/messages.h"
#include "ui/document/cell_rows.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"

namespace cw::ui {
namespace {

constexpr int kSessionDelay = 1000;             // ms
constexpr int kBackupInterval = 5 * 60 * 1000;  // ms
constexpr auto kNoDonors = "\n";                // no column can be called so

QString donor_key(const QString& dataset) { return QStringLiteral("donor-column/") + dataset; }

QString column_style_id(const QString& column) { return QStringLiteral("column-style:") + column; }

ModelEntry entry_of(const QString& id, const QString& name, const std::filesystem::path& path, Json description) {
  ModelEntry entry;
  entry.id = id;
  entry.name = name;
  entry.path = path;
  entry.description = std::move(description);
  return entry;
}

}  // namespace

QString ModelEntry::dictionary() const {
  const Json& own = description.contains("cellwright") ? description["cellwright"] : Json();
  if (own.is_object() && own.contains("dictionary") && own["dictionary"].is_object()) {
    return QString::fromStdString(own["dictionary"].value("name", std::string()));
  }
  const auto found = dictionary_for_vocabulary_size(description.value("vocabulary", std::int64_t{0}));
  return found ? QString::fromStdString((*found)->name()) : QString();
}

Document::Document(Background& background, MessageCenter& messages, QObject* parent)
    : QObject(parent),
      background_(background),
      messages_(messages),
      undo_([this] { return sessionNow(); }, [this](const Json& session) { restoreStep(session); }, this),
      genes_(background, this) {
  loadDemonstrationModel();
  sessionTimer_.setSingleShot(true);
  sessionTimer_.setInterval(kSessionDelay);
  connect(&sessionTimer_, &QTimer::timeout, this, &Document::keepSession);
  for (const auto signal : {&SelectionHub::cellsChanged, &SelectionHub::genesChanged, &SelectionHub::groupsChanged}) {
    connect(&selection_, signal, &sessionTimer_, qOverload<>(&QTimer::start));
  }
  connect(&undo_.stack(), &QUndoStack::indexChanged, &sessionTimer_, qOverload<>(&QTimer::start));
  backupTimer_.setInterval(kBackupInterval);
  connect(&backupTimer_, &QTimer::timeout, this, &Document::backUp);
  backupTimer_.start();
  connect(&genes_, &GeneAccess::progress, this, &Document::geneIndexProgress);
  connect(&genes_, &GeneAccess::failed, this, [this](const Error& error) { messages_.error(error); });
}

Document::~Document() { keepSession(); }

const ModelEntry* Document::activeModel() const noexcept {
  for (const ModelEntry& model : models_) {
    if (model.id == activeModel_) return &model;
  }
  return nullptr;
}

void Document::setActiveModel(const QString& id) {
  const QString before = activeModel_;
  const auto set = [this](const QString& model) {
    activeModel_ = model;
    if (project_) project_->setValue(QStringLiteral("active-model"), model);
    Q_EMIT activeModelChanged();
  };
  perform(
      tr("Choose model"), [set, id] { set(id); }, [set, before] { set(before); });
}

void Document::addModel(const std::filesystem::path& folder) {
  background_.run<Json>(
      Background::Lane::kFiles, this, [folder](JobContext&) { return describe_model(folder); },
      [this, folder](Result<Json> description) {
        if (!description) return messages_.error(description.error());
        ProjectItem item;
        item.kind = QStringLiteral("model");
        item.name = QString::fromStdString(folder.filename().string());
        item.body = to_json(link_of(folder));
        item.body["description"] = *description;
        const QString name = item.name;
        const QString id = project_ ? project_->put(std::move(item)) : name;
        models_.append(entry_of(id, name, folder, std::move(description).value()));
        Q_EMIT modelsChanged();
        setActiveModel(id);
      });
}

void Document::loadDemonstrationModel() {
  if (!models_.isEmpty() && models_.first().isDemonstration) return;
  const auto resources = resources_folder();
  if (!resources) return messages_.error(resources.error());
  auto description = describe_model(*resources / "models" / "demo");
  if (!description) return messages_.error(description.error());
  models_.append(entry_of(QStringLiteral("demo"), tr("Demonstration model"), *resources / "models" / "demo",
                          std::move(description).value()));
  models_.last().isDemonstration = true;
  if (activeModel_.isEmpty()) activeModel_ = QStringLiteral("demo");
}

void Document::selectCells(CellSelectionPtr cells) {
  const CellSelectionPtr before = selection_.cells();
  perform(
      cells ? tr("Select %1 cells").arg(count_text(cells->count)) : tr("Select all cells"),
      [this, cells] { selection_.setCells(cells); }, [this, before] { selection_.setCells(before); });
}

void Document::selectGenes(GeneSelection genes) {
  const GeneSelection before = selection_.genes();
  const auto only = genes.ensemblIds.size() == 1 ? search_.resolve(genes.ensemblIds.first()) : std::nullopt;
  perform(
      only ? tr("Select %1").arg(QString::fromStdString(only->symbol))
           : tr("Select %1 genes").arg(count_text(genes.ensemblIds.size())),
      [this, genes] { selection_.setGenes(genes); }, [this, before] { selection_.setGenes(before); });
}

void Document::chooseGroups(GroupChoice groups) {
  const GroupChoice before = selection_.groups();
  perform(
      tr("Choose groups"), [this, groups] { selection_.setGroups(groups); },
      [this, before] { selection_.setGroups(before); });
}

void Document::forgetGroups() {
  forgettingGroups_ = true;
  selection_.setGroups({});
  forgettingGroups_ = false;
}

std::vector<std::uint8_t> Document::cellsOf(const Group& group) const {
  if (!dataset_) return {};
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(dataset_->num_cells()), 0);
  if (group.kind == Group::Kind::kColumnValue) {
    const Column* column = dataset_->cells.find(group.column.toStdString());
    if (!column) return {};
    const std::string value = group.value.toStdString();
    if (column->kind == ColumnKind::kCategorical) {
      const auto it = std::find(column->categories.begin(), column->categories.end(), value);
      if (it == column->categories.end()) return mask;
      const auto code = static_cast<std::int32_t>(it - column->categories.begin());
      std::transform(column->codes.begin(), column->codes.end(), mask.begin(),
                     [code](std::int32_t one) { return static_cast<std::uint8_t>(one == code); });
      return mask;
    }
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      mask[i] = !column->is_missing(row) && column->text(row) == value ? 1 : 0;
    }
    return mask;
  }
  if (!project_) return {};
  for (const ProjectItem& item : project_->items(QStringLiteral("selection"))) {
    if (item.name != group.value) continue;
    const auto whole = project_->item(item.id);
    return unpack_rows(whole ? whole->rows : QByteArray(), mask.size());
  }
  return {};
}

Group Document::groupOf(const QString& column, const QString& value) const {
  Group group;
  group.column = column;
  group.value = value;
  const auto mask = cellsOf(group);
  group.count = std::count(mask.begin(), mask.end(), std::uint8_t{1});
  if (dataset_) {
    if (const Column* labels = dataset_->cells.find(column.toStdString())) {
      const bool ready = labels->kind == ColumnKind::kCategorical;
      const auto categories = ready ? labels->categories : as_categorical(*labels).categories;
      const auto it = std::find(categories.begin(), categories.end(), value.toStdString());
      group.color = columnStyle(column).colors.value(value, category_color(static_cast<int>(it - categories.begin())));
    }
  }
  return group;
}

QString Document::donorColumn() const {
  if (!dataset_) return {};
  if (project_) {
    QString kept = project_->value(donor_key(dataset_->id));
    if (kept == QLatin1String(kNoDonors)) return {};
    if (dataset_->cells.find(kept.toStdString())) return kept;
  }
  for (const char* word : {"donor", "individual", "patient", "subject", "sample"}) {
    for (const Column& column : dataset_->cells.columns) {
      const QString name = QString::fromStdString(column.name).toLower();
      const bool labels = column.kind == ColumnKind::kCategorical || column.kind == ColumnKind::kString ||
                          column.kind == ColumnKind::kInteger;
      if (labels && name.startsWith(QLatin1String(word))) return QString::fromStdString(column.name);
    }
  }
  return {};
}

void Document::setDonorColumn(const QString& column) {
  if (!dataset_ || !project_) return;
  const QString key = donor_key(dataset_->id);
  const auto set = [this, key](const QString& value) {
    project_->setValue(key, value);
    Q_EMIT donorColumnChanged();
  };
  const QString before = project_->value(key);
  const QString after = column.isEmpty() ? QString::fromLatin1(kNoDonors) : column;
  perform(
      tr("Choose the donor column"), [set, after] { set(after); }, [set, before] { set(before); });
}

ColumnStyle Document::columnStyle(const QString& column) const {
  const auto known = columnStyles_.constFind(column);
  if (known != columnStyles_.constEnd()) return *known;
  ColumnStyle style;
  if (project_) {
    if (const auto item = project_->item(column_style_id(column))) style = column_style_from_json(item->body);
  }
  columnStyles_.insert(column, style);
  return style;
}

void Document::setColumnStyle(const QString& column, const ColumnStyle& style, const QString& text) {
  const ColumnStyle before = columnStyle(column);
  if (style == before) return;
  const auto set = [this, column](const ColumnStyle& value) {
    columnStyles_.insert(column, value);
    if (project_ && !project_->isReadOnly()) {
      ProjectItem item;
      item.kind = QStringLiteral("view");
      item.id = column_style_id(column);
      item.name = column;
      item.body = to_json(value);
      project_->put(std::move(item));
    }
    Q_EMIT columnStyleChanged(column);
  };
  perform(
      text, [set, style] { set(style); }, [set, before] { set(before); });
}

QString Document::saveSelection(const QString& name) {
  if (!project_ || !selection_.cells()) return {};
  ProjectItem item;
  item.kind = QStringLiteral("selection");
  item.name = name;
  item.rows = pack_rows(selection_.cells()->mask);
  item.body = {{"dataset", dataset_->id.toStdString()}, {"count", selection_.cells()->count}};
  return project_->put(std::move(item));
}

void Document::perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId) {
  undo_.perform(text, std::move(redo), std::move(undo), mergeId);
}

}  // namespace cw::ui
