// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/gene_lists.h"

#include "core/base/files.h"
#include "ui/common/drag_data.h"

#include <QSet>

namespace cw::ui {
namespace {

constexpr int kMostLists = 300;
constexpr std::uintmax_t kMostBytes = std::uintmax_t{20} << 20U;

const Json* ids_of(const Json& body) {
  for (const char* key : {"genes", "ids"}) {
    if (body.is_object() && body.contains(key) && body[key].is_array()) return &body[key];
  }
  return nullptr;
}

}  // namespace

GeneList genes_in_text(const GeneSearch& search, const QString& name, const QString& text) {
  GeneList list;
  list.name = name;
  QSet<QString> seen;
  for (const QString& word : gene_words(text)) {
    const auto hit = search.resolve(word);
    if (!hit) {
      list.unknown << word;
      continue;
    }
    const QString id = QString::fromStdString(hit->ensembl_id);
    if (seen.contains(id)) continue;
    seen.insert(id);
    list.ensemblIds << id;
    list.symbols << QString::fromStdString(hit->symbol);
  }
  return list;
}

bool is_gene_list_name(const QString& path) {
  for (const char* ending : {".gmt", ".txt", ".grp"}) {
    if (path.endsWith(QLatin1String(ending), Qt::CaseInsensitive)) return true;
  }
  return false;
}

Result<QList<GeneList>> read_gene_lists(const std::filesystem::path& path, JobContext& context) {
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) > kMostBytes && !ignored) {
    return Error{ErrorCode::kUnsupported, "E-UI-215",
                 path.string() + " is over 20 MB: that is no list of genes; choose a smaller file"};
  }
  CW_ASSIGN(const std::string content, read_file(path));
  const QString text = QString::fromUtf8(content.data(), static_cast<qsizetype>(content.size()));
  const GeneSearch search(DatasetPtr{});
  QList<GeneList> lists;
  const QString fileName = QString::fromStdString(path.stem().string());
  if (!QString::fromStdString(path.extension().string()).compare(QLatin1String(".gmt"), Qt::CaseInsensitive)) {
    const QStringList lines = text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (lines.size() > kMostLists) {
      return Error{ErrorCode::kUnsupported, "E-UI-215",
                   path.string() + " holds " + std::to_string(lines.size()) +
                       " lists, more than a project shows (300); keep the lines of the lists that you need"};
    }
    for (const QString& line : lines) {
      if (context.cancelled()) return cancelled_error("reading gene lists");
      // a line: name, description, genes
      const QStringList fields = line.trimmed().split(QLatin1Char('\t'));
      if (fields.size() < 3) continue;
      GeneList list = genes_in_text(search, fields[0], fields.mid(2).join(QLatin1Char('\n')));
      if (!list.ensemblIds.isEmpty()) lists.append(std::move(list));
    }
  } else {
    GeneList list = genes_in_text(search, fileName, text);
    if (!list.ensemblIds.isEmpty()) lists.append(std::move(list));
  }
  if (lists.isEmpty()) {
    return Error{ErrorCode::kParse, "E-UI-214",
                 path.string() + ": no known human gene was found in it; it should hold symbols or Ensembl ids"};
  }
  return lists;
}

Json gene_list_body(const GeneList& list) {
  Json genes = Json::array();
  Json symbols = Json::array();
  for (const QString& id : list.ensemblIds) genes.push_back(id.toStdString());
  for (const QString& symbol : list.symbols) symbols.push_back(symbol.toStdString());
  return {{"genes", std::move(genes)}, {"symbols", std::move(symbols)}};
}

GeneList gene_list_of(const QString& name, const Json& body, const GeneSearch& search) {
  GeneList list;
  list.name = name;
  const Json* ids = ids_of(body);
  if (!ids) return list;
  const Json* symbols = body.contains("symbols") && body["symbols"].is_array() ? &body["symbols"] : nullptr;
  for (std::size_t i = 0; i < ids->size(); ++i) {
    if (!(*ids)[i].is_string()) continue;
    const QString id = QString::fromStdString((*ids)[i].get<std::string>());
    list.ensemblIds << id;
    if (symbols && i < symbols->size() && (*symbols)[i].is_string()) {
      list.symbols << QString::fromStdString((*symbols)[i].get<std::string>());
    } else {
      const auto hit = search.resolve(id);
      list.symbols << (hit ? QString::fromStdString(hit->symbol) : id);
    }
  }
  return list;
}

qsizetype gene_list_size(const Json& body) {
  const Json* ids = ids_of(body);
  return ids ? static_cast<qsizetype>(ids->size()) : 0;
}

}  // namespace cw::ui
