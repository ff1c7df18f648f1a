// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/pretraining_data.h"

#include "core/weights/model_tools.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace cw {
namespace {

/// A study whose cells the published models were pretrained on, and the words by which its files are known.
struct KnownStudy {
  const char* name;
  std::array<const char*, 8> words;  ///< as `simplified` leaves them; nullptr = no more
};

// Theodoris et al. 2023, Supplementary Table 1: reference 72, and the public data sets of 10x Genomics. Genecorpus-104M
// contains the sources of Genecorpus-30M.
constexpr std::array kKnownStudies{
    KnownStudy{"Kang et al. 2018 (GSE96583)", {"gse96583", "kang2018", "kangpbmc", "nbt4042"}},
    KnownStudy{"the public PBMC data sets of 10x Genomics",
               {"pbmc3k", "pbmc6k", "pbmc33k", "pbmc68k", "3kpbmc", "fresh68kpbmc", "pbmc4k", "pbmc8k"}},
};

struct PublishedModel {
  const char* preset;
  const char* name;
  const char* corpus;
};
constexpr std::array kPublishedModels{
    PublishedModel{"v1-10m", "Geneformer V1-10M", "Genecorpus-30M"},
    PublishedModel{"v1-40m", "Geneformer V1-40M", "Genecorpus-30M"},
    PublishedModel{"v2-104m", "Geneformer V2-104M", "Genecorpus-104M"},
    PublishedModel{"v2-316m", "Geneformer V2-316M", "Genecorpus-104M"},
};

// Columns by which data sets name the study that a cell is from.
constexpr std::array kStudyColumns{"geo",   "geo_accession", "accession", "dataset",
                                   "study", "study_id",      "gse",       "dataset_id"};
constexpr std::int64_t kMostCellsRead = 100'000;

/// Letters and digits only, lower case: "Kang_2018", "kang-2018" and "Kang 2018" are one word.
std::string simplified(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) result += static_cast<char>(std::tolower(byte));
  }
  return result;
}

const KnownStudy* study_in(std::string_view text) {
  const std::string words = simplified(text);
  for (const KnownStudy& study : kKnownStudies) {
    const bool found = std::any_of(study.words.begin(), study.words.end(), [&](const char* word) {
      return word != nullptr && words.find(word) != std::string::npos;
    });
    if (found) return &study;
  }
  return nullptr;
}

/// The entries of a list of files, wherever `place` holds one.
const Json& files_at(const Json& json, const char* place) {
  static const Json kNone = Json::array();
  const Json::json_pointer pointer(place);
  if (!json.is_object() || !json.contains(pointer) || !json.at(pointer).is_array()) return kNone;
  return json.at(pointer);
}

std::string text_of(const Json& file, const char* key) {
  return file.is_object() && file.contains(key) && file[key].is_string() ? file[key].get<std::string>() : std::string();
}

std::set<std::string> checksums_of(const Json& json, const char* place) {
  std::set<std::string> checksums;
  for (const Json& file : files_at(json, place)) {
    if (const std::string checksum = text_of(file, "sha256"); !checksum.empty()) checksums.insert(checksum);
  }
  return checksums;
}

struct Corpus {
  std::string model;
  std::string name;
};

bool is_published(const Dictionary& dictionary) { return dictionary.name() == "v1" || dictionary.name() == "v2"; }

/// The corpus of a published model, if this is one.
std::optional<Corpus> published_corpus(const Json& cellwright, const ModelConfig& config,
                                       const Dictionary& dictionary) {
  if (const Json::json_pointer place("/corpus/name");
      cellwright.is_object() && cellwright.contains(place) && cellwright.at(place).is_string()) {
    return Corpus{"the model, by its cellwright.json,", cellwright.at(place).get<std::string>()};
  }
  // a record of ours: it is no published model
  if (cellwright.is_object() || !is_published(dictionary)) return std::nullopt;
  for (const PublishedModel& published : kPublishedModels) {
    const auto preset = model_preset(published.preset);
    if (preset.ok() && preset->layers == config.layers && preset->hidden == config.hidden &&
        preset->heads == config.heads && preset->ffn == config.ffn && preset->max_positions == config.max_positions &&
        dictionary.num_tokens() == config.vocab_size) {
      return Corpus{"a model with the sizes of " + std::string(published.name) + " and no record of another training",
                    published.corpus};
    }
  }
  return std::nullopt;
}

struct FoundStudy {
  const KnownStudy* study;
  std::string where;
};

std::optional<FoundStudy> study_of(const TokenizedCells& cells) {
  for (const Json& file : files_at(cells.source(), "/files")) {
    const std::filesystem::path path = text_of(file, "path");
    for (const std::filesystem::path& part : {path.filename(), path.parent_path().filename()}) {
      if (const auto* study = study_in(part.string())) return FoundStudy{study, "the name '" + part.string() + "'"};
    }
  }
  for (const char* name : kStudyColumns) {
    const Column* column = cells.cells().find(name);
    if (column == nullptr) continue;
    std::string last;
    for (std::int64_t row = 0; row < std::min(cells.num_cells(), kMostCellsRead); ++row) {
      std::string value = column->text(row);
      if (value == last) continue;
      if (const auto* study = study_in(value)) return FoundStudy{study, "column '" + std::string(name) + "'"};
      last = std::move(value);
    }
  }
  return std::nullopt;
}

}  // namespace

SeenInPretraining seen_in_pretraining(const Json& cellwright, const ModelConfig& config, const Dictionary& dictionary,
                                      const TokenizedCells& cells) {
  const auto corpus = checksums_of(cellwright, "/corpus/source/files");
  const auto sources = checksums_of(cells.source(), "/files");
  if (!corpus.empty() && !sources.empty()) {
    const bool seen = std::any_of(sources.begin(), sources.end(),
                                  [&](const std::string& checksum) { return corpus.contains(checksum); });
    if (seen) return {true, "the model was trained on this very file: results describe data that it knows"};
    if (cellwright.value("initial_model", Json()).is_null()) {
      return {false, "none of the files that the model was trained on is this one"};
    }
    return {std::nullopt,
            "it is not known whether the model was trained on these cells: it went on from another model, whose data "
            "it does not list"};
  }
  const auto published = published_corpus(cellwright, config, dictionary);
  if (!published) {
    return {std::nullopt,
            "it is not known whether the model was trained on these cells: it does not say what it was trained on"};
  }
  const auto found = study_of(cells);
  if (!found) {
    return {std::nullopt,
            "it is not known whether these cells were in " + published->name + ", on which the model was trained"};
  }
  return {true, std::string(found->study->name) + " (by " + found->where + ") is part of " + published->name +
                    ", on which " + published->model + " was trained: results describe data that it knows"};
}

}  // namespace cw
