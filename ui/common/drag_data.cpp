// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/drag_data.h"

#include <QDrag>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <QPainter>
#include <QRegularExpression>
#include <QSet>
#include <QWidget>

namespace cw::ui {

std::unique_ptr<QMimeData> mime_of(const GeneDrag& genes) {
  auto data = std::make_unique<QMimeData>();
  const QJsonObject body{{QStringLiteral("ids"), QJsonArray::fromStringList(genes.ensemblIds)},
                         {QStringLiteral("symbols"), QJsonArray::fromStringList(genes.symbols)},
                         {QStringLiteral("origin"), genes.origin},
                         {QStringLiteral("all"), genes.allDetected}};
  data->setData(QLatin1String(kGenesMime), QJsonDocument(body).toJson(QJsonDocument::Compact));
  data->setText(genes.symbols.join(QLatin1Char('\n')));
  return data;
}

std::unique_ptr<QMimeData> mime_of(const Group& group) {
  auto data = std::make_unique<QMimeData>();
  const QJsonObject body{{QStringLiteral("selection"), group.kind == Group::Kind::kSelection},
                         {QStringLiteral("column"), group.column},
                         {QStringLiteral("value"), group.value},
                         {QStringLiteral("color"), group.color.name()},
                         {QStringLiteral("count"), double(group.count)}};
  data->setData(QLatin1String(kGroupMime), QJsonDocument(body).toJson(QJsonDocument::Compact));
  data->setText(group.label());
  return data;
}

std::optional<GeneDrag> genes_of(const QMimeData& data) {
  if (!data.hasFormat(QLatin1String(kGenesMime))) return std::nullopt;
  const QJsonObject body = QJsonDocument::fromJson(data.data(QLatin1String(kGenesMime))).object();
  GeneDrag genes;
  for (const auto& id : body[QLatin1String("ids")].toArray()) genes.ensemblIds << id.toString();
  for (const auto& symbol : body[QLatin1String("symbols")].toArray()) genes.symbols << symbol.toString();
  genes.origin = body[QLatin1String("origin")].toString();
  genes.allDetected = body[QLatin1String("all")].toBool();
  if (genes.symbols.size() != genes.ensemblIds.size()) return std::nullopt;
  return genes;
}

std::optional<Group> group_of(const QMimeData& data) {
  if (!data.hasFormat(QLatin1String(kGroupMime))) return std::nullopt;
  const QJsonObject body = QJsonDocument::fromJson(data.data(QLatin1String(kGroupMime))).object();
  Group group;
  group.kind = body[QLatin1String("selection")].toBool() ? Group::Kind::kSelection : Group::Kind::kColumnValue;
  group.column = body[QLatin1String("column")].toString();
  group.value = body[QLatin1String("value")].toString();
  group.color = QColor(body[QLatin1String("color")].toString());
  group.count = static_cast<std::int64_t>(body[QLatin1String("count")].toDouble());
  if (group.value.isEmpty()) return std::nullopt;
  return group;
}

QStringList gene_words(const QString& text) {
  constexpr qsizetype kMost = 20'000;
  static const QRegularExpression between(QStringLiteral("[\\s,;]+"));
  static const QRegularExpression quotes(QStringLiteral("^[\"'`]+|[\"'`]+$"));
  QStringList words;
  QSet<QString> seen;
  for (QString word : text.split(between, Qt::SkipEmptyParts)) {
    word.remove(quotes);
    if (word.isEmpty() || seen.contains(word)) continue;
    seen.insert(word);
    words << word;
    if (words.size() == kMost) break;
  }
  return words;
}

Qt::DropAction start_drag(QWidget* source, std::unique_ptr<QMimeData> data, const QString& ghost) {
  const QPalette palette = source->palette();
  const QFontMetrics metrics(source->font());
  const qreal scale = source->devicePixelRatioF();
  const QSize size(metrics.horizontalAdvance(ghost) + 24, metrics.height() + 10);
  QPixmap image(size * scale);
  image.setDevicePixelRatio(scale);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(palette.color(QPalette::Highlight), 1.5));
  painter.setBrush(palette.color(QPalette::Base));
  painter.drawRoundedRect(QRectF(1, 1, size.width() - 2, size.height() - 2), 11, 11);
  painter.setPen(palette.color(QPalette::Text));
  painter.drawText(QRect(QPoint(0, 0), size), Qt::AlignCenter, ghost);
  painter.end();

  auto* drag = new QDrag(source);  // Qt deletes it when the drag ends
  drag->setMimeData(data.release());
  drag->setPixmap(image);
  drag->setHotSpot(QPoint(-8, size.height() / 2));
  return drag->exec(Qt::CopyAction);
}

}  // namespace cw::ui
