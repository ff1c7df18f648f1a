// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"

namespace cw {

/// Opens count matrices in text form: CSV, TSV, semicolons, spaces, also .gz; cells in rows or in columns.
///
/// Layout    one header line and names in the first column (the header may lack the corner). Text columns next to the
///           names are annotations. Where the genes are is told from the names (Ensembl ids, known symbols, barcodes),
///           else cells are taken to be in rows; `info().notes` says what was assumed.
/// Memory    constant with cells in rows; with cells in columns the values go through a temporary file once.
class CsvReaderFactory : public ReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return "csv"; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override;
  /// Errors: kNotFound, kIo; kParse E-CSV-001 to E-CSV-006.
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const override;
};

}  // namespace cw
