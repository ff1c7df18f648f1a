// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/host_key.h"

#include "core/base/files.h"
#include "core/machines/connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

// A scratch folder that goes with the object.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Where ssh itself would write a key that the user accepts.
Result<fs::path> known_hosts_file(const Machine& machine) {
  CW_ASSIGN(const CommandOutcome settings, run_command({ssh_program(), "-G", "--", machine.host}));
  std::istringstream lines(settings.out);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string key;
    std::string file;
    words >> key >> file;
    if (key != "userknownhostsfile" || file.empty() || file == "none") continue;
    const char* home = std::getenv("HOME");
    return file.rfind("~/", 0) == 0 && home != nullptr ? fs::path(home) / file.substr(2) : fs::path(file);
  }
  return Error{ErrorCode::kNotFound, "E-MCH-016",
               title_of(machine) + ": your ssh configuration names no file of known hosts (UserKnownHostsFile)"};
}

Result<> append_line(const fs::path& file, const std::string& line) {
  std::error_code status;
  if (fs::create_directories(file.parent_path(), status)) fs::permissions(file.parent_path(), fs::perms::owner_all);
  const auto before = fs::exists(file, status) ? read_file(file) : Result<std::string>(std::string());
  if (!before.ok()) return before.error();
  const bool open_end = !before->empty() && before->back() != '\n';
  const std::string text = (open_end ? "\n" : "") + line + "\n";
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return error_from_errno("writing", file.string());
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int saved = errno;
  ::close(descriptor);
  errno = saved;
  if (!written) return error_from_errno("writing", file.string());
  return {};
}

}  // namespace

Result<HostKey> shown_host_key(const Machine& machine) {
  CW_ASSIGN(const fs::path folder, make_scratch_folder(fs::temp_directory_path()));
  const Scratch scratch(folder);
  const fs::path file = folder / "known_hosts";
  CommandOptions options;
  options.timeout = std::chrono::seconds(60);
  // ssh writes the key it is shown into a file of ours and then signs in with nothing: no key of the user is offered
  CW_ASSIGN(const CommandOutcome outcome, run_command({ssh_program(),
                                                       "-o",
                                                       "BatchMode=yes",
                                                       "-o",
                                                       "StrictHostKeyChecking=accept-new",
                                                       "-o",
                                                       "UserKnownHostsFile=" + file.string(),
                                                       "-o",
                                                       "GlobalKnownHostsFile=/dev/null",
                                                       "-o",
                                                       "ControlMaster=no",
                                                       "-o",
                                                       "ControlPath=none",
                                                       "-o",
                                                       "ConnectTimeout=15",
                                                       "-o",
                                                       "PreferredAuthentications=none",
                                                       "-o",
                                                       "HashKnownHosts=no",
                                                       "-T",
                                                       "--",
                                                       machine.host,
                                                       "true"},
                                                      options));
  std::error_code status;
  if (!fs::exists(file, status)) return connection_error(machine, outcome.err);
  CW_ASSIGN(const std::string line, read_file(file));
  CW_ASSIGN(const CommandOutcome listed, run_command({"ssh-keygen", "-l", "-f", file.string()}));
  // "256 SHA256:... [host]:port (ED25519)"
  std::istringstream words(listed.out);
  HostKey key;
  std::string bits;
  words >> bits >> key.fingerprint;
  const auto type = listed.out.rfind('(');
  if (key.fingerprint.rfind("SHA256:", 0) != 0 || type == std::string::npos) {
    return Error{ErrorCode::kIo, "E-MCH-016", title_of(machine) + ": the key of the host could not be read"};
  }
  key.type = listed.out.substr(type + 1, listed.out.find(')', type) - type - 1);
  key.line = line.substr(0, line.find('\n'));
  return key;
}

Result<> accept_host_key(const Machine& machine, const std::string& fingerprint) {
  CW_ASSIGN(const HostKey key, shown_host_key(machine));
  if (key.fingerprint != fingerprint) {
    return Error{ErrorCode::kRefused, "E-MCH-016",
                 title_of(machine) + ": you accept " + fingerprint + ", but the host shows " + key.fingerprint + " (" +
                     key.type + "); nothing was accepted. Ask the host's administrator which one is right"};
  }
  CW_ASSIGN(const fs::path file, known_hosts_file(machine));
  return append_line(file, key.line);
}

}  // namespace cw
