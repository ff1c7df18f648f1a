// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/group.h"

#include "core/base/files.h"
#include "core/base/version.h"
#include "core/exchange/handshake.h"
#include "core/exchange/nccl_transport.h"
#include "core/exchange/shared_memory.h"
#include "core/exchange/tcp_transport.h"

#include <unistd.h>

#include <algorithm>
#include <future>
#include <numeric>
#include <utility>

namespace cw {
namespace {

constexpr double kHandshakeSeconds = 10.0;  // whoever connects and says nothing does not stop the others for longer
constexpr const char* kShared = "shared";
constexpr const char* kTcp = "tcp";
constexpr const char* kNccl = "nccl";

// Processes with the same words see each other's memory files.
std::string host_words() {
  std::error_code ignored;
  const auto boot = read_file("/proc/sys/kernel/random/boot_id");
  const auto processes = std::filesystem::read_symlink("/proc/self/ns/pid", ignored);
  return (boot.ok() ? *boot : std::string()) + processes.string() + std::to_string(::getuid());
}

// All that the processes have told each other at the meeting.
struct Table {
  std::vector<Json> cards;  ///< by rank
  std::string transport;
  std::int64_t maker = 0;  ///< of the shared memory
  int descriptor = -1;
  std::string nccl_id;
};

Json card_of(const GroupPlace& place, const Socket& data) {
  return {{"rank", place.rank},
          {"size", place.size},
          {"version", version()},
          {"host", host_words()},
          {"process", ::getpid()},
          {"address", data.local_address()},
          {"port", data.local_port()},
          {"device", place.device ? place.device->name() : ""},
          {"nccl", place.device ? place.nccl->version() : 0}};
}

// Whether the GPU of a process goes together with those of process 0 and of the others that have come.
std::string whats_wrong_with_device(const Json& card, const std::vector<Json>& cards) {
  const std::string device = card.value("device", "");
  if (device.empty() != cards[0].value("device", "").empty()) {
    return std::string("this process computes on ") + (device.empty() ? "the CPU" : "a GPU") + ", process 0 on " +
           (device.empty() ? "a GPU" : "the CPU") + "; give all of them the same --device";
  }
  const int version = card.value("nccl", 0);
  if (version != cards[0].value("nccl", 0)) {
    return "this process has NCCL " + nccl_version_text(version) + ", process 0 NCCL " +
           nccl_version_text(cards[0].value("nccl", 0)) + "; install the same version on all hosts";
  }
  for (const Json& other : cards) {
    if (device.empty() || other.is_null() || other.value("device", "") != device) continue;
    if (other.value("host", "") == card.value("host", "-")) {
      return "processes " + std::to_string(other.value("rank", -1)) + " and " + std::to_string(card.value("rank", -1)) +
             " use the same GPU " + device + "; start one process for each GPU";
    }
  }
  return {};
}

std::string whats_wrong(const Json& card, const GroupPlace& place, const std::vector<Json>& cards) {
  const int rank = card.value("rank", -1);
  if (card.value("size", 0) != place.size) {
    return "this process was told of " + std::to_string(card.value("size", 0)) + " processes, process 0 of " +
           std::to_string(place.size) + "; give all of them the same number";
  }
  if (card.value("version", "") != version()) {
    return "this process is Cellwright " + card.value("version", "?") + ", process 0 is " + std::string(version()) +
           "; install the same version on all hosts";
  }
  if (rank < 1 || rank >= place.size || !cards[static_cast<std::size_t>(rank)].is_null()) {
    return "there is a process " + std::to_string(rank) + " in this group already; every rank can be used once";
  }
  return whats_wrong_with_device(card, cards);
}

Error not_all_came(const GroupPlace& place, const std::vector<Json>& cards) {
  std::string missing;
  for (std::size_t rank = 0; rank < cards.size(); ++rank) {
    if (cards[rank].is_null()) missing += (missing.empty() ? "" : ", ") + std::to_string(rank);
  }
  return {ErrorCode::kIo, "E-COM-002",
          "not all " + std::to_string(place.size) + " processes came to " + place.host + ":" +
              std::to_string(place.port) + " within " + std::to_string(static_cast<int>(place.meeting_timeout_s)) +
              " s; missing: " + missing + "; look into their logs, and let the hosts reach each other"};
}

Result<std::string> choose_transport(const GroupPlace& place, const std::vector<Json>& cards) {
  if (place.device) return std::string(kNccl);
  bool one_host = true;
  for (const Json& card : cards) one_host = one_host && card.value("host", "") == cards[0].value("host", "-");
  if (place.transport == TransportChoice::kTcp) return std::string(kTcp);
  if (one_host) return std::string(kShared);
  if (place.transport == TransportChoice::kAuto) return std::string(kTcp);
  return Error{
      ErrorCode::kInvalidArgument, "E-COM-006",
      "shared memory was asked for, but the processes are not all on one host; leave the choice to Cellwright"};
}

Json to_json(const Table& table) {
  return {{"cards", table.cards},
          {"transport", table.transport},
          {"maker", table.maker},
          {"descriptor", table.descriptor},
          {"nccl_id", table.nccl_id}};
}

// Process 0: waits until all are there. `guests` keeps their connections, by rank.
Result<std::vector<Json>> receive_all(const GroupPlace& place, const Socket& listener, const Json& own_card,
                                      std::vector<Guest>& guests) {
  const Deadline deadline(place.meeting_timeout_s);
  std::vector<Json> cards(static_cast<std::size_t>(place.size));
  cards[0] = own_card;
  guests.resize(cards.size());
  for (int present = 1; present < place.size;) {
    if (deadline.passed()) return not_all_came(place, cards);
    std::optional<Socket> caller = listener.accept(deadline);
    if (!caller) continue;
    const Deadline patience(kHandshakeSeconds);
    Result<Guest> guest = receive_guest(std::move(*caller), place.secret, patience);
    if (!guest.ok()) continue;  // a stranger; those who belong to us are still to come
    if (const std::string wrong = whats_wrong(guest->card, place, cards); !wrong.empty()) {
      send_away(*guest, wrong, patience);
      continue;
    }
    if (!welcome(*guest, place.secret, patience).ok()) continue;
    const auto rank = guest->card["rank"].get<std::size_t>();
    cards[rank] = guest->card;
    guests[rank] = std::move(*guest);
    ++present;
  }
  return cards;
}

Result<Table> host_meeting(const GroupPlace& place, const Socket& listener, const Socket& data,
                           std::unique_ptr<SharedPiece>& piece) {
  std::vector<Guest> guests;
  Table table;
  CW_ASSIGN(table.cards, receive_all(place, listener, card_of(place, data), guests));
  CW_ASSIGN(table.transport, choose_transport(place, table.cards));
  if (table.transport == kShared) {
    CW_ASSIGN(piece, SharedPiece::make(shared_bytes(place.size)));
    table.maker = ::getpid();
    table.descriptor = piece->descriptor();
  }
  if (table.transport == kNccl) {
    CW_ASSIGN(table.nccl_id, place.nccl->make_id());
  }
  const Json json = to_json(table);
  const Deadline deadline(kHandshakeSeconds);
  for (std::size_t rank = 1; rank < guests.size(); ++rank) {
    const std::string proof = proof_of(place.secret, "table" + guests[rank].words + json.dump());
    CW_TRY(guests[rank].socket.send_json({{"table", json}, {"proof", proof}}, deadline));
  }
  return table;
}

Result<Table> read_table(const Json& message, const std::string& words, const GroupPlace& place) {
  const Json json = message.value("table", Json::object());
  if (!equal_proofs(message.value("proof", ""), proof_of(place.secret, "table" + words + json.dump()))) {
    return Error{ErrorCode::kRefused, "E-COM-003", "what answers at the meeting is not process 0 of this group"};
  }
  Table table;
  for (const Json& card : json.at("cards")) table.cards.push_back(card);
  table.transport = json.at("transport").get<std::string>();
  table.maker = json.at("maker").get<std::int64_t>();
  table.descriptor = json.at("descriptor").get<int>();
  table.nccl_id = json.at("nccl_id").get<std::string>();
  return table;
}

struct Visit {
  Socket data;  ///< where the others' connections are awaited
  Table table;
};

Result<Visit> visit_meeting(const GroupPlace& place) {
  const Deadline deadline(place.meeting_timeout_s);
  for (;;) {
    CW_ASSIGN(const Socket meeting, Socket::connect(place.host, place.port, deadline));
    Visit visit;
    CW_ASSIGN(visit.data, Socket::listen(place.interface.empty() ? meeting.local_address() : place.interface, 0));
    const auto words = introduce(meeting, place.secret, card_of(place, visit.data), deadline);
    // another program may have listened there before process 0 did, or a restarted group's process 0 has just gone
    if (!words.ok() && words.error().id == "E-COM-005" && !deadline.passed()) continue;
    if (!words.ok()) return words.error();
    CW_ASSIGN(const Json message, meeting.receive_json(deadline));
    CW_ASSIGN(visit.table, read_table(message, *words, place));
    return visit;
  }
}

// Connections to other processes, by rank.
using Peers = std::vector<Socket>;

// Waits for the processes `from` to connect; anybody else is refused.
Result<Peers> receive_peers(const Socket& data, const GroupPlace& place, std::vector<int> from) {
  const Deadline deadline(place.meeting_timeout_s);
  Peers peers(static_cast<std::size_t>(place.size));
  while (!from.empty()) {
    if (deadline.passed()) {
      return Error{
          ErrorCode::kIo, "E-COM-002",
          "process " + std::to_string(from.front()) + " did not connect to process " + std::to_string(place.rank) +
              "; let the hosts reach each other on the interface they met on, or name one by CELLWRIGHT_INTERFACE"};
    }
    std::optional<Socket> caller = data.accept(deadline);
    if (!caller) continue;
    const Deadline patience(kHandshakeSeconds);
    Result<Guest> guest = receive_guest(std::move(*caller), place.secret, patience);
    if (!guest.ok()) continue;
    const auto awaited = std::find(from.begin(), from.end(), guest->card.value("peer", -1));
    if (awaited == from.end()) continue;
    CW_TRY(welcome(*guest, place.secret, patience));
    peers[static_cast<std::size_t>(*awaited)] = std::move(guest->socket);
    from.erase(awaited);
  }
  return peers;
}

Result<Peers> call_peers(const Table& table, const GroupPlace& place, const std::vector<int>& to) {
  Peers peers(static_cast<std::size_t>(place.size));
  for (const int rank : to) {
    const Deadline deadline(place.meeting_timeout_s);
    const Json& card = table.cards[static_cast<std::size_t>(rank)];
    CW_ASSIGN(Socket socket,
              Socket::connect(card.value("address", ""), card.value("port", std::uint16_t{0}), deadline));
    CW_ASSIGN(const std::string words, introduce(socket, place.secret, {{"peer", place.rank}}, deadline));
    peers[static_cast<std::size_t>(rank)] = std::move(socket);
  }
  return peers;
}

struct Connections {
  Peers called;
  Peers received;
};

// Calls some processes while others call this one.
Result<Connections> connect(const Visit& visit, const GroupPlace& place, const std::vector<int>& to,
                            const std::vector<int>& from) {
  auto received = std::async(std::launch::async, [&] { return receive_peers(visit.data, place, from); });
  Result<Peers> called = call_peers(visit.table, place, to);
  Result<Peers> received_peers = received.get();
  if (!called.ok()) return called.error();
  if (!received_peers.ok()) return received_peers.error();
  return Connections{std::move(*called), std::move(*received_peers)};
}

// One connection for every pair: the lower rank calls.
Result<std::unique_ptr<Transport>> meet_in_tcp(const Visit& visit, const GroupPlace& place) {
  std::vector<int> lower(static_cast<std::size_t>(place.rank));
  std::vector<int> higher(static_cast<std::size_t>(place.size - place.rank - 1));
  std::iota(lower.begin(), lower.end(), 0);
  std::iota(higher.begin(), higher.end(), place.rank + 1);
  CW_ASSIGN(Connections connections, connect(visit, place, higher, lower));
  Peers peers = std::move(connections.received);
  for (const int rank : higher) {
    peers[static_cast<std::size_t>(rank)] = std::move(connections.called[static_cast<std::size_t>(rank)]);
  }
  return std::unique_ptr<Transport>(std::make_unique<TcpTransport>(std::move(peers), place.rank, place.timeout_s));
}

// Without neighbours where there is one process.
Result<std::unique_ptr<Transport>> meet_in_nccl(const GroupPlace& place, const std::string& id_digits, Socket to_next,
                                                Socket from_previous) {
  CW_ASSIGN(const nccl::UniqueId id, NcclLibrary::read_id(id_digits));
  NcclTransport::Group group;
  group.rank = place.rank;
  group.size = place.size;
  group.meeting_timeout_s = place.meeting_timeout_s;
  group.timeout_s = place.timeout_s;
  auto watch = std::make_unique<NeighbourWatch>(std::move(to_next), std::move(from_previous));
  CW_ASSIGN(auto transport, NcclTransport::meet(group, place.nccl, place.device, id, std::move(watch)));
  return std::unique_ptr<Transport>(std::move(transport));
}

// Neighbours watch over each other in a ring; NCCL makes connections of its own.
Result<std::unique_ptr<Transport>> connect_for_nccl(const Visit& visit, const GroupPlace& place) {
  const int next = (place.rank + 1) % place.size;
  const int previous = (place.rank + place.size - 1) % place.size;
  CW_ASSIGN(Connections ring, connect(visit, place, {next}, {previous}));
  return meet_in_nccl(place, visit.table.nccl_id, std::move(ring.called[static_cast<std::size_t>(next)]),
                      std::move(ring.received[static_cast<std::size_t>(previous)]));
}

Result<std::unique_ptr<Transport>> meet(const GroupPlace& place) {
  std::unique_ptr<SharedPiece> piece;
  Visit visit;
  if (place.rank == 0) {
    Socket listener(place.listener);
    if (place.listener < 0) {
      CW_ASSIGN(listener, Socket::listen(place.interface.empty() ? place.host : place.interface, place.port));
    }
    CW_ASSIGN(visit.data, Socket::listen(listener.local_address(), 0));
    CW_ASSIGN(visit.table, host_meeting(place, listener, visit.data, piece));
  } else {
    CW_ASSIGN(visit, visit_meeting(place));
  }
  if (visit.table.transport == kTcp) return meet_in_tcp(visit, place);
  if (visit.table.transport == kNccl) return connect_for_nccl(visit, place);
  if (!piece) {
    CW_ASSIGN(piece, SharedPiece::open(visit.table.maker, visit.table.descriptor, shared_bytes(place.size)));
  }
  std::vector<std::int64_t> processes;
  for (const Json& card : visit.table.cards) processes.push_back(card.value("process", std::int64_t{0}));
  return std::unique_ptr<Transport>(
      std::make_unique<SharedMemoryTransport>(std::move(piece), place.rank, std::move(processes), place.timeout_s));
}

}  // namespace

Result<std::unique_ptr<Communicator>> join_group(const GroupPlace& place) {
  if (place.size < 1 || place.rank < 0 || place.rank >= place.size) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-001",
                 "process " + std::to_string(place.rank) + " of " + std::to_string(place.size) +
                     " cannot be; ranks count from 0 to the number of processes less one"};
  }
  if (place.device && (place.nccl == nullptr || place.transport != TransportChoice::kAuto)) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-006",
                 "processes that compute on GPUs exchange their numbers through NCCL, and through nothing else"};
  }
  if (place.size == 1 && place.device) {
    CW_ASSIGN(const std::string id, place.nccl->make_id());
    CW_ASSIGN(std::unique_ptr<Transport> alone, meet_in_nccl(place, id, Socket(), Socket()));
    return std::make_unique<Communicator>(std::move(alone));
  }
  if (place.size == 1) return std::make_unique<Communicator>(std::make_unique<LoneTransport>());
  if (place.secret.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-001",
                 "the group has no secret; set CELLWRIGHT_GROUP_SECRET to the same random text for all processes"};
  }
  CW_ASSIGN(std::unique_ptr<Transport> transport, meet(place));
  return std::make_unique<Communicator>(std::move(transport));
}

}  // namespace cw
