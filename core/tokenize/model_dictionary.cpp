// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/model_dictionary.h"

namespace cw {
namespace {

/// The dictionary that a model folder of ours names, "" if it does not.
std::string named_dictionary(const Json& cellwright) {
  if (!cellwright.is_object() || !cellwright.contains("dictionary")) return "";
  const Json& dictionary = cellwright["dictionary"];
  if (dictionary.is_string()) return dictionary.get<std::string>();
  if (dictionary.is_object() && dictionary.contains("name") && dictionary["name"].is_string()) {
    return dictionary["name"].get<std::string>();
  }
  return "";
}

}  // namespace

Result<std::shared_ptr<const Dictionary>> dictionary_of_model(const Json& cellwright, std::int64_t vocab_size,
                                                              const std::string& asked) {
  const std::string name = asked.empty() ? named_dictionary(cellwright) : asked;
  if (name.empty()) return dictionary_for_vocabulary_size(vocab_size);
  auto loaded = Dictionary::load(name);
  if (!loaded.ok() && asked.empty()) return dictionary_for_vocabulary_size(vocab_size);
  return loaded;
}

}  // namespace cw
