// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/command.h"

#include "core/base/program_start.h"
#include "core/base/utf8.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostErrors = 65'536;
constexpr milliseconds kLook{250};  // how often stop and timeouts are looked at

/// Two ends of a pipe, closed with the object. Sockets, because only they can be written to without a signal when the
/// reader is gone.
class Pipe {
 public:
  Pipe() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  void set_nonblocking(std::size_t end) const { ::fcntl(ends_[end], F_SETFL, O_NONBLOCK); }
  [[nodiscard]] int end(std::size_t which) const { return ends_[which]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// A running program and the three streams between us.
class Child {
 public:
  explicit Child(const CommandOptions& options) : options_(options) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ > 0) end_now(SIGKILL);
  }

  Result<> start(const std::vector<std::string>& arguments) {
    ProgramStart program(arguments);
    program.give(options_.input_descriptor >= 0 ? options_.input_descriptor : in_.end(0), STDIN_FILENO);
    program.give(out_.end(1), STDOUT_FILENO);
    program.give(err_.end(1), STDERR_FILENO);
    const Result<pid_t> process = program.start();
    in_.close(0);
    out_.close(1);
    err_.close(1);
    if (options_.input_descriptor >= 0) in_.close(1);
    if (!process.ok()) {
      if (process.error().code != ErrorCode::kNotFound) return process.error();
      return Error{ErrorCode::kNotFound, "E-MCH-017", arguments[0] + ": this program is not installed; install it"};
    }
    process_ = *process;
    for (const Pipe* pipe : {&out_, &err_}) pipe->set_nonblocking(0);
    if (in_.end(1) >= 0) in_.set_nonblocking(1);
    return {};
  }

  CommandOutcome work() {
    const auto began = Clock::now();
    auto last_output = began;
    bool ended = false;
    while (!ended) {
      ended = has_ended();  // before reading, so that what it wrote last is read
      if (!ended) wait_for_streams();
      feed();
      if (read_output()) last_output = Clock::now();
      read_errors();
      const auto now = Clock::now();
      const bool too_long = options_.timeout.count() > 0 && now - began > options_.timeout;
      const bool too_silent = options_.silence.count() > 0 && now - last_output > options_.silence;
      if (!ended && (too_long || too_silent)) {
        outcome_.timed_out = true;
        end_now(SIGTERM);
        break;
      }
      if (!ended && options_.stop && options_.stop()) {
        outcome_.stopped = true;
        end_now(SIGTERM);
        break;
      }
    }
    return std::move(outcome_);
  }

 private:
  void note_end(int status) {
    outcome_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    process_ = 0;
  }

  bool has_ended() {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != process_) return false;
    note_end(status);
    return true;
  }

  // A program that does not go within two seconds is killed.
  void end_now(int signal) {
    ::kill(process_, signal);
    for (int i = 0; i < 200; ++i) {
      if (has_ended()) return;
      ::usleep(10'000);
    }
    ::kill(process_, SIGKILL);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    note_end(status);
  }

  // A connection that is shared goes on in the background with our streams: their end is not the end of the program,
  // which is why both are waited for.
  void wait_for_streams() const {
    std::array<pollfd, 3> waiting = {{{out_.end(0), POLLIN, 0},
                                      {err_.end(0), POLLIN, 0},
                                      {fed_ < options_.input.size() ? in_.end(1) : -1, POLLOUT, 0}}};
    const bool all_closed = out_.end(0) < 0 && err_.end(0) < 0;
    static_cast<void>(::poll(waiting.data(), waiting.size(), all_closed ? 10 : static_cast<int>(kLook.count())));
  }

  void feed() {
    if (in_.end(1) < 0) return;
    while (fed_ < options_.input.size()) {
      const auto put = ::send(in_.end(1), options_.input.data() + fed_, options_.input.size() - fed_, MSG_NOSIGNAL);
      if (put < 0 && errno == EAGAIN) return;
      if (put <= 0) break;  // it does not want more
      fed_ += static_cast<std::size_t>(put);
    }
    in_.close(1);
  }

  template <class Use>
  static bool drain(Pipe& pipe, const Use& use) {
    std::array<char, 65'536> piece{};
    bool some = false;
    while (pipe.end(0) >= 0) {
      const auto got = ::read(pipe.end(0), piece.data(), piece.size());
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (got <= 0) {
        pipe.close(0);
        break;
      }
      some = true;
      use(std::string_view(piece.data(), static_cast<std::size_t>(got)));
    }
    return some;
  }

  bool read_output() {
    return drain(out_, [this](std::string_view piece) {
      if (options_.on_output) {
        options_.on_output(piece);
      } else {
        outcome_.out += piece;
      }
    });
  }

  void read_errors() {
    drain(err_, [this](std::string_view piece) {
      outcome_.err += piece;
      if (outcome_.err.size() > kMostErrors) outcome_.err.erase(0, outcome_.err.size() - kMostErrors);
    });
  }

  const CommandOptions& options_;
  Pipe in_;
  Pipe out_;
  Pipe err_;
  pid_t process_ = 0;
  std::size_t fed_ = 0;
  CommandOutcome outcome_;
};

}  // namespace

Result<CommandOutcome> run_command(const std::vector<std::string>& arguments, const CommandOptions& options) {
  Child child(options);
  CW_TRY(child.start(arguments));
  return child.work();
}

std::string last_line(const std::string& words) {
  const auto end = words.find_last_not_of(" \r\n");
  if (end == std::string::npos) return "it did not say why";
  const auto begin = words.rfind('\n', end);
  const std::size_t first = begin == std::string::npos ? 0 : begin + 1;
  return utf8_with_escapes(words.substr(first, end + 1 - first));
}

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace cw
