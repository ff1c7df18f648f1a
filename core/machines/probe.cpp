// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/probe.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

namespace cw {
namespace {

// Prints "key=value" lines. Whatever is missing on a host leaves its line empty or out.
constexpr const char* kScript = R"sh(
echo "clock=$(date +%s.%N)"
echo "user=$(id -un)"
echo "system=$(uname -s) $(uname -m)"
echo "os=$( (. /etc/os-release && echo "$PRETTY_NAME") 2>/dev/null)"
echo "glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null)"
echo "cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)"
echo "cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
echo "load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null)"
echo "memory_kb=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo 2>/dev/null)"
echo "memory_free_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo 2>/dev/null)"
echo "folder=$root"
if trouble=$( { mkdir -p "$root" && printf '%04096d' 0 >"$root/.probe.$$" && rm -f "$root/.probe.$$"; } 2>&1); then
  echo "disk_free_kb=$(df -Pk "$root" | sed -n '2s/  */ /gp' | cut -d' ' -f4)"
else
  rm -f "$root/.probe.$$" 2>/dev/null
  echo "folder_trouble=$(printf %s "$trouble" | tail -n 1)"
fi
for tool in tar gzip sha256sum dd tail setsid; do
  command -v "$tool" >/dev/null 2>&1 || echo "missing=$tool"
done
command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used,utilization.gpu \
  --format=csv,noheader,nounits 2>/dev/null | sed 's/^/gpu=/'
command -v sbatch >/dev/null 2>&1 || . /etc/profile >/dev/null 2>&1
if command -v sbatch >/dev/null 2>&1; then
  if version=$(sinfo --version 2>/dev/null); then
    echo "scheduler=$version"
  else
    echo "scheduler_trouble=$(sinfo --version 2>&1 | tail -n 1)"
  fi
  sinfo -h -o '%P|%a|%l|%D|%c|%m|%G' 2>/dev/null | sed 's/^/partition=/'
fi
for engine in "$root"/engines/*/bin/cellwright; do
  [ -x "$engine" ] && echo "engine=$(basename "$(dirname "$(dirname "$engine")")")"
done
true
)sh";

constexpr double kMostClockSkew = 60.0;     // seconds
constexpr std::int64_t kLittleDisk = 4096;  // MB

using Fields = std::multimap<std::string, std::string>;

Fields fields_of(const std::string& text) {
  Fields fields;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    const auto split = line.find('=');
    if (split != std::string::npos) fields.emplace(line.substr(0, split), utf8_with_escapes(line.substr(split + 1)));
  }
  return fields;
}

std::string field(const Fields& fields, const char* key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string() : found->second;
}

// 0 for anything that is no number: a host may print "[N/A]".
std::int64_t whole(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }
double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  std::string part;
  while (std::getline(stream, part, separator)) {
    const auto begin = part.find_first_not_of(' ');
    parts.push_back(begin == std::string::npos ? "" : part.substr(begin));
  }
  return parts;
}

std::vector<GpuReport> gpus_of(const Fields& fields) {
  std::vector<GpuReport> gpus;
  const auto [begin, end] = fields.equal_range("gpu");
  for (auto entry = begin; entry != end; ++entry) {
    auto parts = split_at(entry->second, ',');
    parts.resize(5);
    gpus.push_back({parts[0], parts[1], whole(parts[2]), whole(parts[3]), static_cast<int>(whole(parts[4]))});
  }
  return gpus;
}

// A partition with several kinds of nodes has several lines: the first stands, the nodes add up.
std::vector<PartitionReport> partitions_of(const Fields& fields) {
  std::vector<PartitionReport> partitions;
  const auto [begin, end] = fields.equal_range("partition");
  for (auto entry = begin; entry != end; ++entry) {
    auto parts = split_at(entry->second, '|');
    parts.resize(7);
    PartitionReport partition;
    partition.is_default = !parts[0].empty() && parts[0].back() == '*';
    partition.name = partition.is_default ? parts[0].substr(0, parts[0].size() - 1) : parts[0];
    partition.is_up = parts[1] == "up";
    partition.time_limit = parts[2];
    partition.nodes = static_cast<int>(whole(parts[3]));
    partition.cpus_per_node = static_cast<int>(whole(parts[4]));
    partition.memory_mb_per_node = whole(parts[5]);
    partition.gpus = parts[6] == "(null)" ? "" : parts[6];
    const auto same = std::find_if(partitions.begin(), partitions.end(),
                                   [&](const PartitionReport& other) { return other.name == partition.name; });
    if (same == partitions.end()) {
      partitions.push_back(std::move(partition));
    } else {
      same->nodes += partition.nodes;
      if (same->gpus.empty()) same->gpus = partition.gpus;
    }
  }
  return partitions;
}

void check_cluster(const Machine& machine, const std::string& trouble, MachineReport& report) {
  const std::string who = title_of(machine);
  if (!trouble.empty()) {
    report.problems.emplace_back(ErrorCode::kNotFound, "E-MCH-030",
                                 who + ": sbatch is there, but its Slurm does not work there: " + trouble +
                                     "; ask who looks after the cluster which host jobs are given to");
    return;
  }
  if (report.scheduler.empty()) {
    report.problems.emplace_back(
        ErrorCode::kNotFound, "E-MCH-030",
        who +
            ": there is no Slurm (no sbatch); if it must be loaded first, say how: cellwright "
            "machines add " +
            machine.name + " --setup 'module load slurm' --overwrite; if it is no cluster, leave out --slurm");
    return;
  }
  const auto& wanted = machine.slurm.partition;
  const auto is_wanted = [&](const PartitionReport& partition) { return partition.name == wanted; };
  if (wanted.empty() || std::any_of(report.partitions.begin(), report.partitions.end(), is_wanted)) return;
  std::string names;
  for (const auto& partition : report.partitions) names += (names.empty() ? "" : ", ") + partition.name;
  report.problems.emplace_back(ErrorCode::kNotFound, "E-MCH-031",
                               who + ": there is no partition '" + wanted + "'; there are: " + names);
}

void check(const Machine& machine, const Fields& fields, MachineReport& report) {
  const std::string who = title_of(machine);
  if (report.system != "Linux x86_64") {
    report.problems.emplace_back(ErrorCode::kUnsupported, "E-MCH-020",
                                 who + ": it is " + report.system + "; the engine runs on Linux x86_64 only");
  }
  if (const std::string trouble = field(fields, "folder_trouble"); !trouble.empty()) {
    report.problems.push_back(script_error(machine, 1, trouble));
  }
  const auto [begin, end] = fields.equal_range("missing");
  for (auto tool = begin; tool != end; ++tool) {
    report.problems.push_back(script_error(machine, 127, tool->second + ": not found"));
  }
  if (machine.kind == MachineKind::kSlurm) check_cluster(machine, field(fields, "scheduler_trouble"), report);
  if (std::abs(report.clock_ahead_s) > kMostClockSkew) {
    char text[160];
    std::snprintf(text, sizeof(text), "its clock is %.0f s %s of this one; times in its logs are off, nothing else",
                  std::abs(report.clock_ahead_s), report.clock_ahead_s > 0 ? "ahead" : "behind");
    report.warnings.emplace_back(text);
  }
  if (report.problems.empty() && report.disk_free_mb < kLittleDisk) {
    report.warnings.emplace_back("only " + std::to_string(report.disk_free_mb) + " MB of disk are free in " +
                                 report.folder);
  }
}

}  // namespace

Result<MachineReport> probe(const Connection& connection) {
  CommandOptions options;
  options.timeout = std::chrono::seconds(90);
  CW_ASSIGN(const CommandOutcome outcome, connection.run(kScript, options));
  const double here = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto began = std::chrono::steady_clock::now();
  CW_TRY(connection.run("true", options));
  const double round_trip = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

  const Fields fields = fields_of(outcome.out);
  MachineReport report;
  report.latency_ms = round_trip * 1000.0;
  report.clock_ahead_s = number(field(fields, "clock")) - here;
  report.user = field(fields, "user");
  report.folder = field(fields, "folder");
  report.system = field(fields, "system");
  report.os = field(fields, "os");
  report.glibc = field(fields, "glibc");
  report.cpu = field(fields, "cpu");
  report.cpus = static_cast<int>(whole(field(fields, "cpus")));
  report.load = number(field(fields, "load"));
  report.memory_mb = whole(field(fields, "memory_kb")) / 1024;
  report.memory_free_mb = whole(field(fields, "memory_free_kb")) / 1024;
  report.disk_free_mb = whole(field(fields, "disk_free_kb")) / 1024;
  report.scheduler = field(fields, "scheduler");
  report.gpus = gpus_of(fields);
  report.partitions = partitions_of(fields);
  const auto [begin, end] = fields.equal_range("engine");
  for (auto engine = begin; engine != end; ++engine) report.engines.push_back(engine->second);
  check(connection.machine(), fields, report);
  return report;
}

Json to_json(const MachineReport& report) {
  Json json = {{"latency_ms", report.latency_ms},
               {"clock_ahead_s", report.clock_ahead_s},
               {"user", report.user},
               {"folder", report.folder},
               {"system", report.system},
               {"os", report.os},
               {"glibc", report.glibc},
               {"cpu", report.cpu},
               {"cpus", report.cpus},
               {"load", report.load},
               {"memory_mb", report.memory_mb},
               {"memory_free_mb", report.memory_free_mb},
               {"disk_free_mb", report.disk_free_mb}};
  json["gpus"] = Json::array();
  for (const auto& gpu : report.gpus) {
    json["gpus"].push_back({{"name", gpu.name},
                            {"driver", gpu.driver},
                            {"memory_mb", gpu.memory_mb},
                            {"memory_used_mb", gpu.memory_used_mb},
                            {"load_percent", gpu.load_percent}});
  }
  json["scheduler"] = report.scheduler;
  json["partitions"] = Json::array();
  for (const auto& partition : report.partitions) {
    json["partitions"].push_back({{"name", partition.name},
                                  {"default", partition.is_default},
                                  {"up", partition.is_up},
                                  {"time_limit", partition.time_limit},
                                  {"nodes", partition.nodes},
                                  {"cpus_per_node", partition.cpus_per_node},
                                  {"memory_mb_per_node", partition.memory_mb_per_node},
                                  {"gpus", partition.gpus}});
  }
  json["engines"] = report.engines;
  json["problems"] = Json::array();
  for (const auto& problem : report.problems) {
    json["problems"].push_back({{"code", problem.id}, {"kind", name_of(problem.code)}, {"text", problem.message}});
  }
  json["warnings"] = report.warnings;
  return json;
}

std::string report_text(const Machine& machine, const MachineReport& report) {
  const auto gigabytes = [](std::int64_t megabytes) { return std::to_string((megabytes + 512) / 1024) + " GB"; };
  char figures[160];
  std::snprintf(figures, sizeof(figures), "%.0f ms away; load %.1f of %d processors", report.latency_ms, report.load,
                report.cpus);
  std::string text = title_of(machine) + ": " + figures;
  text += "\n  system      " + report.os + ", " + report.system + ", " + report.glibc;
  text += "\n  processors  " + std::to_string(report.cpus) + " (" + report.cpu + ")";
  text += "\n  memory      " + gigabytes(report.memory_mb) + ", free " + gigabytes(report.memory_free_mb);
  text += "\n  disk        " + gigabytes(report.disk_free_mb) + " free in " + report.folder;
  for (const auto& gpu : report.gpus) {
    text += "\n  GPU         " + gpu.name + ", " + gigabytes(gpu.memory_mb) + ", driver " + gpu.driver;
  }
  if (report.gpus.empty()) text += "\n  GPU         none seen";
  text += "\n  scheduler   " + (report.scheduler.empty() ? "none" : report.scheduler);
  for (const auto& partition : report.partitions) {
    text += "\n    " + partition.name + (partition.is_default ? " (default)" : "") + ": at most " +
            partition.time_limit + ", " + std::to_string(partition.nodes) + " nodes of " +
            std::to_string(partition.cpus_per_node) + " processors and " + gigabytes(partition.memory_mb_per_node) +
            (partition.gpus.empty() ? "" : ", " + partition.gpus) + (partition.is_up ? "" : ", closed now");
  }
  text +=
      "\n  engine      " + (report.engines.empty() ? "none yet; it is sent with the first job" : report.engines.back());
  for (const auto& warning : report.warnings) text += "\nnote: " + warning;
  for (const auto& problem : report.problems) text += "\nproblem [" + problem.id + "] " + problem.message;
  if (report.problems.empty()) text += "\njobs can run here";
  return text;
}

}  // namespace cw
