// SPDX-License-Identifier: GPL-3.0-or-later
// A small world with structure for fine-tuning: cells of two types, each with its own half of the genes, from six
// donors, and a model that knows nothing yet.
#pragma once
#include "core/io/label_table.h"
#include "core/tokenize/token_file.h"
#include "core/train/keyed_random.h"
#include "core/train/parameters.h"
#include "core/train/run_finetune_cells.h"
#include "core/train/run_finetune_genes.h"
#include "core/train/run_finetune_multitask.h"
#include "core/weights/model_folder.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <stdexcept>

namespace cw {

namespace fs = std::filesystem;

inline constexpr std::int32_t kGenes = 40;
inline constexpr int kCells = 90;
inline constexpr int kDonors = 6;

struct Recorder : JobSink {
  void progress(double fraction, std::int64_t, std::int64_t, std::string_view) override { last_fraction = fraction; }
  void event(std::string_view type, const Json& fields) override {
    if (type == "metric") metrics[fields.at("name").get<std::string>()].push_back(fields.at("value").get<double>());
    if (type == "warning") warnings.push_back(fields.dump());
    if (type == "checkpoint" && fields.at("step") == cancel_at_checkpoint) cancel->store(true);
  }
  [[nodiscard]] bool warned(const std::string& id) const {
    for (const std::string& warning : warnings) {
      if (warning.find(id) != std::string::npos) return true;
    }
    return false;
  }
  std::map<std::string, std::vector<double>> metrics;
  std::vector<std::string> warnings;
  double last_fraction = 0.0;
  std::int64_t cancel_at_checkpoint = -1;
  std::shared_ptr<std::atomic<bool>> cancel = std::make_shared<std::atomic<bool>>(false);
};

class Finetune : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    write_dictionary();
    write_cells();
    write_model();
  }

  std::string in(const std::string& name) const { return (folder_ / name).string(); }

  static std::string gene_id(std::int32_t token) { return "ENSG" + std::to_string(100000000000 + token).substr(1); }

  void write_dictionary() const {
    fs::create_directories(folder_ / "dictionary");
    std::ofstream out(folder_ / "dictionary" / "tokens.tsv");
    out << "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n";
    for (std::int32_t i = 2; i < 2 + kGenes; ++i) out << i << "\t" << gene_id(i) << "\t1.0\tG" << i << "\n";
  }

  void write_cells() const {
    auto writer = TokenFileWriter::create(folder_ / "cells.tokens.h5", 2 + kGenes, true);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    Table table;
    std::vector<std::string> types;
    std::vector<std::string> donors;
    std::vector<std::string> partly;
    for (int c = 0; c < kCells; ++c) {
      KeyedRandom random(3, RandomUse::kOrder, {static_cast<std::uint64_t>(c)});
      std::vector<std::int32_t> cell;
      for (std::int32_t i = 0; i < kGenes / 2; ++i) {
        if (random.uniform() < 0.7) cell.push_back((c % 2 == 0 ? 2 : 2 + kGenes / 2) + i);
      }
      ASSERT_TRUE(writer->append(cell, static_cast<std::uint32_t>(cell.size())).ok());
      table.index.push_back("cell " + std::to_string(c));
      types.emplace_back(c % 2 == 0 ? "beta" : "alpha");
      donors.push_back("D" + std::to_string(c / 2 % kDonors));
      partly.emplace_back(c == 7 ? "" : c < 3 ? "rare" : types.back());
    }
    table.set(Column::of_strings("type", std::move(types)));
    table.set(Column::of_strings("donor", std::move(donors)));
    table.set(as_categorical(Column::of_strings("partly", std::move(partly))));
    std::vector<std::int32_t> some;  // most of the types, under other names
    for (int c = 0; c < kCells; ++c) some.push_back(c % 5 != 0 ? c % 2 : -1);
    table.set(Column::of_codes("some", std::move(some), {"first", "second"}));
    table.set(Column::of_strings("same", std::vector<std::string>(kCells, "all")));
    std::vector<std::string> by_donor;
    for (int c = 0; c < kCells; ++c) by_donor.push_back(c / 2 % kDonors == 0 ? "one donor" : "others");
    table.set(Column::of_strings("by_donor", std::move(by_donor)));
    std::vector<double> days;  // what the genes tell, far from 0 and 1; two are not known
    for (int c = 0; c < kCells; ++c) days.push_back(c == 4 || c == 9 ? std::nan("") : (c % 2 == 0 ? 120.0 : 80.0));
    table.set(Column::of_reals("days", std::move(days)));
    table.set(Column::of_reals("constant", std::vector<double>(kCells, 3.0)));
    TokensInfo info;
    info.dictionary_name = "small";
    info.max_length = kGenes;
    info.source = Json::object();
    ASSERT_TRUE(writer->finish(table, info).ok());
  }

  void write_model() const {
    ModelConfig config;
    config.vocab_size = 2 + kGenes;
    config.max_positions = kGenes;
    config.hidden = 32;
    config.layers = 2;
    config.heads = 2;
    config.ffn = 32;
    Parameters parameters = Parameters::allocate(config);
    parameters.initialise(config, 5);
    const auto written = write_model_folder(folder_ / "base", config, parameters.tensors(), Json(), true);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }

  template <class Options>
  Options shared(const std::string& out) const {
    Options o;
    o.input = in("cells.tokens.h5");
    o.model = in("base");
    o.dictionary = in("dictionary");
    o.output = in(out);
    o.epochs = 8.0;
    o.batch_size = 8;
    o.learning_rate = 3e-3;
    o.checkpoint_every = 5;
    o.num_threads = 1;
    return o;
  }

  FinetuneCellsOptions cells(const std::string& out) const {
    auto o = shared<FinetuneCellsOptions>(out);
    o.label = "type";
    o.validation = 0.17;
    o.test = 0.17;
    return o;
  }

  FinetuneGenesOptions genes(const std::string& out) const {
    auto o = shared<FinetuneGenesOptions>(out);
    std::ofstream list(folder_ / "classes.csv");
    list << "gene,class\n";
    for (std::int32_t i = 2; i < 2 + kGenes; ++i)
      list << gene_id(i) << "," << (i < 2 + kGenes / 2 ? "low" : "high") << "\n";
    o.classes = in("classes.csv");
    o.folds = 2;
    o.epochs = 6.0;
    return o;
  }

  template <class Options, class Run>
  static Json succeed(const Options& o, Run* run, Recorder& recorder) {
    JobContext context(&recorder, recorder.cancel);
    const auto result = run(o, context);
    if (result.ok()) return *result;
    throw std::runtime_error(result.error().id + " " + result.error().message);
  }

  template <class Options, class Run>
  static std::string error_id(const Options& o, Run* run) {
    JobContext context;
    const auto result = run(o, context);
    if (result.ok()) return "no error";
    EXPECT_GT(result.error().message.size(), 30U);
    return result.error().id;
  }

  std::string content(const std::string& name) const {
    const auto bytes = read_file(folder_ / name);
    EXPECT_TRUE(bytes.ok()) << name;
    return bytes.ok() ? *bytes : std::string();
  }

  /// `labels.csv` of predict against the test cells of `run`: two implementations of the same pass, one of them packed
  /// for speed.
  void expect_same(const std::string& predicted_column, const std::string& tested_column, double limit) const {
    const auto labels = read_label_table(folder_ / "labels.csv");
    const auto tested = read_label_table(folder_ / "run" / "predictions.csv");
    ASSERT_TRUE(labels.ok() && tested.ok());
    ASSERT_GT(tested->num_rows(), 5);
    for (std::int64_t row = 0; row < tested->num_rows(); ++row) {
      const auto place =
          std::find(labels->index.begin(), labels->index.end(), tested->index[static_cast<std::size_t>(row)]);
      ASSERT_NE(place, labels->index.end());
      EXPECT_NEAR(std::stod(labels->find(predicted_column)->text(place - labels->index.begin())),
                  std::stod(tested->find(tested_column)->text(row)), limit);
    }
  }

  std::string first_line(const std::string& name) const {
    const std::string text = content(name);
    return text.substr(0, text.find('\n'));
  }
};

}  // namespace cw
