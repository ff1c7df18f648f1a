// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/document.h"

#include "core/base/files.h"
#include "core/weights/model_tools.h"
#include "ui/common/messages.h"
#include "ui/theme/palettes.h"

#include <QUndoCommand>

namespace cw::ui {
namespace {

constexpr std::size_t kKeptGenes = 64;
constexpr int kUndoSteps = 500;

class FunctionCommand : public QUndoCommand {
 public:
  FunctionCommand(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId)
      : QUndoCommand(text), redo_(std::move(redo)), undo_(std::move(undo)), mergeId_(mergeId) {}
  void redo() override { redo_(); }
  void undo() override { undo_(); }
  [[nodiscard]] int id() const override { return mergeId_ == 0 ? -1 : mergeId_; }
  bool mergeWith(const QUndoCommand* other) override {
    redo_ = static_cast<const FunctionCommand*>(other)->redo_;
    return true;
  }

 private:
  std::function<void()> redo_;
  std::function<void()> undo_;
  int mergeId_;
};

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
  const auto found = dictionary_for_vocabulary_size(description.value("vocab_size", std::int64_t{0}));
  return found ? QString::fromStdString((*found)->name()) : QString();
}

Document::Document(Background& background, MessageCenter& messages, QObject* parent)
    : QObject(parent), background_(background), messages_(messages) {
  undo_.setUndoLimit(kUndoSteps);
  loadDemonstrationModel();
}

Document::~Document() = default;

Result<> Document::openProject(const std::filesystem::path& folder) {
  CW_ASSIGN(auto project, ProjectStore::open(folder));
  project_ = std::move(project);
  undo_.clear();
  dataset_.reset();
  selection_.setCells(nullptr);
  selection_.setGenes({});
  selection_.setGroups({});
  models_.clear();
  loadDemonstrationModel();
  for (const ProjectItem& item : project_->items(QStringLiteral("model"))) {
    models_.append(entry_of(item.id, item.name, item.body.value("path", std::string()),
                            item.body.contains("description") ? item.body["description"] : Json::object()));
  }
  activeModel_ = project_->value(QStringLiteral("active-model"));
  if (!activeModel()) activeModel_ = QStringLiteral("demo");
  Q_EMIT projectChanged();
  Q_EMIT modelsChanged();
  Q_EMIT datasetChanged();
  const auto active = project_->item(project_->value(QStringLiteral("active-dataset")));
  if (active && active->body.contains("path")) openDataset(active->body["path"].get<std::string>());
  return {};
}

void Document::openDataset(const std::filesystem::path& path) {
  Q_EMIT loading(0.0, QString::fromStdString(path.filename().string()));
  background_.run<DatasetPtr>(
      Background::Lane::kFiles, this, [path](JobContext& context) { return load_dataset(path, context); },
      [this](Result<DatasetPtr> dataset) {
        Q_EMIT loading(1.0, {});
        if (!dataset) return messages_.error(dataset.error());
        auto copy = std::make_shared<Dataset>(**dataset);
        if (project_) {
          for (const ProjectItem& item : project_->items(QStringLiteral("dataset"))) {
            if (item.body.value("path", std::string()) == copy->path.string()) copy->id = item.id;
          }
        }
        selection_.setCells(nullptr);
        selection_.setGroups({});
        setDataset(std::move(copy));
        rememberDataset();
      },
      [this](double fraction, const QString& phase) { Q_EMIT loading(fraction, phase); });
}

void Document::rememberDataset() {
  if (!project_ || project_->isReadOnly()) return;
  ProjectItem item;
  item.kind = QStringLiteral("dataset");
  item.id = dataset_->id;
  item.name = dataset_->name;
  if (const auto before = project_->item(item.id)) item.body = before->body;
  item.body["path"] = dataset_->path.string();
  item.body["cells"] = dataset_->num_cells();
  item.body["genes"] = dataset_->genes.size();
  auto copy = std::make_shared<Dataset>(*dataset_);
  copy->id = project_->put(std::move(item));
  dataset_ = std::move(copy);
  project_->setValue(QStringLiteral("active-dataset"), dataset_->id);
}

void Document::setDataset(DatasetPtr dataset) {
  const bool other = !dataset_ || !dataset || dataset_->path != dataset->path;
  dataset_ = std::move(dataset);
  if (other) {
    values_.clear();
    search_ = GeneSearch(dataset_);
  }
  Q_EMIT datasetChanged();
}

void Document::addMap(CellMapPtr map) {
  if (!dataset_) return;
  auto copy = std::make_shared<Dataset>(*dataset_);
  std::erase_if(copy->maps, [&map](const CellMapPtr& present) { return present->key == map->key; });
  copy->maps.insert(copy->maps.begin(), std::move(map));
  setDataset(std::move(copy));
}

void Document::geneValues(std::int64_t gene_row, QObject* receiver,
                          std::function<void(Result<std::shared_ptr<const GeneValues>>)> done) {
  if (const auto kept = values_.find(gene_row); kept != values_.end()) return done(kept->second);
  background_.run<GeneValues>(
      Background::Lane::kFiles, receiver,
      [dataset = dataset_, gene_row](JobContext& context) { return read_gene(*dataset, gene_row, context); },
      [this, gene_row, dataset = dataset_, done = std::move(done)](Result<GeneValues> values) {
        if (!values) return done(values.error());
        auto shared = std::make_shared<const GeneValues>(std::move(values).value());
        if (dataset_ && dataset_->path == dataset->path) {
          if (values_.size() >= kKeptGenes) values_.erase(values_.begin());
          values_[gene_row] = shared;
        }
        done(std::move(shared));
      });
}

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
        item.body = {{"path", folder.string()}, {"description", *description}};
        const QString name = item.name;
        const QString id = project_ ? project_->put(std::move(item)) : name;
        models_.append(entry_of(id, name, folder, std::move(description).value()));
        Q_EMIT modelsChanged();
        setActiveModel(id);
      });
}

