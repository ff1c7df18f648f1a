// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/group_worker.h"

#include "core/base/files.h"
#include "core/engine/run_job.h"
#include "core/exchange/handshake.h"
#include "core/exchange/worker_group.h"
#include "core/jobs/job_worker.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

namespace cw {
namespace {

constexpr double kSecretTimeout = 120.0;  // network file systems show a new file after a while

std::atomic<bool> stopped{false};

extern "C" void note_stop(int) { stopped.store(true, std::memory_order_relaxed); }

int fail(const Error& error) {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  return exit_code(error.code);
}

std::filesystem::path secret_path(const JobFolder& folder) { return folder.path() / "control" / "group-secret"; }

Result<std::string> make_secret(const JobFolder& folder) {
  CW_ASSIGN(std::string secret, random_secret());
  const std::filesystem::path path = secret_path(folder);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno == EEXIST) return read_file(path);  // of an earlier start of the same job
  if (descriptor < 0) return error_from_errno("writing", path.string());
  const bool written = ::write(descriptor, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
  ::close(descriptor);
  if (!written) return error_from_errno("writing", path.string());
  return secret;
}

Result<std::string> read_secret(const JobFolder& folder) {
  const Deadline deadline(kSecretTimeout);
  for (;;) {
    const auto secret = read_file(secret_path(folder));
    if (secret.ok() && secret->size() == 64) return *secret;
    if (deadline.passed()) {
      return Error{ErrorCode::kIo, "E-COM-002",
                   secret_path(folder).string() +
                       ": process 0 has not left the secret of the group there; it has not " +
                       "started, or its host does not share this folder"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

Result<Json> run_part(const JobSpec& spec, GroupPlace place, const JobFolder& folder, JobContext& context) {
  if (place.secret.empty() && place.size > 1) {
    const Result<std::string> secret = place.rank == 0 ? make_secret(folder) : read_secret(folder);
    if (!secret.ok()) return secret.error();
    place.secret = *secret;
  }
  CW_ASSIGN(const auto communicator, join_group(place));
  return run_job_in_group(spec, *communicator, context);
}

// A process that reports nowhere: the first one does.
int work_silently(const JobFolder& folder, const GroupPlace& place) {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, note_stop);
  auto cancel = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> over{false};
  std::thread watch([&] {
    while (!over) {
      if (stopped || folder.cancel_requested()) cancel->store(true);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  JobContext context(nullptr, cancel);
  const Result<Json> result = run_part(folder.spec(), place, folder, context);
  over = true;
  watch.join();
  if (result.ok()) return 0;
  if (result.error().code == ErrorCode::kCancelled && stopped) return kExitPreempted;
  return fail(result.error());
}

}  // namespace

int work_in_started_group() {
  return work_for_starter([](const Json& job, int num_threads, Communicator& communicator, JobContext& context) {
    JobSpec spec;
    spec.kind = job.at("kind").get<std::string>();
    spec.options = job.at("options");
    spec.options["num_threads"] = num_threads;
    return run_job_in_group(spec, communicator, context);
  });
}

int work_in_launched_group(const JobFolder& folder) {
  auto found = place_from_environment(process_environment());
  if (!found.ok()) return fail(found.error());
  if (!found->has_value()) {
    return fail({ErrorCode::kInvalidArgument, "E-COM-001",
                 "no launcher has said which of several processes this is; start it with srun or torchrun, or use "
                 "--processes"});
  }
  const GroupPlace place = **found;
  if (place.rank != 0) return work_silently(folder, place);
  return work_on_job(folder,
                     [&](const JobSpec& spec, JobContext& context) { return run_part(spec, place, folder, context); });
}

}  // namespace cw
