// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/merge_effects.h"

#include "core/api/shard.h"
#include "core/effects/effects_file.h"
#include "core/effects/gene_effect_table.h"

#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

Json tables_of(const EffectsHeader& header) {
  Json json = to_json(header);
  json.erase("provenance");
  return json;
}

/// The header of the whole run, and the folders in the order of the parts.
struct Whole {
  EffectsHeader header;
  std::vector<fs::path> folders;
};

Result<Whole> whole_of(const std::vector<std::string>& parts) {
  std::vector<PartRecord> records;
  std::optional<EffectsHeader> first;
  Json tables;
  for (const auto& part : parts) {
    CW_ASSIGN(const EffectsReader reader, EffectsReader::open(part));
    if (!reader.complete()) {
      std::string text = part + ": is not finished; go on with it first: cellwright resume ";
      text += part;
      return Error{ErrorCode::kRefused, "E-MRG-004", std::move(text)};
    }
    records.push_back({part, reader.header().provenance});
    if (!first) {
      first = reader.header();
      tables = tables_of(*first);
    } else if (tables_of(reader.header()) != tables) {
      return Error{
          ErrorCode::kRefused, "E-MRG-002",
          part + ": is a part of another run than " + parts.front() + ": they differ in their cells, genes or states"};
    }
  }
  CW_ASSIGN(const auto order, order_of_parts(records));
  Whole whole{std::move(*first), {}};
  whole.header.provenance = records[order.front()].provenance;
  whole.header.provenance["options"].erase("shard");
  whole.header.provenance["options"].erase("shards");
  for (const std::size_t i : order) {
    const fs::path path = parts[i];
    whole.folders.push_back(fs::is_directory(path) ? path : path.parent_path());
  }
  return whole;
}

/// Begins anew where an earlier merge was stopped.
Result<EffectsWriter> open_target(const fs::path& folder, const EffectsHeader& header, bool overwrite) {
  if (overwrite) return EffectsWriter::open(folder, header, true);
  auto writer = EffectsWriter::open(folder, header, false);
  if (!writer.ok() || writer->finished() || writer->num_blocks() == 0) return writer;
  return EffectsWriter::open(folder, header, true);
}

}  // namespace

Result<Json> merge_effects(const std::vector<std::string>& parts, const fs::path& folder, bool overwrite,
                           JobContext& ctx) {
  CW_ASSIGN(const Whole whole, whole_of(parts));
  CW_ASSIGN(EffectsWriter writer, open_target(folder, whole.header, overwrite));
  std::int64_t num_rows = 0;
  std::int64_t num_done = 0;
  const bool finished = writer.finished();
  for (const auto& part : whole.folders) {
    CW_ASSIGN(EffectsReader reader, EffectsReader::open(part));
    CW_TRY(reader.for_each([&](const EffectRows& rows) -> Result<> {
      if (ctx.cancelled()) return cancelled_error("putting the parts together");
      num_rows += rows.size();
      return finished || rows.size() == 0 ? Result<>{} : writer.append(rows);
    }));
    ctx.report(++num_done, std::ssize(whole.folders), "Putting parts together");
  }
  if (whole.header.genes.empty()) {
    CW_TRY(writer.finish());
  } else {
    CW_TRY(
        writer.finish([&](const auto& on_part) { return GeneEffectTable::summarise_parts(whole.folders, on_part); }));
  }
  return Json{{"parts", parts.size()},
              {"rows", num_rows},
              {"cells", whole.header.cells.size()},
              {"perturbations", whole.header.perturbations.size()},
              {"effects", (folder / kEffectsFileName).string()}};
}

}  // namespace cw
