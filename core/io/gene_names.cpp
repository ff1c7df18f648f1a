// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gene_names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cw {
namespace {

// Expressed in most cells of most tissues, or markers in nearly every panel; upper case, sorted.
constexpr std::array<std::string_view, 48> kCommonSymbols = {
    "ACTB",   "ACTG1", "B2M",   "CD14",   "CD19",   "CD3D",  "CD3E",   "CD4",    "CD68", "CD74",  "CD8A",  "COL1A1",
    "EEF1A1", "EPCAM", "FOS",   "FTH1",   "FTL",    "GAPDH", "GATA4",  "H3F3A",  "HBB",  "HLA-A", "HLA-B", "HLA-DRA",
    "HSPA8",  "IL32",  "IL7R",  "JUN",    "KRT18",  "LYZ",   "MALAT1", "MS4A1",  "MYC",  "MYH7",  "NEAT1", "NKG7",
    "PABPC1", "PPBP",  "PTPRC", "S100A4", "S100A9", "SOX2",  "TMSB10", "TMSB4X", "TP53", "TPT1",  "UBC",   "VIM"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ENSG00000141510, ENSMUSG00000059552.4: ENS, up to five letters of the species, G, eleven digits
bool is_ensembl(std::string_view name) {
  if (!name.starts_with("ENS")) return false;
  const std::size_t digits = name.find_first_of("0123456789");
  if (digits == std::string_view::npos || digits < 4 || digits > 9 || name[digits - 1] != 'G') return false;
  const std::string_view number = name.substr(digits, 11);
  return number.size() == 11 && std::all_of(number.begin(), number.end(), is_digit) &&
         (name.size() == digits + 11 || name[digits + 11] == '.');
}

bool is_barcode(std::string_view name) {
  std::size_t run = 0;
  for (const char c : name) {
    run = c == 'A' || c == 'C' || c == 'G' || c == 'T' ? run + 1 : 0;
    if (run >= 8) return true;
  }
  return false;
}

bool is_known(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper.starts_with("MT-") && upper.size() > 4) return true;
  const bool ribosomal =
      (upper.starts_with("RPL") || upper.starts_with("RPS")) && upper.size() > 3 && is_digit(upper[3]);
  return ribosomal || std::find(kCommonSymbols.begin(), kCommonSymbols.end(), upper) != kCommonSymbols.end();
}

bool is_symbol(std::string_view name) {
  if (name.size() < 2 || name.size() > 15 || is_barcode(name)) return false;
  const bool letter_first = (name[0] >= 'A' && name[0] <= 'Z') || (name[0] >= 'a' && name[0] <= 'z');
  return letter_first && std::all_of(name.begin(), name.end(), [](char c) {
           return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
         });
}

}  // namespace

NameEvidence name_evidence(std::span<const std::string> names) {
  constexpr std::size_t kMostNames = 20000;
  NameEvidence evidence;
  if (names.empty()) return evidence;
  const std::size_t step = std::max<std::size_t>(1, names.size() / kMostNames);
  double count = 0;
  for (std::size_t i = 0; i < names.size(); i += step) {
    const std::string_view name = names[i];
    ++count;
    evidence.ensembl += is_ensembl(name) ? 1 : 0;
    evidence.known += is_known(name) ? 1 : 0;
    evidence.barcodes += is_barcode(name) ? 1 : 0;
    evidence.symbols += is_symbol(name) ? 1 : 0;
  }
  evidence.ensembl /= count;
  evidence.known /= count;
  evidence.barcodes /= count;
  evidence.symbols /= count;
  return evidence;
}

}  // namespace cw
