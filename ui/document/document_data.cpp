// SPDX-License-Identifier: GPL-3.0-or-later
// Document: the data set in view.
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/document/file_checksum.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{128} << 20U;  // of gene values in memory

LoadOptions load_options(const Json& body) {
  LoadOptions options;
  if (!body.contains("load") || !body["load"].is_object()) return options;
  const auto take = [&load = body["load"]](const char* key, std::string& value) {
    if (load.contains(key) && load[key].is_string()) value = load[key].get<std::string>();
  };
  take("counts", options.counts);
  take("gene_ids", options.gene_ids);
  take("species", options.species);
  return options;
}

std::size_t bytes_of(const GeneValues& values) {
  return (values.counts.size() + values.normalised.size()) * sizeof(float);
}

}  // namespace

std::optional<ProjectItem> Document::itemOfPath(const std::filesystem::path& path) const {
  if (!project_) return std::nullopt;
  for (ProjectItem& item : project_->items(QStringLiteral("dataset"))) {
    if (file_link_from_json(item.body).path == path) return std::move(item);
  }
  return std::nullopt;
}

void Document::openDataset(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(path, ignored).lexically_normal();
  const auto known = itemOfPath(absolute);
  openDataset(absolute, known ? load_options(known->body) : LoadOptions{});
}

void Document::openDataset(const std::filesystem::path& path, const LoadOptions& options) {
  loading_.cancel();
  Q_EMIT loading(0.0, tr("Opening %1").arg(QString::fromStdString(path.filename().string())));
  loading_ = background_.run<Loaded>(
      Background::Lane::kFiles, this,
      [path, options](JobContext& context) -> Result<Loaded> {
        CW_ASSIGN(auto dataset, load_dataset(path, options, context));
        GeneSearch search(dataset);
        return Loaded{std::move(dataset), std::move(search)};
      },
      [this, path, options](Result<Loaded> loaded) {
        Q_EMIT loading(1.0, {});
        if (loaded) return take(std::move(loaded).value(), options);
        const auto known = itemOfPath(path);
        if (!known) return messages_.error(loaded.error());
        links_[known->id] = check_link(file_link_from_json(known->body));
        Q_EMIT linksChanged();
        messages_.error(loaded.error(), tr("Find the file…"), [this, id = known->id] { Q_EMIT relinkRequested(id); });
      },
      [this](double fraction, const QString& phase) { Q_EMIT loading(std::min(fraction, 0.99), phase); });
}

void Document::take(Loaded loaded, const LoadOptions& options) {
  auto copy = std::make_shared<Dataset>(*loaded.dataset);
  const auto known = itemOfPath(copy->path);
  if (known) copy->id = known->id;
  selection_.setCells(nullptr);
  forgetGroups();
  dataset_ = std::move(copy);
  values_.clear();
  valuesOrder_.clear();
  search_ = std::move(loaded.search);
  rememberDataset(options);
  startGeneAccess();
  Q_EMIT datasetChanged();
  restoreSession();
  if (known) return checkDatasetContent(file_link_from_json(known->body));
  Q_EMIT datasetAdded();
  file_checksum(background_, this, dataset_->path, [this, id = dataset_->id](Result<std::string> sum) {
    if (sum && dataset_ && dataset_->id == id) setDatasetField("sha256", *sum);
  });
}

void Document::showDataset(const QString& id) {
  if (!project_ || (dataset_ && dataset_->id == id)) return;
  const auto item = project_->item(id);
  if (!item) return;
  const FileLink link = file_link_from_json(item->body);
  links_[id] = check_link(link);
  Q_EMIT linksChanged();
  if (links_[id] == LinkState::kMissing) {
    return messages_.error(
        {ErrorCode::kNotFound, "E-PRJ-004",
         link.path.string() + " is not where it was; say where it is now, or remove it from the project"},
        tr("Find the file…"), [this, id] { Q_EMIT relinkRequested(id); });
  }
  openDataset(link.path, load_options(item->body));
}

void Document::rememberDataset(const LoadOptions& options) {
  if (!project_ || project_->isReadOnly()) return;
  ProjectItem item;
  item.kind = QStringLiteral("dataset");
  item.id = dataset_->id;
  item.name = dataset_->name;
  const auto before = project_->item(item.id);
  if (before) {
    item.body = before->body;
    item.name = before->name;
  }
  if (!before || file_link_from_json(before->body).bytes < 0) item.body.update(to_json(link_of(dataset_->path)));
  item.body["cells"] = dataset_->num_cells();
  item.body["genes"] = dataset_->genes.size();
  item.body["counts"] = dataset_->counts_where;
  item.body["load"] = {{"counts", options.counts}, {"gene_ids", options.gene_ids}, {"species", options.species}};
  Json maps = Json::array();
  for (const CellMapPtr& map : dataset_->maps) maps.push_back(map->name.toStdString());
  item.body["maps"] = std::move(maps);
  auto copy = std::make_shared<Dataset>(*dataset_);
  copy->name = item.name;
  copy->id = project_->put(std::move(item));
  dataset_ = std::move(copy);
  project_->setValue(QStringLiteral("active-dataset"), dataset_->id);
}

