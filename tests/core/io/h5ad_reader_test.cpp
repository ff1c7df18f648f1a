// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_reader.h"

#include "core/base/sha256.h"
#include "tests/core/io/ingest_facts.h"

#include <cmath>
#include <set>

namespace cw::test {
namespace {

std::string where_of(std::string key) {
  if (key == "raw.X" || key == "raw/X") return "raw";
  if (key.starts_with("layers/")) return "layer:" + key.substr(7);
  return key;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : "\n") + name;
  return text;
}

std::string kind_name(const std::string& kind) {
  if (kind.starts_with("categorical")) return "categorical";
  if (kind == "float") return "real";
  if (kind == "nullable-integer") return "integer";
  if (kind == "bool" || kind == "nullable-boolean") return "boolean";
  if (kind == "nullable-string-array") return "string";
  return kind;
}

void expect_value(const Column& column, std::int64_t row, const Json& wanted) {
  const std::string context = column.name + ", row " + std::to_string(row);
  if (wanted.is_null()) {
    EXPECT_TRUE(column.is_missing(row)) << context;
  } else if (wanted.is_boolean()) {
    EXPECT_EQ(column.text(row), wanted.get<bool>() ? "True" : "False") << context;
  } else if (wanted.is_string()) {
    EXPECT_EQ(column.text(row), wanted.get<std::string>()) << context;
  } else if (column.kind == ColumnKind::kReal) {
    EXPECT_DOUBLE_EQ(column.reals[static_cast<std::size_t>(row)], wanted.get<double>()) << context;
  } else {
    EXPECT_EQ(column.text(row), std::to_string(wanted.get<std::int64_t>())) << context;
  }
}

void expect_column(const Column& column, const Json& facts) {
  EXPECT_EQ(name_of(column.kind), kind_name(facts["kind"])) << column.name;
  std::int64_t row = 0;
  for (const auto& wanted : facts["first"]) expect_value(column, row++, wanted);
  if (facts.contains("n_missing")) {
    EXPECT_EQ(column.num_missing(), facts["n_missing"]) << column.name;
  }
  if (facts.contains("n_nan")) {
    EXPECT_EQ(column.num_missing(), facts["n_nan"]) << column.name;
  }
  if (facts.contains("n_categories")) {
    EXPECT_EQ(column.categories.size(), facts["n_categories"]) << column.name;
    std::size_t i = 0;  // the facts list the first ones only
    for (const auto& category : facts["categories"]) {
      const std::string text = category.is_string() ? category.get<std::string>() : category.dump();
      EXPECT_EQ(column.categories.at(i++), text) << column.name;
    }
  }
  if (facts.contains("ordered")) {
    EXPECT_EQ(column.ordered, facts["ordered"]) << column.name;
  }
  if (facts.contains("sum")) {
    std::int64_t sum = 0;
    for (const auto value : column.integers) sum += value;
    EXPECT_EQ(sum, facts["sum"]) << column.name;
  }
  if (facts.contains("n_true")) {
    EXPECT_EQ(std::count(column.booleans.begin(), column.booleans.end(), 1), facts["n_true"]) << column.name;
  }
}

void expect_names(const std::vector<std::string>& names, const Json& facts) {
  EXPECT_EQ(names.size(), facts["n"]);
  EXPECT_EQ(sha256(joined(names)), facts["names_sha256"]);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size() == names.size(), facts["names_unique"]);
}

class H5adFiles : public testing::TestWithParam<IngestCase> {
 protected:
  const Json& facts() const { return GetParam().facts; }
  std::unique_ptr<DatasetReader> open() const {
    auto reader = core_registry().open_dataset(GetParam().path);
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().message);
    return reader.ok() ? std::move(reader).value() : nullptr;
  }
};

class RefusedFiles : public testing::TestWithParam<IngestCase> {};

TEST_P(RefusedFiles, SayWhatIsWrong) {
  const auto reader = core_registry().open_dataset(GetParam().path);
  ASSERT_FALSE(reader.ok());
  EXPECT_FALSE(reader.error().id.empty());
  EXPECT_NE(reader.error().message.find(GetParam().path.filename().string()), std::string::npos);
  EXPECT_EQ(exit_code(reader.error().code), 3) << reader.error().message;
}

