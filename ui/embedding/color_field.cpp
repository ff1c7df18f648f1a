// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/color_field.h"

#include "ui/theme/numbers.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <unordered_set>

namespace cw::ui {
namespace {

constexpr std::size_t kMostCategories = 256;
constexpr std::size_t kMostNumberedCategories = 24;
constexpr std::uint32_t kSeed = 42;

std::vector<std::uint32_t> shuffled(std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937 random(kSeed);  // its sequence is fixed by the standard, that of std::shuffle is not
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

// by value in 4,096 steps, missing ones first; within a step as shuffled
std::vector<std::uint32_t> rising(const std::vector<float>& values, float low, float high) {
  constexpr std::size_t kSteps = 4096;
  const auto step = [&](float value) -> std::size_t {
    if (!std::isfinite(value)) return 0;
    const float share = high > low ? std::clamp((value - low) / (high - low), 0.0F, 1.0F) : 0.0F;
    return 1 + static_cast<std::size_t>(share * (kSteps - 1));
  };
  std::vector<std::uint32_t> starts(kSteps + 2, 0);
  for (const float value : values) ++starts[step(value) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<std::uint32_t> order(values.size());
  for (const std::uint32_t cell : shuffled(values.size())) order[starts[step(values[cell])]++] = cell;
  return order;
}

template <class Value>
std::size_t distinct_up_to(const std::vector<Value>& values, std::size_t most) {
  std::unordered_set<Value> seen;
  for (const Value& value : values) {
    seen.insert(value);
    if (seen.size() > most) break;
  }
  return seen.size();
}

ColorFieldPtr numbers_field(QString title, std::vector<float> values, bool fromZero) {
  auto field = std::make_shared<ColorField>();
  field->title = std::move(title);
  field->zeroIsNone = fromZero;
  std::vector<float> known;
  known.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(known), [](float v) { return std::isfinite(v); });
  field->missing = static_cast<std::int64_t>(values.size() - known.size());
  if (!known.empty()) {
    const auto [low, high] = std::minmax_element(known.begin(), known.end());
    const float largest = *high;
    field->lowest = fromZero ? std::min(0.0F, *low) : *low;
    field->highest = largest;
    field->low = field->lowest;
    field->high = largest;
    if (fromZero) {
      const auto at = known.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(known.size() - 1) * 0.99);
      std::nth_element(known.begin(), at, known.end());
      field->high = *at > 0.0F ? *at : largest;
    }
    field->order = rising(values, field->low, largest);
  } else {
    field->order = shuffled(values.size());
  }
  field->values = std::move(values);
  return field;
}

ColorFieldPtr categories_field(const Column& column) {
  const Column labels = as_categorical(column);
  auto field = std::make_shared<ColorField>();
  field->title = column_words(QString::fromStdString(column.name));
  field->categorical = true;
  // categories that no cell has are left out: files that were cut down keep them
  std::vector<std::int64_t> counts(labels.categories.size(), 0);
  for (const std::int32_t code : labels.codes) {
    if (code < 0) {
      ++field->missing;
    } else {
      ++counts[static_cast<std::size_t>(code)];
    }
  }
  std::vector<std::int32_t> renumbered(counts.size(), -1);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    renumbered[i] = static_cast<std::int32_t>(field->categories.size());
    field->categories.append(QString::fromStdString(labels.categories[i]));
    field->places.push_back(static_cast<int>(i));
    field->counts.push_back(counts[i]);
  }
  field->codes.reserve(labels.codes.size());
  for (const std::int32_t code : labels.codes) {
    field->codes.push_back(code < 0 ? -1 : renumbered[static_cast<std::size_t>(code)]);
  }
  field->order = shuffled(field->codes.size());
  if (field->missing > 0) {  // they must not cover those that are known
    std::stable_partition(field->order.begin(), field->order.end(),
                          [&field](std::uint32_t cell) { return field->codes[cell] < 0; });
  }
  return field;
}

std::vector<float> numbers_of(const Column& column) {
  std::vector<float> values(static_cast<std::size_t>(column.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool missing = column.is_missing(static_cast<std::int64_t>(i));
    const double value = column.kind == ColumnKind::kReal ? column.reals[i] : static_cast<double>(column.integers[i]);
    values[i] = missing ? std::nanf("") : static_cast<float>(value);
  }
  return values;
}

ColumnUse use_of(const Column& column) {
  ColumnUse use;
  use.name = QString::fromStdString(column.name);
  const auto categories = [&use](std::size_t count, std::size_t most, ColumnUse::Kind otherwise) {
    use.kind = count <= most ? ColumnUse::Kind::kCategories : otherwise;
    use.numCategories = static_cast<int>(count);
  };
  switch (column.kind) {
    case ColumnKind::kCategorical:
      categories(column.categories.size(), kMostCategories, ColumnUse::Kind::kText);
      break;
    case ColumnKind::kString:
      categories(distinct_up_to(column.strings, kMostCategories), kMostCategories, ColumnUse::Kind::kText);
      break;
    case ColumnKind::kInteger:
      categories(distinct_up_to(column.integers, kMostNumberedCategories), kMostNumberedCategories,
                 ColumnUse::Kind::kNumbers);
      break;
    case ColumnKind::kBoolean:
      categories(2, 2, ColumnUse::Kind::kText);
      break;
    case ColumnKind::kReal:
      use.kind = ColumnUse::Kind::kNumbers;
      break;
  }
  return use;
}

}  // namespace

QString ColorField::text(std::int64_t cell) const {
  const auto i = static_cast<std::size_t>(cell);
  if (categorical) return codes[i] < 0 ? QString() : categories[codes[i]];
  if (values.empty() || !std::isfinite(values[i])) return {};
  return number_text(static_cast<double>(values[i]));
}

QList<ColumnUse> column_uses(const Table& cells) {
  QList<ColumnUse> uses;
  for (const Column& column : cells.columns) {
    uses.append(use_of(column));
    uses.last().mostlyKnown = 2 * column.num_missing() <= column.size();
  }
  return uses;
}

QString best_column(const QList<ColumnUse>& uses) {
  static const QStringList kWanted{
      QStringLiteral("cell_type"),  QStringLiteral("celltype"),  QStringLiteral("cell type"),
      QStringLiteral("annotation"), QStringLiteral("cluster"),   QStringLiteral("leiden"),
      QStringLiteral("louvain"),    QStringLiteral("condition"), QStringLiteral("disease")};
  for (const QString& word : kWanted) {
    for (const ColumnUse& use : uses) {
      if (!use.mostlyKnown || use.kind != ColumnUse::Kind::kCategories) continue;
      if (use.name.contains(word, Qt::CaseInsensitive)) return use.name;
    }
  }
  for (const ColumnUse& use : uses) {
    if (use.kind == ColumnUse::Kind::kCategories && use.numCategories > 1) return use.name;
  }
  return {};
}

ColorFieldPtr plain_field(std::int64_t num_cells) {
  auto field = std::make_shared<ColorField>();
  field->order = shuffled(static_cast<std::size_t>(num_cells));
  return field;
}

ColorFieldPtr field_of_column(const Column& column, ColumnUse::Kind kind) {
  if (kind == ColumnUse::Kind::kNumbers) {
    return numbers_field(column_words(QString::fromStdString(column.name)), numbers_of(column), false);
  }
  return categories_field(column);
}

ColorFieldPtr field_of_numbers(const QString& title, std::vector<float> values) {
  return numbers_field(title, std::move(values), false);
}

ColorFieldPtr field_of_genes(const QString& title, std::vector<std::span<const float>> genes) {
  if (genes.empty()) return nullptr;
  std::vector<float> mean(genes.front().begin(), genes.front().end());
  for (std::size_t g = 1; g < genes.size(); ++g) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += genes[g][i];
  }
  const auto share = 1.0F / static_cast<float>(genes.size());
  for (float& value : mean) value *= share;
  return numbers_field(title, std::move(mean), true);
}

QString column_words(const QString& column) {
  QString words = column;
  return words.replace(QLatin1Char('_'), QLatin1Char(' '));
}

}  // namespace cw::ui
