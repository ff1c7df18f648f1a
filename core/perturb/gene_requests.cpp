// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/gene_requests.h"

#include "core/base/files.h"
#include "core/base/words.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

namespace cw {
namespace {

using Names = std::vector<std::string>;

std::string trimmed(std::string text) {
  const auto is_kept = [](unsigned char c) { return std::isspace(c) == 0 && c != '"' && c != '\''; };
  text.erase(text.begin(), std::find_if(text.begin(), text.end(), is_kept));
  text.erase(std::find_if(text.rbegin(), text.rend(), is_kept).base(), text.end());
  return text;
}

Names split(const std::string& line, std::string_view separators) {
  Names parts(1);
  for (const char c : line) {
    if (separators.find(c) == std::string_view::npos) {
      parts.back() += c;
    } else {
      parts.emplace_back();
    }
  }
  for (auto& part : parts) part = trimmed(part);
  return parts;
}

Names lines_of(const std::string& text) {
  Names lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!trimmed(line).empty()) lines.push_back(line);
  }
  return lines;
}

/// A GMT line: name, description, genes, separated by tabs.
std::vector<Names> gene_sets(const Names& lines) {
  std::vector<Names> sets;
  for (const auto& line : lines) {
    Names fields = split(line, "\t");
    fields.erase(fields.begin(), fields.begin() + std::min<std::ptrdiff_t>(2, std::ssize(fields)));
    std::erase(fields, "");
    if (!fields.empty()) sets.push_back(std::move(fields));
  }
  return sets;
}

Names csv_genes(const Names& lines) {
  if (lines.empty()) return {};
  Names header = split(lines.front(), ",\t");
  for (auto& word : header) {
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  }
  std::size_t column = 0;
  bool has_header = false;
  // the best first: in the published tables, Gene holds tokens
  for (const char* name : {"ensembl_id", "gene_name", "symbol", "gene", "genes"}) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end()) continue;
    has_header = true;
    column = static_cast<std::size_t>(found - header.begin());
    break;
  }
  Names genes;
  for (std::size_t i = has_header ? 1 : 0; i < lines.size(); ++i) {
    const Names fields = split(lines[i], ",\t");
    if (column < fields.size() && !fields[column].empty()) genes.push_back(fields[column]);
  }
  return genes;
}

Names text_genes(const Names& lines) {
  Names genes;
  for (const auto& line : lines) {
    for (auto& word : split(line.substr(0, line.find('#')), " \t,;\r")) {
      if (!word.empty()) genes.push_back(std::move(word));
    }
  }
  return genes;
}

Result<std::vector<Names>> read_gene_file(const std::filesystem::path& path) {
  CW_ASSIGN(const std::string text, read_file(path));
  const Names lines = lines_of(text);
  std::vector<Names> groups;
  if (path.extension() == ".gmt") {
    groups = gene_sets(lines);
  } else {
    const bool is_table = path.extension() == ".csv" || path.extension() == ".tsv";
    groups = {is_table ? csv_genes(lines) : text_genes(lines)};
  }
  if (groups.empty() || groups.front().empty()) {
    return Error{
        ErrorCode::kNotFound, "E-PRT-002",
        path.string() + ": no gene names found; give one name per line, a CSV with a column 'gene', or a GMT file"};
  }
  return groups;
}

/// The names of a request, files expanded. Names typed on the command line form one group.
Result<std::vector<Names>> named_groups(const PerturbRequest& request) {
  std::vector<Names> groups;
  Names typed;
  for (const auto& gene : request.genes) {
    if (!gene.starts_with('@')) {
      typed.push_back(gene);
      continue;
    }
    CW_ASSIGN(auto from_file, read_gene_file(gene.substr(1)));
    groups.insert(groups.end(), std::make_move_iterator(from_file.begin()), std::make_move_iterator(from_file.end()));
  }
  if (!typed.empty()) groups.insert(groups.begin(), std::move(typed));
  return groups;
}

Result<ResolvedRequest> resolve_request(const PerturbRequest& request, const PerturbOptions& options,
                                        const Dictionary& dictionary, Names& unknown) {
  ResolvedRequest resolved;
  resolved.change = {rank_operation(request.kind), options.quartiles, options.position};
  resolved.all = request.genes.size() == 1 && request.genes.front() == "all";
  if (resolved.all) return resolved;
  CW_ASSIGN(const auto groups, named_groups(request));
  std::optional<Error> first_problem;
  for (const auto& names : groups) {
    std::vector<std::int32_t> tokens;
    for (const auto& name : names) {
      const auto token = dictionary.resolve(name);
      if (!token.ok()) {
        if (!first_problem) first_problem = token.error();
        unknown.push_back(name);
      } else if (std::find(tokens.begin(), tokens.end(), *token) == tokens.end()) {
        tokens.push_back(*token);
      }
    }
    if (!tokens.empty()) resolved.groups.push_back(std::move(tokens));
  }
  if (resolved.groups.empty()) {
    std::string files;
    for (const auto& gene : request.genes) files += gene.starts_with('@') ? " " + gene : "";
    return Error{ErrorCode::kNotFound, "E-PRT-001",
                 "none of the genes of --" + request.kind + files + " is in the vocabulary '" + dictionary.name() +
                     "': " + (first_problem ? first_problem->message : "no gene was named")};
  }
  return resolved;
}

}  // namespace

Result<ResolvedRequests> resolve_requests(const PerturbOptions& options, const Dictionary& dictionary,
                                          JobContext& ctx) {
  ResolvedRequests resolved;
  if (!options.anchor.empty()) {
    CW_ASSIGN(resolved.anchor, dictionary.resolve(options.anchor));
  }
  for (const auto& request : options.requests) {
    CW_ASSIGN(auto item, resolve_request(request, options, dictionary, resolved.unknown));
    resolved.requests.push_back(std::move(item));
  }
  if (!resolved.unknown.empty()) {
    ctx.warn("W-PRT-001", std::to_string(resolved.unknown.size()) + " genes are not in the vocabulary '" +
                              dictionary.name() + "' and are left out: " + listed(resolved.unknown));
  }
  return resolved;
}

}  // namespace cw
