// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/connection.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace cw {
namespace {

constexpr std::string_view kBegin = "cellwright:begin\n";

// Sockets of shared connections: a folder that only this user can enter; their names must be short.
std::optional<std::string> socket_folder() {
  std::error_code status;
  const char* given = std::getenv("XDG_RUNTIME_DIR");
  const bool has_own = given != nullptr && *given != '\0' && std::string_view(given).size() < 40;
  const std::string folder =
      has_own ? std::string(given) + "/cellwright" : "/tmp/cellwright-" + std::to_string(::getuid());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return std::nullopt;
  struct stat found {};
  const bool ours = ::lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == ::getuid() &&
                    (found.st_mode & 077U) == 0;
  return ours ? std::optional(folder) : std::nullopt;
}

// A user who shares connections already does it in a way that suits the site.
bool shares_connections(const Machine& machine) {
  const auto settings = run_command({ssh_program(), "-G", "--", machine.host});
  return settings.ok() && settings->out.find("\ncontrolpath ") != std::string::npos &&
         settings->out.find("\ncontrolpath none\n") == std::string::npos;
}

std::vector<std::string> ssh_command(const Machine& machine) {
  std::vector<std::string> command = {ssh_program()};
  for (const char* option :
       {"BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=15", "ServerAliveInterval=5",
        "ServerAliveCountMax=3", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "LogLevel=ERROR"}) {
    command.insert(command.end(), {"-o", option});
  }
  command.insert(command.end(), {"-T", "-a", "-x"});
  if (const auto folder = socket_folder(); folder && !shares_connections(machine)) {
    const std::string path = "ControlPath=" + *folder + "/%C";
    command.insert(command.end(), {"-o", "ControlMaster=auto", "-o", "ControlPersist=120", "-o", path});
  }
  return command;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// "The fingerprint for the ED25519 key sent by the remote host is\nSHA256:..."
std::string shown_fingerprint(const std::string& words) {
  const auto begin = words.find("SHA256:");
  if (begin == std::string::npos) return {};
  return words.substr(begin, words.find_first_of(" .\r\n", begin) - begin);
}

// "error [E-IO-003] ...": what our own program printed there.
std::optional<Error> error_of_program(int code, const std::string& line) {
  constexpr std::string_view kErrorMark = "error [";
  const auto end = line.find("] ");
  if (line.rfind(kErrorMark, 0) != 0 || end == std::string::npos) return std::nullopt;
  ErrorCode kind = ErrorCode::kInternal;
  for (const auto known : {ErrorCode::kInvalidArgument, ErrorCode::kIo, ErrorCode::kCancelled, ErrorCode::kNoSpace}) {
    if (exit_code(known) == code) kind = known;
  }
  return Error{kind, line.substr(kErrorMark.size(), end - kErrorMark.size()), line.substr(end + 2)};
}

}  // namespace

std::string ssh_program() {
  const char* given = std::getenv("CELLWRIGHT_SSH");
  return given != nullptr && *given != '\0' ? given : "ssh";
}

std::string title_of(const Machine& machine) {
  return machine.host.empty() ? machine.name : machine.name + " (ssh " + machine.host + ")";
}

bool is_lost_connection(const Error& error) {
  return error.id == "E-MCH-018" || error.id == "E-MCH-012" || error.id == "E-MCH-011" || error.id == "E-MCH-010";
}

Error connection_error(const Machine& machine, const std::string& ssh_words) {
  const std::string who = title_of(machine);
  if (holds(ssh_words, "REMOTE HOST IDENTIFICATION HAS CHANGED")) {
    return {ErrorCode::kRefused, "E-MCH-015",
            who + ": the host shows another key than the one you know (now " + shown_fingerprint(ssh_words) +
                "): either it was installed anew, or somebody stands in between. Ask its administrator for the "
                "fingerprint; if it is this one, remove the old key (ssh-keygen -R HOST) and probe again"};
  }
  if (holds(ssh_words, "Host key verification failed") || holds(ssh_words, "requested strict checking")) {
    return {ErrorCode::kRefused, "E-MCH-014",
            who + ": you have never accepted the key of this host; see it and accept it: cellwright machines probe " +
                machine.name};
  }
  if (holds(ssh_words, "Permission denied") || holds(ssh_words, "Too many authentication failures")) {
    return {ErrorCode::kRefused, "E-MCH-013",
            who + ": sign-in was refused: there is no such user, or none of your keys is accepted (" +
                last_line(ssh_words) + "). Try 'ssh " + machine.host +
                "' in a terminal; a key with a passphrase must be in your agent (ssh-add)"};
  }
  if (holds(ssh_words, "Could not resolve hostname")) {
    return {ErrorCode::kNotFound, "E-MCH-010",
            who + ": no host of this name is known; check the spelling, the network and ~/.ssh/config"};
  }
  if (holds(ssh_words, "timed out") || holds(ssh_words, "Connection timeout")) {
    return {ErrorCode::kIo, "E-MCH-012",
            who + ": no answer in time; the host is down or unreachable from here (is a VPN needed?)"};
  }
  if (holds(ssh_words, "Connection refused") || holds(ssh_words, "No route to host") ||
      holds(ssh_words, "Network is unreachable")) {
    return {
        ErrorCode::kIo, "E-MCH-011",
        who + ": nobody answers there (" + last_line(ssh_words) + "); check the port and that ssh runs on the host"};
  }
  return {ErrorCode::kIo, "E-MCH-018", who + ": the connection was cut (" + last_line(ssh_words) + "); try again"};
}

Error script_error(const Machine& machine, int exit_code, const std::string& words) {
  const std::string who = title_of(machine);
  if (const auto said = error_of_program(exit_code, last_line(words))) return said->in(who);
  if (holds(words, "No space left on device")) {
    return {ErrorCode::kNoSpace, "E-MCH-021",
            who + ": the disk with " + machine.folder +
                " is full; free space there, or use another place: cellwright machines add " + machine.name +
                " --folder DIR --overwrite"};
  }
  if (holds(words, "Disk quota exceeded")) {
    return {ErrorCode::kNoSpace, "E-MCH-022",
            who + ": your quota on the disk with " + machine.folder +
                " is used up; remove files there, or use another place (scratch): cellwright machines add " +
                machine.name + " --folder DIR --overwrite"};
  }
  if (holds(words, "Permission denied") || holds(words, "Read-only file system")) {
    return {ErrorCode::kIo, "E-MCH-023",
            who + ": " + machine.folder + " cannot be written there (" + last_line(words) +
                "); use another place: cellwright machines add " + machine.name + " --folder DIR --overwrite"};
  }
  if (exit_code == 127 || holds(words, "not found")) {
    return {ErrorCode::kNotFound, "E-MCH-024",
            who + ": a program is missing there (" + last_line(words) + "); ask its administrator to install it"};
  }
  return {ErrorCode::kIo, "E-MCH-019",
          who + ": a command failed there with code " + std::to_string(exit_code) + ": " + last_line(words)};
}

Connection::Connection(Machine machine) : machine_(std::move(machine)) {
  if (!machine_.host.empty()) ssh_ = ssh_command(machine_);
}

std::vector<std::string> Connection::arguments_for(const std::string& script) const {
  const std::string folder = machine_.folder.rfind("~/", 0) == 0
                                 ? "\"$HOME\"/" + shell_quoted(machine_.folder.substr(2))
                                 : shell_quoted(machine_.folder);
  const std::string whole = "LC_ALL=C; export LC_ALL; umask 077; root=" + folder + "; " +
                            (machine_.setup.empty() ? "" : "{ " + machine_.setup + "; } >/dev/null; ") +
                            "printf 'cellwright:begin\\n'; " + script;
  if (machine_.host.empty()) return {"sh", "-c", whole};
  std::vector<std::string> arguments = ssh_;
  // the shell of the account may be any: it only starts ours
  arguments.insert(arguments.end(), {"--", machine_.host, "exec sh -c " + shell_quoted(whole)});
  return arguments;
}

Result<CommandOutcome> Connection::run(const std::string& script, const CommandOptions& options) const {
  CommandOptions own = options;
  std::string before;  // what came before the mark
  bool begun = false;
  std::string out;
  own.on_output = [&](std::string_view piece) {
    const auto take = [&](std::string_view text) {
      if (options.on_output) {
        options.on_output(text);
      } else {
        out += text;
      }
    };
    if (begun) return take(piece);
    before += piece;
    const auto mark = before.find(kBegin);
    if (mark == std::string::npos) return;
    begun = true;
    if (const std::string rest = before.substr(mark + kBegin.size()); !rest.empty()) take(rest);
  };
  CW_ASSIGN(CommandOutcome outcome, run_command(arguments_for(script), own));
  outcome.out = std::move(out);
  if (outcome.stopped) return Error{ErrorCode::kCancelled, "E-JOB-001", title_of(machine_) + ": stopped"};
  if (outcome.timed_out) {
    return Error{ErrorCode::kIo, "E-MCH-012",
                 title_of(machine_) + ": no answer in time; the host is down or unreachable from here"};
  }
  const bool no_connection = !machine_.host.empty() && (outcome.exit_code == 255 || outcome.exit_code > 128 || !begun);
  if (outcome.exit_code != 0 && no_connection) return connection_error(machine_, outcome.err);
  if (outcome.exit_code != 0) return script_error(machine_, outcome.exit_code, outcome.err);
  return outcome;
}

void Connection::drop() const {
  if (machine_.host.empty()) return;
  std::vector<std::string> arguments = ssh_;
  arguments.insert(arguments.end(), {"-O", "exit", "--", machine_.host});
  CommandOptions quickly;
  quickly.timeout = std::chrono::seconds(5);
  static_cast<void>(run_command(arguments, quickly));
}

}  // namespace cw
