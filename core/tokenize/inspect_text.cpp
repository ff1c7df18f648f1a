// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/inspect.h"

#include <sstream>

namespace cw {
namespace {

/// "1,234,567".
std::string grouped(std::int64_t number) {
  const auto digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string percent(const Json& share) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed << 100.0 * share.get<double>() << " %";
  return text.str();
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return grouped(value.get<std::int64_t>());
  return value.is_null() ? "not known" : value.dump();
}

void write_genes(const Json& report, std::ostringstream& out) {
  const auto& counts = report["counts"];
  out << "counts       " << (counts["where"].is_null() ? "none that can be used" : text_of(counts["where"]));
  if (!counts["where"].is_null()) {
    out << " (" << text_of(counts["dtype"]) << ")";
    if (!counts["sum"].is_null())
      out << ", " << grouped(static_cast<std::int64_t>(counts["sum"].get<double>())) << " in all";
  }
  out << "\n";
  if (const auto& ids = report["gene_ids"]; !ids.is_null()) {
    out << "gene names   " << text_of(ids["where"]) << ": " << text_of(ids["kind"]) << ", " << text_of(ids["species"])
        << "; " << text_of(ids["mapped"]) << " recognised, " << text_of(ids["unmapped"]) << " not, "
        << text_of(ids["duplicates"]) << " repeated\n";
  }
  for (const auto& dictionary : report["dictionaries"]) {
    out << "dictionary   " << text_of(dictionary["name"]) << ": " << text_of(dictionary["genes_in_vocabulary"])
        << " genes with " << percent(dictionary["fraction_of_counts"]) << " of the counts; median cell "
        << text_of(dictionary["median_length"]) << " tokens, " << text_of(dictionary["truncated_cells"])
        << " cells cut short\n";
  }
  if (report.contains("sampled_cells") && report["sampled_cells"] != report["cells"]) {
    out << "             (from a sample of " << text_of(report["sampled_cells"]) << " cells)\n";
  }
}

void write_labels(const Json& report, std::ostringstream& out) {
  for (const auto& label : report["labels"]) {
    out << "column       " << text_of(label["column"]) << ": " << text_of(label["kind"]);
    if (!label["values"].is_null()) out << ", " << text_of(label["values"]) << " values";
    if (!label["missing"].is_null() && label["missing"] != 0) out << ", " << text_of(label["missing"]) << " missing";
    out << "\n";
  }
}

}  // namespace

std::string inspect_text(const Json& report) {
  std::ostringstream out;
  out << text_of(report["file"]) << "\n";
  out << "format       " << text_of(report["format"]) << "\n";
  if (report.contains("cells")) out << "cells        " << text_of(report["cells"]) << "\n";
  if (report.contains("counts")) {
    out << "genes        " << text_of(report["genes"]) << "\n";
    write_genes(report, out);
  } else {
    for (const auto& [key, value] : report.items()) {
      const bool said = key == "file" || key == "format" || key == "cells";
      if (value.is_primitive() && !said && value != "") {
        out << key << std::string(key.size() < 13 ? 13 - key.size() : 1, ' ') << text_of(value) << "\n";
      }
    }
  }
  if (report.contains("labels")) write_labels(report, out);
  if (report.contains("embeddings")) {
    for (const auto& name : report["embeddings"]) out << "embedding    " << text_of(name) << "\n";
  }
  for (const auto& problem : report["problems"]) {
    const auto code = problem["code"].get<std::string>();
    out << problem["severity"].get<std::string>() << (code == "note" ? "" : " [" + code + "]") << " "
        << problem["text"].get<std::string>();
    if (!problem["fix"].get<std::string>().empty()) out << "\n  -> " << problem["fix"].get<std::string>();
    out << "\n";
  }
  return out.str();
}

}  // namespace cw