Json Document::datasetRecord() const {
  if (!project_ || !dataset_) return Json::object();
  const auto item = project_->item(dataset_->id);
  return item ? item->body : Json::object();
}

void Document::setDatasetField(const std::string& field, Json value) {
  if (!project_ || !dataset_ || project_->isReadOnly()) return;
  auto item = project_->item(dataset_->id);
  if (!item) return;
  item->body[field] = std::move(value);
  project_->put(std::move(*item));
}

void Document::checkDatasetContent(const FileLink& before) {
  const LinkState state = check_link(before);
  links_[dataset_->id] = state == LinkState::kTouched ? LinkState::kSame : state;
  Q_EMIT linksChanged();
  const auto warn = [this, id = dataset_->id] {
    links_[id] = LinkState::kChanged;
    Q_EMIT linksChanged();
    Message message;
    message.kind = Message::Kind::kWarning;
    message.id = QStringLiteral("W-PRJ-001");
    message.title = tr("File changed");
    message.text = tr("%1 is not the file that this project was made with: results and selections kept here may not "
                      "fit it any more.")
                       .arg(dataset_->name);
    message.fixText = tr("Use it as it is");
    message.fix = [this, id] {
      const auto item = project_ ? project_->item(id) : std::nullopt;
      if (item) relink(id, file_link_from_json(item->body).path);
    };
    messages_.post(message);
  };
  if (state == LinkState::kChanged) return warn();
  if (state != LinkState::kTouched || before.sha256.empty()) return;
  file_checksum(background_, this, before.path, [this, before, id = dataset_->id, warn](Result<std::string> sum) {
    if (!sum || !dataset_ || dataset_->id != id) return;
    if (*sum != before.sha256) return warn();
    setDatasetField("modified", link_of(before.path).modified);
  });
}

void Document::setDataset(DatasetPtr dataset) {
  const bool other = !dataset_ || !dataset || dataset_->path != dataset->path;
  dataset_ = std::move(dataset);
  if (other) {
    values_.clear();
    valuesOrder_.clear();
    search_ = GeneSearch(dataset_);
    startGeneAccess();
  }
  Q_EMIT datasetChanged();
}

void Document::startGeneAccess() {
  genes_.stop();
  if (!project_ || !dataset_ || dataset_->id.isEmpty()) return;
  genes_.start(dataset_, project_->folder() / "cache" / (dataset_->id.toStdString() + ".genes"),
               project_->isReadOnly());
}

void Document::addMap(CellMapPtr map) {
  if (!dataset_) return;
  auto copy = std::make_shared<Dataset>(*dataset_);
  std::erase_if(copy->maps, [&map](const CellMapPtr& present) { return present->key == map->key; });
  copy->maps.insert(copy->maps.begin(), std::move(map));
  setDataset(std::move(copy));
}

void Document::keepValues(std::int64_t gene_row, std::shared_ptr<const GeneValues> values) {
  std::size_t bytes = bytes_of(*values);
  for (const auto& [row, one] : values_) bytes += bytes_of(*one);
  while (bytes > kKeptBytes && !valuesOrder_.isEmpty()) {
    const auto oldest = values_.find(valuesOrder_.takeFirst());
    if (oldest == values_.end()) continue;
    bytes -= bytes_of(*oldest->second);
    values_.erase(oldest);
  }
  valuesOrder_.append(gene_row);
  values_[gene_row] = std::move(values);
}

void Document::geneValues(std::int64_t gene_row, QObject* receiver,
                          std::function<void(Result<std::shared_ptr<const GeneValues>>)> done) {
  if (const auto kept = values_.find(gene_row); kept != values_.end()) return done(kept->second);
  const auto finish = [this, gene_row, dataset = dataset_, done = std::move(done)](Result<GeneValues> values) {
    if (!values) return done(values.error());
    auto shared = std::make_shared<const GeneValues>(std::move(values).value());
    if (dataset_ && dataset_->path == dataset->path && !values_.contains(gene_row)) keepValues(gene_row, shared);
    done(std::move(shared));
  };
  if (const auto index = genes_.index()) {  // a mapped file: no need to wait for what reads HDF5
    background_.run<GeneValues>(
        Background::Lane::kCompute, receiver,
        [index, gene_row](JobContext&) -> Result<GeneValues> {
          CW_ASSIGN(auto counts, index->counts(gene_row));
          return gene_values(std::move(counts), index->sums().totals);
        },
        finish);
    return;
  }
  background_.run<GeneValues>(
      Background::Lane::kFiles, receiver,
      [dataset = dataset_, gene_row](JobContext& context) { return read_gene(*dataset, gene_row, context); }, finish);
}

}  // namespace cw::ui
