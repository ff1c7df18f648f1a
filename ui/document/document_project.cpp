// SPDX-License-Identifier: GPL-3.0-or-later
// Document: the project, its items, and what is written down of a session.
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/document/project_backup.h"
#include "ui/document/session_state.h"

namespace cw::ui {
namespace {

ModelEntry entry_of(const ProjectItem& item) {
  ModelEntry entry;
  entry.id = item.id;
  entry.name = item.name;
  entry.path = file_link_from_json(item.body).path;
  entry.description = item.body.contains("description") ? item.body["description"] : Json::object();
  return entry;
}

}  // namespace

Result<> Document::openProject(const std::filesystem::path& folder) {
  keepSession();
  if (project_ && project_->folder() == folder) return {};
  CW_ASSIGN(auto project, ProjectStore::open(folder));
  loading_.cancel();
  genes_.stop();
  undo_.open(nullptr);
  columnStyles_.clear();
  dataset_.reset();
  values_.clear();
  valuesOrder_.clear();
  links_.clear();
  selection_.setCells(nullptr);
  selection_.setGenes({});
  forgetGroups();
  sessionTimer_.stop();
  project_ = std::move(project);
  connect(project_.get(), &ProjectStore::changed, this, [this] { changedSinceBackup_ = true; });
  connect(project_.get(), &ProjectStore::writeFailed, this, [this](const QString& why) {
    messages_.error({ErrorCode::kIo, "E-PRJ-005",
                     (project_->folder() / "project.sqlite").string() + ": the last change could not be kept (" +
                         why.toStdString() + "); check the free space and whether the folder is still there"});
  });
  readModels();
  undo_.open(project_.get());
  if (project_->isReadOnly()) {
    Message message;
    message.kind = Message::Kind::kWarning;
    message.id = QStringLiteral("W-PRJ-002");
    message.title = tr("Read only");
    message.text = project_->owner().isEmpty()
                       ? tr("This project cannot be written to. You can look at everything; changes are not kept.")
                       : tr("This project is open in another window (%1). You can look at everything here; changes are "
                            "not kept.")
                             .arg(project_->owner());
    messages_.post(message);
  }
  if (!project_->recoveryNote().isEmpty()) {
    Message message;
    message.kind = Message::Kind::kWarning;
    message.id = QStringLiteral("W-PRJ-003");
    message.title = tr("Recovered");
    message.text = project_->recoveryNote();
    messages_.post(message);
  }
  changedSinceBackup_ = true;
  backUp();
  Q_EMIT projectChanged();
  Q_EMIT modelsChanged();
  Q_EMIT activeModelChanged();
  Q_EMIT datasetChanged();
  checkLinks();
  background_.run<GeneSearch>(
      Background::Lane::kCompute, this, [](JobContext&) -> Result<GeneSearch> { return GeneSearch(DatasetPtr{}); },
      [this](Result<GeneSearch> search) {
        if (search && !dataset_) search_ = std::move(search).value();
      });
  showDataset(project_->value(QStringLiteral("active-dataset")));
  return {};
}

void Document::saveProjectAs(const std::filesystem::path& folder) {
  if (!project_) return;
  keepSession();
  background_.run<bool>(
      Background::Lane::kFiles, this,
      [from = project_->folder(), folder](JobContext& context) -> Result<bool> {
        CW_TRY(copy_project(from, folder, context));
        return true;
      },
      [this, folder](Result<bool> copied) {
        if (!copied) return messages_.error(copied.error());
        if (const auto opened = openProject(folder); !opened) return messages_.error(opened.error());
        messages_.toast(tr("Saved as %1").arg(QString::fromStdString(folder.filename().string())));
      });
}

void Document::backUp() {
  if (!project_ || project_->isReadOnly() || !changedSinceBackup_) return;
  changedSinceBackup_ = false;
  background_.run<bool>(
      Background::Lane::kFiles, this,
      [folder = project_->folder()](JobContext&) -> Result<bool> {
        CW_TRY(back_up_project(folder));
        return true;
      },
      [this](Result<bool> done) {
        if (!done) messages_.error(done.error());
      });
}

void Document::checkLinks() {
  struct One {
    QString id;
    FileLink link;
  };
  QList<One> all;
  for (const char* kind : {"dataset", "model"}) {
    for (const ProjectItem& item : project_->items(QLatin1String(kind))) {
      all.append({item.id, file_link_from_json(item.body)});
    }
  }
  background_.run<QHash<QString, LinkState>>(
      Background::Lane::kFiles, this,
      [all](JobContext&) -> Result<QHash<QString, LinkState>> {
        QHash<QString, LinkState> states;
        for (const One& one : all) {
          const LinkState state = check_link(one.link);
          states.insert(one.id, state == LinkState::kTouched ? LinkState::kSame : state);
        }
        return states;
      },
      [this](Result<QHash<QString, LinkState>> states) {
        if (!states) return;
        for (auto it = states->cbegin(); it != states->cend(); ++it) {
          if (!links_.contains(it.key())) links_.insert(it.key(), it.value());
        }
        Q_EMIT linksChanged();
      });
}

void Document::relink(const QString& id, const std::filesystem::path& path) {
  if (!project_) return;
  auto item = project_->item(id);
  if (!item) return;
  FileLink link = link_of(path);
  item->body.update(to_json(link));
  const bool isModel = item->kind == QLatin1String("model");
  project_->put(*item);
  links_[id] = LinkState::kSame;
  Q_EMIT linksChanged();
  if (isModel) {
    for (ModelEntry& model : models_) {
      if (model.id == id) model.path = path;
    }
    Q_EMIT modelsChanged();
    return;
  }
  dataset_.reset();  // even the same path may hold other cells now
  showDataset(id);
}

QString Document::addItem(ProjectItem item, const QString& undoText) {
  if (!project_ || project_->isReadOnly()) return {};
  const QString id = ProjectStore::newId();
  item.id = id;
  perform(
      undoText, [this, item] { project_->put(item); }, [this, id] { project_->remove(id); });
  return id;
}

void Document::renameItem(const QString& id, const QString& name) {
  const auto before = project_ ? project_->item(id) : std::nullopt;
  if (!before || name.trimmed().isEmpty() || before->name == name.trimmed()) return;
  const auto set = [this, id](const QString& text) {
    auto item = project_->item(id);
    if (!item) return;
    item->name = text;
    project_->put(*item);
    for (ModelEntry& model : models_) {
      if (model.id == id) model.name = text;
    }
    if (item->kind == QLatin1String("model")) Q_EMIT modelsChanged();
    if (dataset_ && dataset_->id == id) {
      auto copy = std::make_shared<Dataset>(*dataset_);
      copy->name = text;
      setDataset(std::move(copy));
    }
  };
  perform(
      tr("Rename to %1").arg(name.trimmed()), [set, name] { set(name.trimmed()); },
      [set, old = before->name] { set(old); });
}

void Document::removeItem(const QString& id) {
  const auto item = project_ ? project_->item(id) : std::nullopt;
  if (!item || project_->isReadOnly()) return;
  const bool isModel = item->kind == QLatin1String("model");
  perform(
      tr("Remove %1").arg(item->name),
      [this, id, isModel] {
        project_->remove(id);
        if (isModel) {
          models_.removeIf([&id](const ModelEntry& model) { return model.id == id; });
          if (!activeModel()) activeModel_ = QStringLiteral("demo");
          Q_EMIT modelsChanged();
          Q_EMIT activeModelChanged();
        }
        if (dataset_ && dataset_->id == id) {
          project_->setValue(QStringLiteral("active-dataset"), {});
          selection_.setCells(nullptr);
          forgetGroups();
          setDataset(nullptr);
        }
      },
      [this, item = *item, isModel] {
        project_->put(item);
        if (isModel) {
          models_.append(entry_of(item));
          Q_EMIT modelsChanged();
        }
      });
}

void Document::keepSession() {
  sessionTimer_.stop();
  if (!project_ || project_->isReadOnly()) return;
  if (!dataset_) return;
  project_->setValue(QStringLiteral("selection-of-") + dataset_->id,
                     QString::fromStdString(session_to_json(selection_).dump()));
}

void Document::restoreSession() {
  if (!project_ || !dataset_) return;
  const QString text = project_->value(QStringLiteral("selection-of-") + dataset_->id);
  if (!text.isEmpty()) session_from_json(Json::parse(text.toStdString(), nullptr, false), *dataset_, selection_);
}

void Document::readModels() {
  while (models_.size() > 1) models_.removeLast();
  for (const ProjectItem& item : project_->items(QStringLiteral("model"))) models_.append(entry_of(item));
  activeModel_ = project_->value(QStringLiteral("active-model"));
  if (!activeModel()) activeModel_ = QStringLiteral("demo");
}

Json Document::sessionNow() const {
  Json session = session_to_json(selection_);
  session["dataset"] = dataset_ ? dataset_->id.toStdString() : std::string();
  return session;
}

// What was read from the project before is read again; what was selected then is selected.
void Document::restoreStep(const Json& session) {
  readModels();
  Q_EMIT modelsChanged();
  Q_EMIT activeModelChanged();
  const QStringList columns = columnStyles_.keys();
  columnStyles_.clear();
  for (const QString& column : columns) Q_EMIT columnStyleChanged(column);
  const QString active = project_->value(QStringLiteral("active-dataset"));
  if (dataset_ && !project_->item(dataset_->id)) setDataset(nullptr);
  if (!dataset_) showDataset(active);
  if (dataset_ && session.is_object() && session.value("dataset", Json()) == dataset_->id.toStdString()) {
    session_from_json(session, *dataset_, selection_);
  }
  Q_EMIT itemsRestored();
}

}  // namespace cw::ui
