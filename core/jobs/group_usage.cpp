// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/group_usage.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace cw {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kParentField = 3;  // of /proc/PID/stat, counted from 0 with the name as field 1
constexpr int kUserField = 13;   // followed by that of the system
constexpr double kKilobyte = 1024.0;

struct ProcessUse {
  std::int64_t parent = 0;
  double seconds = 0.0;
};
using Processes = std::map<std::int64_t, ProcessUse>;

// The name of a program may hold blanks and brackets, so fields are counted from behind it.
std::optional<ProcessUse> use_of(const fs::path& process) {
  std::ifstream stream(process / "stat");
  std::string line;
  if (!std::getline(stream, line) || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string field;
  ProcessUse use;
  double ticks = 0.0;
  for (int i = 2; i <= kUserField + 1 && fields >> field; ++i) {
    if (i == kParentField) use.parent = std::stoll(field);
    if (i >= kUserField) ticks += std::stod(field);
  }
  use.seconds = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return use;
}

// Its own pages and its share of those that others have too; all of its pages where the kernel does not say.
double bytes_of(const fs::path& process) {
  std::ifstream shares(process / "smaps_rollup");
  for (std::string line; std::getline(shares, line);) {
    if (line.rfind("Pss:", 0) == 0) return std::stod(line.substr(4)) * kKilobyte;
  }
  std::ifstream pages(process / "statm");
  double all = 0.0;
  double resident = 0.0;
  pages >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

Processes all_processes() {
  Processes all;
  std::error_code status;
  for (fs::directory_iterator entry("/proc", status), end; !status && entry != end; entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto use = use_of(entry->path())) all[std::stoll(name)] = *use;
  }
  return all;
}

// Those that descend from `root`, and it.
Processes group_of(const Processes& all, std::int64_t root) {
  Processes group;
  for (const auto& [process, use] : all) {
    std::int64_t ancestor = process;
    // the chain is no longer than the number of processes, whatever was reused in the meantime
    for (std::size_t i = 0; i < all.size() && ancestor != root && all.contains(ancestor); ++i) {
      ancestor = all.at(ancestor).parent;
    }
    if (ancestor == root) group[process] = use;
  }
  return group;
}

}  // namespace

GroupMeter::GroupMeter(std::int64_t root) : root_(root), last_(Clock::now()) {
  for (const auto& [process, use] : group_of(all_processes(), root_)) seconds_[process] = use.seconds;
}

std::optional<GroupUsage> GroupMeter::look(std::chrono::milliseconds interval) {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - last_).count();
  if (now - last_ < interval || elapsed <= 0.0) return std::nullopt;
  GroupUsage usage;
  std::map<std::int64_t, double> seconds;
  for (const auto& [process, use] : group_of(all_processes(), root_)) {
    const auto before = seconds_.find(process);
    usage.processors += (use.seconds - (before == seconds_.end() ? 0.0 : before->second)) / elapsed;
    usage.bytes += bytes_of("/proc/" + std::to_string(process));
    seconds[process] = use.seconds;
  }
  last_ = now;
  seconds_ = std::move(seconds);
  return usage.bytes > 0.0 ? std::optional(usage) : std::nullopt;
}

}  // namespace cw
