// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <filesystem>
#include <string>

namespace cw {

/// What a job is to do: the content of `spec.json`. The same specification gives the same result, on any machine.
struct JobSpec {
  std::string kind;  ///< "tokenize", "embed", "perturb", ...
  Json options;      ///< of that kind; core/api defines and checks them
  std::string id;    ///< 12 hexadecimal digits, made by the submitter
};

/// Gives the specification a new random id.
[[nodiscard]] JobSpec new_job(std::string kind, Json options);

[[nodiscard]] Json to_json(const JobSpec& spec);

/// `where` goes into errors. Errors: kParse E-JOB-002 (not a specification), kUnsupported E-JOB-003 (of a newer
/// version).
[[nodiscard]] Result<JobSpec> job_spec_from_json(const Json& json, const std::string& where);

}  // namespace cw
