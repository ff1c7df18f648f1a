// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/tokenize/token_file.h"
#include "core/train/checkpoint.h"
#include "core/train/keyed_random.h"
#include "core/train/run_pretrain.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace cw {

namespace fs = std::filesystem;

inline constexpr std::int32_t kGenes = 60;

/// Keeps the metrics; asks for a stop at the wanted event.
struct Recorder : JobSink {
  void progress(double, std::int64_t, std::int64_t, std::string_view) override {}
  void event(std::string_view type, const Json& fields) override {
    if (type == "metric") metrics[fields.at("name").get<std::string>()].push_back(fields.at("value").get<double>());
    if (type == "warning") warnings.push_back(fields.dump());
    if (type == "checkpoint" && fields.at("step") == cancel_at_checkpoint) cancel->store(true);
  }
  std::map<std::string, std::vector<double>> metrics;
  std::vector<std::string> warnings;
  std::int64_t cancel_at_checkpoint = -1;
  std::shared_ptr<std::atomic<bool>> cancel = std::make_shared<std::atomic<bool>>(false);
};

/// A small world with structure: cells of two types, each with its own genes in its own order.
class Pretrain : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    write_dictionary();
    write_tokens("cells.tokens.h5", structured_cells(120));
    write_config("config.json", 16);
  }

  std::string in(const std::string& name) const { return (folder_ / name).string(); }

  void write_dictionary() const {
    fs::create_directories(folder_ / "dictionary");
    std::ofstream out(folder_ / "dictionary" / "tokens.tsv");
    out << "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n";
    for (std::int32_t i = 2; i < 2 + kGenes; ++i) {
      out << i << "\tENSG" << std::to_string(100000000000 + i).substr(1) << "\t1.0\tG" << i << "\n";
    }
  }

  static std::vector<std::vector<std::int32_t>> structured_cells(int count) {
    std::vector<std::vector<std::int32_t>> cells;
    for (int c = 0; c < count; ++c) {
      KeyedRandom random(3, RandomUse::kOrder, {static_cast<std::uint64_t>(c)});
      std::vector<std::int32_t> cell;
      const std::int32_t first = c % 2 == 0 ? 2 : 2 + kGenes / 2;
      for (std::int32_t i = 0; i < kGenes / 2; ++i) {
        if (random.uniform() < 0.8) cell.push_back(first + i);
      }
      cells.push_back(cell);
    }
    return cells;
  }

  void write_tokens(const std::string& name, const std::vector<std::vector<std::int32_t>>& cells,
                    const std::string& sha256 = "") const {
    auto writer = TokenFileWriter::create(folder_ / name, 2 + kGenes, true);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    Table table;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      ASSERT_TRUE(writer->append(cells[i], static_cast<std::uint32_t>(cells[i].size())).ok());
      table.index.push_back("cell " + std::to_string(i));
    }
    TokensInfo info;
    info.dictionary_name = "small";
    info.dictionary_sha256 = sha256;
    info.max_length = kGenes;
    info.source = Json::object();
    ASSERT_TRUE(writer->finish(table, info).ok());
  }

  void write_config(const std::string& name, std::int64_t hidden, std::int64_t positions = kGenes) const {
    ModelConfig config;
    config.vocab_size = 2 + kGenes;
    config.max_positions = positions;
    config.hidden = hidden;
    config.layers = 2;
    config.heads = 1;
    config.ffn = 32;
    ASSERT_TRUE(write_json(folder_ / name, to_json(config)).ok());
  }

  PretrainOptions options(const std::string& out) const {
    PretrainOptions o;
    o.tokens = (folder_ / "cells.tokens.h5").string();
    o.dictionary = (folder_ / "dictionary").string();
    o.config = (folder_ / "config.json").string();
    o.out = (folder_ / out).string();
    o.steps = 12;
    o.tokens_per_batch = 400;
    o.accumulate = 2;
    o.learning_rate = 0.01;
    o.warmup_steps = 2;
    o.leave_out = 0.2;
    o.validation = 0.1;
    o.validate_every = 4;
    o.checkpoint_every = 3;
    o.num_threads = 1;
    return o;
  }

  std::string error_id(const PretrainOptions& o) const {
    JobContext context;
    const auto result = run_pretrain(o, context);
    if (result.ok()) return "no error";
    EXPECT_GT(result.error().message.size(), 20U);
    return result.error().id;
  }

  // The model, and weights and optimiser state after the last step.
  static std::string weights(const std::string& out) {
    std::string all;
    const fs::path last = CheckpointStore(fs::path(out) / "checkpoints").list().at(0);
    for (const fs::path& file : {fs::path(out) / "model" / "model.safetensors", last / "weights.safetensors",
                                 last / "optimiser.safetensors"}) {
      const auto content = read_file(file);
      EXPECT_TRUE(content.ok()) << file;
      if (content.ok()) all += *content;
    }
    return all;
  }

  Json run(const PretrainOptions& o, Recorder& recorder) const {
    JobContext context(&recorder, recorder.cancel);
    const auto result = run_pretrain(o, context);
    EXPECT_TRUE(result.ok()) << result.error().id << result.error().message;
    return result.ok() ? *result : Json::object();
  }
};

}  // namespace cw