TEST_P(H5adFiles, HaveTheExpectedTables) {
  const auto reader = open();
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->info().num_cells, facts()["n_obs"]);
  EXPECT_EQ(reader->info().num_genes, facts()["n_vars"]);
  const auto names = reader->cell_names();
  ASSERT_TRUE(names.ok()) << names.error().message;
  expect_names(*names, facts()["obs"]);
  EXPECT_EQ(reader->info().cell_columns.size(), facts()["obs"]["columns"].size());
  for (const auto& column_facts : facts()["obs"]["columns"]) {
    const auto column = reader->cell_column(column_facts["name"].get<std::string>());
    ASSERT_TRUE(column.ok()) << column.error().message;
    expect_column(*column, column_facts);
  }
  const auto genes = reader->genes("X");
  ASSERT_TRUE(genes.ok()) << genes.error().message;
  expect_names(genes->index, facts()["var"]);
  for (const auto& column_facts : facts()["var"]["columns"]) {
    const auto* column = genes->find(column_facts["name"].get<std::string>());
    ASSERT_NE(column, nullptr);
    expect_column(*column, column_facts);
  }
  if (facts().contains("raw_var")) {
    const auto raw = reader->genes("raw");
    ASSERT_TRUE(raw.ok()) << raw.error().message;
    expect_names(raw->index, facts()["raw_var"]);
  }
}

TEST_P(H5adFiles, HaveTheExpectedMatrices) {
  const auto reader = open();
  ASSERT_NE(reader, nullptr);
  const Json matrices = facts().value("matrices", Json::object());
  EXPECT_EQ(reader->info().matrices.size(), matrices.size());
  for (const auto& [key, matrix] : matrices.items()) {
    SCOPED_TRACE(key);
    const auto& infos = reader->info().matrices;
    const auto info = std::find_if(infos.begin(), infos.end(), [&](const auto& m) { return m.where == where_of(key); });
    ASSERT_NE(info, infos.end());
    EXPECT_EQ(info->encoding, matrix["storage"]);
    EXPECT_EQ(info->num_cells, matrix["shape"][0]);
    EXPECT_EQ(info->num_genes, matrix["shape"][1]);
    if (matrix.contains("n_stored")) {
      EXPECT_EQ(info->num_stored, matrix["n_stored"]);
    }
    for (const std::int64_t block : {std::int64_t{7}, std::int64_t{100000}}) {
      const auto blocks = reader->open_matrix(where_of(key));
      ASSERT_TRUE(blocks.ok()) << blocks.error().message;
      const MatrixSums sums = sum_matrix(**blocks, block);
      EXPECT_EQ(sums.num_cells, info->num_cells);
      EXPECT_EQ(sums.num_nonzero, matrix["n_nonzero"]);
      EXPECT_EQ(sums.num_nan, matrix["n_nan"]);
      EXPECT_NEAR(sums.sum, matrix["sum"], 1e-6 * std::max(1.0, std::abs(matrix["sum"].get<double>())));
      std::size_t row = 0;
      for (const auto& wanted : matrix["first_row_sums"]) {
        if (wanted.is_number()) {
          EXPECT_NEAR(sums.row_sums.at(row), wanted, 1e-5 * std::max(1.0, std::abs(wanted.get<double>())));
        }
        ++row;
      }
    }
  }
}

TEST_P(H5adFiles, HaveTheExpectedEmbeddings) {
  const Json known = facts().value("obsm", Json::array());
  const auto reader = open();
  ASSERT_NE(reader, nullptr);
  for (const auto& name : reader->info().embeddings) {
    EXPECT_TRUE(known.empty() || std::find(known.begin(), known.end(), name) != known.end()) << name;
    const auto array = reader->embedding(name);
    ASSERT_TRUE(array.ok()) << array.error().message;
    EXPECT_EQ(array->num_rows, reader->info().num_cells);
    EXPECT_EQ(array->values.size(), static_cast<std::size_t>(array->num_rows * array->num_columns));
  }
}

TEST_P(H5adFiles, StayUnchanged) {
  const auto before = sha256_of_path(GetParam().path);
  ASSERT_TRUE(before.ok());
  if (facts().contains("sha256")) {
    EXPECT_EQ(*before, facts()["sha256"]);
  }
  if (auto reader = core_registry().open_dataset(GetParam().path); reader.ok()) {
    for (const auto& matrix : (*reader)->info().matrices) {
      const auto blocks = (*reader)->open_matrix(matrix.where);
      ASSERT_TRUE(blocks.ok());
      sum_matrix(**blocks, 64);
    }
  }
  EXPECT_EQ(*sha256_of_path(GetParam().path), *before);
}

const auto name_of_case = [](const auto& one) { return one.param.name; };
INSTANTIATE_TEST_SUITE_P(Ingest, H5adFiles, testing::ValuesIn(ingest_cases("ingest", {".h5ad"}, true)), name_of_case);
INSTANTIATE_TEST_SUITE_P(Datasets, H5adFiles, testing::ValuesIn(ingest_cases("datasets", {".h5ad"}, true)),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Ingest, RefusedFiles, testing::ValuesIn(ingest_cases("ingest", {".h5ad", ".h5"}, false)),
                         name_of_case);

}  // namespace
}  // namespace cw::test
