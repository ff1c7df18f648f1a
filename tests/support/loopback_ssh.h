// SPDX-License-Identifier: GPL-3.0-or-later
// A real sshd on 127.0.0.1 with keys of its own, as any user, for tests of other machines.
#pragma once
#include "core/base/files.h"
#include "tests/support/run_program.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

namespace cw {

/// The host "loop" of an ssh configuration that only the test sees: CELLWRIGHT_SSH is set to a program that uses it.
class LoopbackSsh {
 public:
  explicit LoopbackSsh(std::filesystem::path folder) : folder_(std::move(folder)) {}
  LoopbackSsh(const LoopbackSsh&) = delete;
  LoopbackSsh& operator=(const LoopbackSsh&) = delete;
  ~LoopbackSsh() { stop(); }

  /// Makes keys and configuration and starts the server; `environment` is what sessions find. The host key is known
  /// unless it is forgotten later.
  void start(const std::map<std::string, std::string>& environment = {}) {
    std::filesystem::create_directories(folder_);
    ASSERT_NO_FATAL_FAILURE(make_key("host_key"));
    ASSERT_NO_FATAL_FAILURE(make_key("id"));
    std::filesystem::copy_file(at("id.pub"), at("authorized_keys"));
    if (::geteuid() == 0) std::filesystem::create_directories("/run/sshd");
    port_ = free_port();
    write("config", "Host loop\n  HostName 127.0.0.1\n  Port " + std::to_string(port_) + "\n  IdentityFile " +
                        at("id") + "\n  IdentitiesOnly yes\n  UserKnownHostsFile " + at("known_hosts") +
                        "\n  GlobalKnownHostsFile /dev/null\n  HashKnownHosts no\n");
    write("ssh", "#!/bin/sh\nexec /usr/bin/ssh -F '" + at("config") + "' \"$@\"\n");
    std::filesystem::permissions(at("ssh"), std::filesystem::perms::owner_all);
    ::setenv("CELLWRIGHT_SSH", at("ssh").c_str(), 1);
    ::setenv("XDG_RUNTIME_DIR", at("").c_str(), 1);
    know_host_key();
    serve(environment);
  }

  /// (Re)starts the server with these variables in its sessions.
  void serve(const std::map<std::string, std::string>& environment) {
    stop();
    std::string variables;
    for (const auto& [name, value] : environment) variables += " \"" + name + "=" + value + "\"";
    write("sshd_config", "Port " + std::to_string(port_) + "\nListenAddress 127.0.0.1\nHostKey " + at("host_key") +
                             "\nPidFile none\nAuthorizedKeysFile " + at("authorized_keys") +
                             "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication "
                             "no\nPermitRootLogin prohibit-password\nMaxStartups 50\nPrintMotd no\n" +
                             (variables.empty() ? "" : "SetEnv" + variables + "\n"));
    server_ = std::make_unique<RunningProgram>("/usr/sbin/sshd",
                                               std::vector<std::string>{"-D", "-e", "-f", at("sshd_config")},
                                               at("sshd.out"), at("sshd.err"));
    ASSERT_TRUE(server_->started()) << "is openssh-server installed?";
    for (int i = 0; i < 400 && !answers(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(25));
    ASSERT_TRUE(answers()) << *read_file(at("sshd.err"));
  }

  void stop() {
    if (!server_) return;
    cut_connections();
    server_->send(SIGTERM);
    static_cast<void>(server_->wait_to_end());
    server_.reset();
  }

  /// Ends every session, as a network does that goes away; the server goes on. Returns how many there were.
  int cut_connections() const {
    int cut = 0;
    for (const pid_t session : children_of(server_process())) {
      for (const pid_t worker : children_of(session)) ::kill(worker, SIGKILL);
      if (::kill(session, SIGKILL) == 0) ++cut;
    }
    return cut;
  }

  void forget_host_key() const { std::filesystem::remove(at("known_hosts")); }
  void know_host_key() const { know_key_of("host_key"); }
  /// As if the host had shown another key before.
  void know_another_key() {
    make_key("other_key");
    know_key_of("other_key");
  }
  /// From now on the user's key is one that the host does not accept.
  void lose_user_key() const {
    std::filesystem::remove(at("id"));
    std::filesystem::remove(at("id.pub"));
    make_key("id");
  }
  [[nodiscard]] std::string fingerprint() const {
    const auto outcome = run_program_to_end("/usr/bin/ssh-keygen", {"-l", "-f", at("host_key.pub")}, folder_);
    const auto begin = outcome.out.find("SHA256:");
    return outcome.out.substr(begin, outcome.out.find(' ', begin) - begin);
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }

 private:
  void make_key(const std::string& name) const {
    const auto made =
        run_program_to_end("/usr/bin/ssh-keygen", {"-q", "-t", "ed25519", "-N", "", "-f", at(name)}, folder_);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  void know_key_of(const std::string& name) const {
    const std::string key = *read_file(at(name + ".pub"));
    write("known_hosts",
          "[127.0.0.1]:" + std::to_string(port_) + " " + key.substr(0, key.find(' ', key.find(' ') + 1)) + "\n");
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(at(name)) << text; }

  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    static_cast<void>(::bind(socket, reinterpret_cast<sockaddr*>(&address), size));
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
  }
  [[nodiscard]] bool answers() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    const bool connected = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(socket);
    return connected;
  }
  [[nodiscard]] pid_t server_process() const { return server_ ? server_->process() : 0; }
  static std::vector<pid_t> children_of(pid_t process) {
    std::vector<pid_t> children;
    const std::string number = std::to_string(process);
    std::ifstream list("/proc/" + number + "/task/" + number + "/children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
  }

  std::filesystem::path folder_;
  int port_ = 0;
  std::unique_ptr<RunningProgram> server_;
};

}  // namespace cw
