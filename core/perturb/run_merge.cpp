// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/run_merge.h"

#include "core/base/output_check.h"
#include "core/effects/effects_file.h"
#include "core/effects/merge_effects.h"
#include "core/embed/merge_embeddings.h"
#include "core/perturb/state_centroids.h"

namespace cw {
namespace {

bool is_run(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) || path.filename() == kEffectsFileName;
}

}  // namespace

Result<Json> run_merge(const MergeOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  const std::filesystem::path first = options.inputs.front();
  if (!is_run(first)) {
    CW_TRY(require_writable(options.output, options.overwrite));
    CW_TRY(require_writable(options.csv, options.overwrite));
    return merge_embeddings(options, ctx);
  }
  CW_ASSIGN(Json summary, merge_effects(options.inputs, options.output, options.overwrite, ctx));
  // the centroids are those of the whole run in every part
  const std::filesystem::path part = std::filesystem::is_directory(first) ? first : first.parent_path();
  CW_TRY(copy_centroids(part, options.output));
  return summary;
}

}  // namespace cw
