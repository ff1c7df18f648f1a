// SPDX-License-Identifier: GPL-3.0-or-later
// agent start|follow|cancel: the far end of a job on another machine. Called through ssh by `cellwright --machine`,
// never typed, so it is not in the help.
#include "app/cli/commands.h"
#include "core/machines/agent.h"

#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <iterator>

namespace cw {
namespace {

int start(const CliContext& context) {
  const std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  const auto json = parse_json(text, "order");
  if (!json.ok()) return context.fail(json.error());
  std::vector<StartOrder> orders;
  for (const Json& entry : json->is_array() ? *json : Json::array({*json})) {
    auto order = start_order_from_json(entry);
    if (!order.ok()) return context.fail(order.error());
    orders.push_back(std::move(*order));
  }
  if (orders.empty()) return context.print({{"started", 0}}, "nothing to start");
  const auto started = orders.size() == 1 ? start_here(orders.front()) : start_array_here(orders);
  return started.ok() ? context.print(*started, started->dump()) : context.fail(started.error());
}

bool write_whole(std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

int follow(const CliContext& context, const std::string& text) {
  const auto json = parse_json(text, "order");
  if (!json.ok()) return context.fail(json.error());
  const auto order = follow_order_from_json(*json);
  if (!order.ok()) return context.fail(order.error());
  const auto followed = follow_here(*order, write_whole);
  return followed.ok() ? 0 : context.fail(followed.error());
}

int cancel(const CliContext& context, const std::string& place, const std::string& name) {
  const auto asked = cancel_here(place, name);
  return asked.ok() ? 0 : context.fail(asked.error());
}

}  // namespace

void add_agent_commands(CLI::App& app, CliContext& context) {
  static std::string place;
  static std::string name;
  static std::string order;
  auto* agent = app.add_subcommand("agent", "The far end of a job on another machine; never typed")->group("");
  agent->require_subcommand(1);
  agent->add_subcommand("start", "Starts the jobs on standard input")->callback([&context] {
    context.action = [&context] { return start(context); };
  });
  auto* follow_command = agent->add_subcommand("follow", "Sends what a job's folder grows by");
  follow_command->add_option("ORDER", order, "JSON")->required();
  follow_command->callback([&context] { context.action = [&context] { return follow(context, order); }; });
  auto* cancel_command = agent->add_subcommand("cancel", "Asks a job to stop");
  cancel_command->add_option("PLACE", place, "Folder with the job's folder")->required();
  cancel_command->add_option("NAME", name, "Name of the job's folder")->required();
  cancel_command->callback([&context] { context.action = [&context] { return cancel(context, place, name); }; });
}

}  // namespace cw
