// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "ui/document/gene_search.h"

#include <QList>
#include <QStringList>
#include <filesystem>

namespace cw::ui {

/// Genes under a name, found by what a person or a file wrote.
struct GeneList {
  QString name;
  QStringList ensemblIds;  ///< in the order given, each once
  QStringList symbols;     ///< one per id
  QStringList unknown;     ///< words that are no gene
};

/// Finds the genes of a text (symbols, aliases, ids between spaces, commas or lines).
[[nodiscard]] GeneList genes_in_text(const GeneSearch& search, const QString& name, const QString& text);

/// Lists of a file: each line of a GMT file is one, a CSV, TSV or text file is one. Runs in the files lane.
/// Errors: kNotFound, kIo, kParse E-UI-214 (no known gene), kUnsupported E-UI-215 (over 300 lists or 20 MB).
[[nodiscard]] Result<QList<GeneList>> read_gene_lists(const std::filesystem::path& path, JobContext& context);

/// True for names that end like a file of genes (.gmt, .txt, .grp).
[[nodiscard]] bool is_gene_list_name(const QString& path);

/// As a project keeps a list ("gene-list"), and back; lists of other writers may lack symbols.
[[nodiscard]] Json gene_list_body(const GeneList& list);
[[nodiscard]] GeneList gene_list_of(const QString& name, const Json& body, const GeneSearch& search);
[[nodiscard]] qsizetype gene_list_size(const Json& body);

}  // namespace cw::ui
