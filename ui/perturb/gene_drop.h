// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/document/gene_search.h"
#include "ui/perturb/experiment.h"

#include <QStringList>
#include <filesystem>

class QMimeData;

namespace cw::ui {

/// Whether data that are dragged could hold genes: ours, text, or files that are lists.
[[nodiscard]] bool may_hold_genes(const QMimeData& data);
/// Local files in the data that are gene lists (csv, tsv, txt, gmt; also .gz).
[[nodiscard]] QStringList gene_files_of(const QMimeData& data);

/// Words of a gene list: of a table the column ensembl_id, gene_name, symbol, gene or genes, else the first; of a GMT
/// file the genes of all its sets; of a text every word. Runs in the files lane.
/// Errors: those of TextRecords; kParse E-UI-403 (no words).
[[nodiscard]] Result<QStringList> read_gene_words(const std::filesystem::path& path);

struct FoundGenes {
  QList<WellGene> genes;   ///< known to the model
  QStringList notInModel;  ///< genes that we know and the model does not
  QStringList unknown;     ///< words that are no gene we know
  [[nodiscard]] qsizetype numAsked() const { return genes.size() + notInModel.size() + unknown.size(); }
};

/// Looks words up as symbols, aliases, retired symbols or Ensembl ids. `knows` = whether the model has the Ensembl id.
[[nodiscard]] FoundGenes find_genes(const QStringList& words, const GeneSearch& search,
                                    const std::function<bool(const std::string&)>& knows);

/// "12 of 15 added": what came of a drop. "" where all were added and nothing needs to be said but the number.
[[nodiscard]] QString drop_report(const AddedGenes& added, const FoundGenes& found);

}  // namespace cw::ui
