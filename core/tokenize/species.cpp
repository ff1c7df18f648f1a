// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/species.h"

#include "core/tokenize/packed_text.h"

#include <algorithm>
#include <map>

namespace cw {
namespace {

constexpr std::size_t kIdDigits = 11;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "Actb", "Gm1234", "mt-Nd1", but not "C21orf62": one capital, then small letters, as MGI writes.
bool is_mouse_case(std::string_view name) {
  if (name.starts_with("mt-")) return true;
  if (name.size() < 3 || !is_upper(name[0]) || !is_lower(name[1])) return false;
  if (name.starts_with("Gene")) return false;  // "Gene 1", "Gene001": invented names of examples
  return std::none_of(name.begin() + 1, name.end(), is_upper);
}

bool is_human_case(std::string_view name) {
  return name.size() >= 3 && is_upper(name[0]) && std::none_of(name.begin(), name.end(), is_lower);
}

}  // namespace

std::optional<std::string_view> foreign_ensembl_prefix(std::string_view id) noexcept {
  if (!id.starts_with("ENS") || id.starts_with("ENSG0") || id.starts_with("ENSGR") || id.size() < kIdDigits + 5) {
    return std::nullopt;
  }
  const auto prefix = id.substr(0, id.size() - kIdDigits);
  const auto digits = id.substr(prefix.size());
  if (prefix.size() > 8 || prefix.back() != 'G' || !std::all_of(prefix.begin(), prefix.end(), is_upper) ||
      !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return std::nullopt;
  }
  return prefix;
}

std::string species_of(std::span<const std::string> names) {
  std::size_t human = 0;
  std::size_t mouse = 0;
  std::size_t foreign = 0;
  std::map<std::string, std::size_t, std::less<>> votes;  // of other species, by the prefix of their ids
  for (const auto& name : names) {
    const auto upper = to_upper(name);
    const auto id = std::string_view(upper).substr(0, upper.find('.'));
    if (const auto prefix = foreign_ensembl_prefix(id)) {
      if (*prefix == "ENSMUSG") {
        ++mouse;
        continue;
      }
      const auto place = votes.find(*prefix);
      ++(place != votes.end() ? place->second : votes[std::string(*prefix)]);
      ++foreign;
    } else if (upper.starts_with("MM10_") || upper.starts_with("MM39_") || is_mouse_case(name)) {
      ++mouse;
    } else if (id.starts_with("ENSG") || is_human_case(name)) {
      ++human;
    }
  }
  const std::size_t voters = human + mouse + foreign;
  if (2 * human > voters) return "human";
  if (2 * mouse > voters) return "mouse";
  for (const auto& [species, count] : votes) {
    if (2 * count > voters) return species;
  }
  return "unknown";
}

}  // namespace cw
