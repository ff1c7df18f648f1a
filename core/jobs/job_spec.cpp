// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/job_spec.h"

#include "core/base/version.h"

#include <random>

namespace cw {
namespace {

constexpr int kSpecVersion = 1;

}  // namespace

JobSpec new_job(std::string kind, Json options) {
  static const char* const kDigits = "0123456789abcdef";
  std::random_device source;
  std::string id;
  for (int i = 0; i < 12; ++i) id += kDigits[source() & 15U];
  return {std::move(kind), std::move(options), std::move(id)};
}

Json to_json(const JobSpec& spec) {
  return {{"cellwright_job", kSpecVersion},
          {"program_version", version()},
          {"id", spec.id},
          {"kind", spec.kind},
          {"options", spec.options}};
}

Result<JobSpec> job_spec_from_json(const Json& json, const std::string& where) {
  if (!json.is_object() || !json.contains("cellwright_job") || !json.contains("kind") || !json["kind"].is_string() ||
      !json.contains("options") || !json["options"].is_object()) {
    return Error{ErrorCode::kParse, "E-JOB-002",
                 where + ": not a job specification (it needs cellwright_job, kind and options)"};
  }
  if (!json["cellwright_job"].is_number_integer() || json["cellwright_job"].get<int>() > kSpecVersion) {
    return Error{ErrorCode::kUnsupported, "E-JOB-003",
                 where + ": written by a newer Cellwright (specification version " + json["cellwright_job"].dump() +
                     ", this one knows " + std::to_string(kSpecVersion) + "); update Cellwright"};
  }
  const std::string kind = json["kind"].get<std::string>();
  // a random id is made only where there is none: it costs more than reading the file
  if (!json.contains("id") || !json["id"].is_string()) return new_job(kind, json["options"]);
  return JobSpec{kind, json["options"], json["id"].get<std::string>()};
}

}  // namespace cw