void Document::loadDemonstrationModel() {
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
      cells ? tr("Select %n cell(s)", nullptr, static_cast<int>(cells->count)) : tr("Select all cells"),
      [this, cells] { selection_.setCells(cells); }, [this, before] { selection_.setCells(before); });
}

void Document::selectGenes(GeneSelection genes) {
  const GeneSelection before = selection_.genes();
  perform(
      tr("Select %n gene(s)", nullptr, static_cast<int>(genes.ensemblIds.size())),
      [this, genes] { selection_.setGenes(genes); }, [this, before] { selection_.setGenes(before); });
}

void Document::chooseGroups(GroupChoice groups) {
  const GroupChoice before = selection_.groups();
  perform(
      tr("Choose groups"), [this, groups] { selection_.setGroups(groups); },
      [this, before] { selection_.setGroups(before); });
}

std::vector<std::uint8_t> Document::cellsOf(const Group& group) const {
  if (!dataset_) return {};
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(dataset_->num_cells()), 0);
  if (group.kind == Group::Kind::kColumnValue) {
    const Column* column = dataset_->cells.find(group.column.toStdString());
    if (!column) return {};
    const std::string value = group.value.toStdString();
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      mask[i] = !column->is_missing(row) && column->text(row) == value ? 1 : 0;
    }
    return mask;
  }
  if (!project_) return {};
  for (const ProjectItem& item : project_->items(QStringLiteral("selection"))) {
    if (item.name != group.value) continue;
    for (const auto& row : item.body["rows"]) {
      const auto i = row.get<std::size_t>();
      if (i < mask.size()) mask[i] = 1;
    }
    return mask;
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
      const Column categories = as_categorical(*labels);
      const auto it = std::find(categories.categories.begin(), categories.categories.end(), value.toStdString());
      group.color = category_color(static_cast<int>(it - categories.categories.begin()));
    }
  }
  return group;
}

QString Document::saveSelection(const QString& name) {
  if (!project_ || !selection_.cells()) return {};
  ProjectItem item;
  item.kind = QStringLiteral("selection");
  item.name = name;
  Json rows = Json::array();
  const auto& mask = selection_.cells()->mask;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i]) rows.push_back(i);
  }
  item.body = {{"dataset", dataset_->id.toStdString()}, {"rows", std::move(rows)}};
  return project_->put(std::move(item));
}

void Document::perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId) {
  undo_.push(new FunctionCommand(text, std::move(redo), std::move(undo), mergeId));
}

}  // namespace cw::ui
