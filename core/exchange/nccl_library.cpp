// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/nccl_library.h"

#include <dlfcn.h>

#include <charconv>

namespace cw {
namespace {

Error unusable(const std::string& why) {
  return {ErrorCode::kUnsupported, "E-COM-010",
          why + "; processes with a GPU each exchange their numbers through NCCL " +
              nccl_version_text(nccl::kOldestVersion) +
              " or later: install NVIDIA's NCCL for this CUDA version, or train with one process"};
}

template <class Function>
bool look_up(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// The name of the first function that is not there; none = all are.
const char* look_up_all(void* library, nccl::Api& api) {
  const char* missing = nullptr;
  const auto need = [&](const char* name, auto& function) {
    if (!look_up(library, name, function) && missing == nullptr) missing = name;
  };
  need("ncclGetUniqueId", api.get_unique_id);
  need("ncclCommInitRankConfig", api.comm_init_rank_config);
  need("ncclCommFinalize", api.comm_finalize);
  need("ncclCommDestroy", api.comm_destroy);
  need("ncclCommAbort", api.comm_abort);
  need("ncclCommGetAsyncError", api.comm_get_async_error);
  need("ncclGetErrorString", api.get_error_string);
  need("ncclGetLastError", api.get_last_error);
  need("ncclGroupStart", api.group_start);
  need("ncclGroupEnd", api.group_end);
  need("ncclAllReduce", api.all_reduce);
  need("ncclReduce", api.reduce);
  need("ncclReduceScatter", api.reduce_scatter);
  need("ncclAllGather", api.all_gather);
  need("ncclBroadcast", api.broadcast);
  return missing;
}

}  // namespace

std::string nccl_version_text(int version) {
  // up to 2.8 the parts had one digit each
  const int thousand = version < 10000 ? 1000 : 10000;
  return std::to_string(version / thousand) + "." + std::to_string(version % thousand / 100) + "." +
         std::to_string(version % 100);
}

Result<std::shared_ptr<const NcclLibrary>> NcclLibrary::load(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (library == nullptr) library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    return unusable("the library " + path + " cannot be loaded (" + (reason == nullptr ? "?" : reason) + ")");
  }
  std::shared_ptr<NcclLibrary> nccl(new NcclLibrary);
  if (!look_up(library, "ncclGetVersion", nccl->api_.get_version)) return unusable(path + " is not NCCL");
  if (nccl->api_.get_version(&nccl->version_) != nccl::kSuccess || nccl->version_ < nccl::kOldestVersion) {
    return unusable(path + " is NCCL " + nccl_version_text(nccl->version_));
  }
  if (const char* missing = look_up_all(library, nccl->api_); missing != nullptr) {
    return unusable(path + ", NCCL " + nccl_version_text(nccl->version_) + ", has no function " + missing);
  }
  return std::shared_ptr<const NcclLibrary>(std::move(nccl));
}

Result<std::string> NcclLibrary::make_id() const {
  nccl::UniqueId id{};
  if (const int result = api_.get_unique_id(&id); result != nccl::kSuccess) {
    return Error{ErrorCode::kIo, "E-COM-011",
                 "NCCL cannot open the meeting point of the GPUs (" + words_for(result, nullptr) +
                     "); set NCCL_SOCKET_IFNAME to the network interface that the hosts share"};
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char byte : id.bytes) {
    const auto value = static_cast<unsigned char>(byte);
    digits += kDigits[value >> 4U];
    digits += kDigits[value & 15U];
  }
  return digits;
}

Result<nccl::UniqueId> NcclLibrary::read_id(const std::string& digits) {
  nccl::UniqueId id{};
  bool good = digits.size() == 2 * id.bytes.size();
  for (std::size_t i = 0; good && i < id.bytes.size(); ++i) {
    unsigned value = 0;
    const char* begin = digits.data() + 2 * i;
    const auto [end, status] = std::from_chars(begin, begin + 2, value, 16);
    good = status == std::errc() && end == begin + 2;
    id.bytes[i] = static_cast<char>(value);
  }
  if (!good) return Error{ErrorCode::kParse, "E-COM-003", "process 0 sent no meeting point of NCCL"};
  return id;
}

std::string NcclLibrary::words_for(int result, nccl::Comm comm) const {
  const char* general = api_.get_error_string(result);
  const char* last = api_.get_last_error(comm);
  std::string words = general == nullptr ? "error " + std::to_string(result) : general;
  if (last != nullptr && *last != '\0') words += std::string(": ") + last;
  return words;
}

}  // namespace cw
