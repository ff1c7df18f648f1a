// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/kept_markers.h"

#include "core/base/sha256.h"
#include "ui/document/cell_rows.h"
#include "ui/document/counts_source.h"

#include <QDataStream>
#include <QIODevice>

namespace cw::ui {
namespace {

constexpr quint32 kLayout = 1;

std::string text_in(const Json& body, const char* key) {
  return body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : std::string();
}

std::int64_t number_in(const Json& body, const char* key) {
  return body.contains(key) && body[key].is_number() ? body[key].get<std::int64_t>() : 0;
}

bool flag_in(const Json& body, const char* key) {
  return body.contains(key) && body[key].is_boolean() && body[key].get<bool>();
}

void set_up(QDataStream& stream) {
  stream.setVersion(QDataStream::Qt_6_0);
  stream.setByteOrder(QDataStream::LittleEndian);
}

// The fields of every gene, one field after the other: alike numbers side by side compress better.
template <class Each>
void each_field(Each each) {
  for (double MarkerStatistics::*field :
       {&MarkerStatistics::auc, &MarkerStatistics::cohens_d, &MarkerStatistics::log2fc, &MarkerStatistics::detected_in,
        &MarkerStatistics::detected_out, &MarkerStatistics::z, &MarkerStatistics::p}) {
    each(field);
  }
}

}  // namespace

MarkerOrigin marker_origin(const Dataset& dataset, const std::vector<std::uint8_t>& inside, const Column* donors) {
  MarkerOrigin origin;
  origin.dataset = dataset.id.toStdString();
  origin.counts = counts_source(dataset);
  origin.cells = sha256(pack_rows(inside).toStdString());
  if (donors) {
    Sha256 sum;
    const Column categories = as_categorical(*donors);
    for (const std::string& one : categories.categories) {
      sum.update(one);
      sum.update(std::string_view("\n"));
    }
    sum.update(categories.codes.data(), categories.codes.size() * sizeof(categories.codes[0]));
    origin.donors = sum.finish();
  }
  return origin;
}

ProjectItem keep_markers(const MarkerList& markers, const MarkerOrigin& origin, const QString& name) {
  ProjectItem item;
  item.kind = QLatin1String(kMarkersKind);
  item.name = name;
  item.body = {{"dataset", origin.dataset},      {"counts", origin.counts},
               {"cells", origin.cells},          {"donors", origin.donors},
               {"inside", markers.cells_inside}, {"outside", markers.cells_outside},
               {"num_donors", markers.donors},   {"by_donors", markers.by_donors},
               {"sampled", markers.sampled},     {"open", true}};
  QByteArray bytes;
  QDataStream stream(&bytes, QIODevice::WriteOnly);
  set_up(stream);
  stream << kLayout << static_cast<quint32>(markers.genes.size());
  for (const std::int64_t gene : markers.genes) stream << static_cast<quint32>(gene);
  each_field([&](double MarkerStatistics::*field) {
    for (const MarkerStatistics& one : markers.statistics) stream << one.*field;
  });
  for (const double fdr : markers.fdr) stream << fdr;
  item.rows = qCompress(bytes);
  return item;
}

MarkerOrigin origin_of_markers(const ProjectItem& item) {
  return {text_in(item.body, "dataset"), text_in(item.body, "counts"), text_in(item.body, "cells"),
          text_in(item.body, "donors")};
}

Result<MarkerListPtr> read_kept_markers(const ProjectItem& item, std::int64_t num_genes) {
  const Error damaged{
      ErrorCode::kParse, "E-UI-304",
      "the markers of " + item.name.toStdString() + " that the project keeps cannot be read; find them again"};
  const QByteArray bytes = qUncompress(item.rows);
  QDataStream stream(bytes);
  set_up(stream);
  quint32 layout = 0;
  quint32 count = 0;
  stream >> layout >> count;
  if (stream.status() != QDataStream::Ok || layout != kLayout || count > num_genes) return damaged;
  auto list = std::make_shared<MarkerList>();
  for (quint32 i = 0; i < count; ++i) {
    quint32 gene = 0;
    stream >> gene;
    if (gene >= num_genes) return damaged;
    list->genes.push_back(gene);
  }
  list->statistics.resize(count);
  each_field([&](double MarkerStatistics::*field) {
    for (MarkerStatistics& one : list->statistics) stream >> one.*field;
  });
  list->fdr.resize(count);
  for (double& fdr : list->fdr) stream >> fdr;
  if (stream.status() != QDataStream::Ok || !stream.atEnd()) return damaged;
  list->cells_inside = number_in(item.body, "inside");
  list->cells_outside = number_in(item.body, "outside");
  list->donors = number_in(item.body, "num_donors");
  list->by_donors = flag_in(item.body, "by_donors");
  list->sampled = flag_in(item.body, "sampled");
  return MarkerListPtr(std::move(list));
}

}  // namespace cw::ui
