// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <array>
#include <climits>
#include <cstddef>
#include <memory>
#include <string>

namespace cw {

/// What we use of the C interface of NCCL (nccl.h, version 2.14 and later). It is declared here because the library
/// is looked for when a run begins and may be missing; its types are part of NCCL's binary interface and do not change.
namespace nccl {

/// Values of ncclResult_t.
inline constexpr int kSuccess = 0;
inline constexpr int kInProgress = 7;
/// Values of ncclDataType_t.
inline constexpr int kUint8 = 1;
inline constexpr int kFloat32 = 7;
inline constexpr int kFloat64 = 8;
inline constexpr int kBFloat16 = 9;
/// Of ncclRedOp_t.
inline constexpr int kSum = 0;

/// A communicator that returns from every call at once has been there since this version.
inline constexpr int kOldestVersion = 21400;

using Comm = void*;  ///< ncclComm_t

struct UniqueId {
  std::array<char, 128> bytes;
};

/// ncclConfig_t as it was in version 2.14. The library reads as many bytes as `size` says and takes the defaults for
/// what came later.
struct Config {
  std::size_t size = sizeof(Config);
  unsigned magic = 0xcafebeefU;
  unsigned version = kOldestVersion;
  int blocking = 0;
  int unused = INT_MIN;  ///< "not set", where later versions have a setting
};

struct Api {
  int (*get_version)(int*) = nullptr;
  int (*get_unique_id)(UniqueId*) = nullptr;
  int (*comm_init_rank_config)(Comm*, int num_ranks, UniqueId, int rank, Config*) = nullptr;
  int (*comm_finalize)(Comm) = nullptr;
  int (*comm_destroy)(Comm) = nullptr;
  int (*comm_abort)(Comm) = nullptr;
  int (*comm_get_async_error)(Comm, int*) = nullptr;
  const char* (*get_error_string)(int) = nullptr;
  const char* (*get_last_error)(Comm) = nullptr;
  int (*group_start)() = nullptr;
  int (*group_end)() = nullptr;
  int (*all_reduce)(const void* send, void* receive, std::size_t, int type, int sum, Comm, void* queue) = nullptr;
  int (*reduce)(const void* send, void* receive, std::size_t, int type, int sum, int root, Comm, void* queue) = nullptr;
  int (*reduce_scatter)(const void* send, void* receive, std::size_t, int type, int sum, Comm, void* queue) = nullptr;
  int (*all_gather)(const void* send, void* receive, std::size_t, int type, Comm, void* queue) = nullptr;
  int (*broadcast)(const void* send, void* receive, std::size_t, int type, int root, Comm, void* queue) = nullptr;
};

}  // namespace nccl

/// NCCL, loaded into this process; it stays there until the process ends.
class NcclLibrary {
 public:
  /// The copy that is loaded already, if there is one (two would not know of each other), else that at `path`: a
  /// file, or a name that the system looks for. Errors: kUnsupported E-COM-010.
  [[nodiscard]] static Result<std::shared_ptr<const NcclLibrary>> load(const std::string& path = "libnccl.so.2");

  [[nodiscard]] const nccl::Api& api() const noexcept { return api_; }
  /// 22809 is 2.28.9.
  [[nodiscard]] int version() const noexcept { return version_; }

  /// What a process needs to meet the others in NCCL: made by one, as hexadecimal digits. Errors: kIo E-COM-011.
  [[nodiscard]] Result<std::string> make_id() const;
  /// The other way; nothing but digits made by `make_id` is accepted. Errors: kParse E-COM-003.
  [[nodiscard]] static Result<nccl::UniqueId> read_id(const std::string& digits);
  /// "unhandled system error: Connection refused": NCCL's words for a result.
  [[nodiscard]] std::string words_for(int result, nccl::Comm comm) const;

 private:
  NcclLibrary() = default;
  nccl::Api api_;
  int version_ = 0;
};

/// "2.28.9" for 22809.
[[nodiscard]] std::string nccl_version_text(int version);

}  // namespace cw
