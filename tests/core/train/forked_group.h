// SPDX-License-Identifier: GPL-3.0-or-later
// A training run by several processes, and what they leave behind.
#pragma once
#include "core/base/json.h"
#include "core/exchange/group.h"
#include "core/weights/tensor_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// What the processes of a group said at their end.
struct GroupOutcome {
  std::vector<std::string> errors;                     ///< by rank; "" = none
  std::map<std::string, std::vector<double>> metrics;  ///< of process 0

  /// What one process says.
  template <class Metrics>
  static Json part(const Result<Json>& result, const Metrics& metrics) {
    return {{"error", result.ok() ? "" : std::string(name_of(result.error().code)) + " " + result.error().message},
            {"metrics", metrics}};
  }
};

/// One process per place, which does `work`.
inline GroupOutcome run_forked(const std::filesystem::path& folder, const std::vector<GroupPlace>& group,
                               const std::function<Json(Communicator&)>& work) {
  const auto said = [&](int rank) { return folder / ("said-" + std::to_string(rank) + ".json"); };
  std::vector<pid_t> children;
  for (const GroupPlace& place : group) {
    children.push_back(fork());
    EXPECT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    const auto communicator = join_group(place);
    const Json words = communicator.ok() ? work(**communicator)
                                         : Json{{"error", communicator.error().message}, {"metrics", Json::object()}};
    _exit(write_json(said(place.rank), words).ok() ? 0 : 1);
  }
  ::close(group[0].listener);
  GroupOutcome outcome;
  for (std::size_t rank = 0; rank < children.size(); ++rank) {
    int status = 0;
    waitpid(children[rank], &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "process " << rank;
    const auto json = read_json(said(static_cast<int>(rank)));
    EXPECT_TRUE(json.ok());
    if (!json.ok()) return outcome;
    outcome.errors.push_back(json->at("error").get<std::string>());
    if (rank == 0) json->at("metrics").get_to(outcome.metrics);
  }
  return outcome;
}

/// Between two files with the same tensors, over all elements.
inline double largest_difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto first = TensorFile::open(a);
  const auto second = TensorFile::open(b);
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ((*first)->tensors().size(), (*second)->tensors().size());
  double largest = 0.0;
  for (const TensorRef& tensor : (*first)->tensors()) {
    const TensorRef* other = (*second)->find(tensor.name);
    EXPECT_NE(other, nullptr) << tensor.name;
    if (other == nullptr) continue;
    for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.num_elements()); ++i) {
      largest = std::max(largest, std::abs(element_at(tensor, i) - element_at(*other, i)));
    }
  }
  return largest;
}

}  // namespace cw
