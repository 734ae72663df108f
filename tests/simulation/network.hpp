// The simulated line between devices and the server: bytes arrive late, in pieces, or not at all.
#pragma once

#include "imap/transport/connector.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/event.hpp"
#include "tests/simulation/seeded_random.hpp"
#include "tests/simulation/server/conversation.hpp"

#include <deque>
#include <list>
#include <memory>
#include <string>

namespace mailmirror::simulation {

/// What goes wrong on the lines of one device, set by the schedule.
struct LineFaults {
  std::uint32_t refused_connects = 0;   ///< so many attempts fail from now on
  std::uint64_t cut_after = 0;          ///< a new connection dies after so many bytes (both directions counted); 0: it doesn't
  std::string refused_verb;             ///< the next command of that name is answered NO
};

/// Bytes under way in one direction; each piece has its time of arrival.
struct Stream {
  struct Piece {
    SteadyTime arrives;
    std::string bytes;
  };
  std::deque<Piece> pieces;
  SteadyTime last_arrival{};
};

class Network;

/// One connection. Both ends hold it; the server's coroutine reads `to_server`, the client's transport `to_client`.
struct Line {
  Line(Network& owner, int device_number, const asio::any_io_executor& executor) : network(owner), device(device_number), changed(executor) {}

  Network& network;
  int device;
  Event changed;
  Stream to_server;
  Stream to_client;
  std::uint64_t cut_after = 0;
  std::uint64_t passed = 0;
  bool cut = false;          ///< for the client it is over; what is under way to the server may still arrive
  bool client_closed = false;
  bool server_closed = false;
  std::unique_ptr<Conversation> conversation;
};

class Network {
 public:
  Network(asio::any_io_executor executor, Clock& clock, MailStore& store, const Profile& profile, PlantedBug bug, SeededRandom random);

  /// The face that one device's sessions connect through.
  std::unique_ptr<imap::transport::Connector> connector(int device);

  [[nodiscard]] LineFaults& faults(int device) { return faults_[device]; }
  /// All lines of a device; -1: of all devices. What was sent already may still reach the server, late.
  void cut_lines(int device);
  [[nodiscard]] const ServerCounters& counters() const { return counters_; }
  /// Told of each line that dies, whoever cut it.
  void on_cut(std::function<void(int device)> listener) { cut_ = std::move(listener); }
  /// What is said on the lines, for traces.
  void on_traffic(std::function<void(int device, char direction, const std::string&)> listener) { traffic_ = std::move(listener); }
  /// True while something is under way to the server.
  [[nodiscard]] bool busy() const;

 private:
  friend class SimulatedTransport;
  friend class SimulatedConnector;

  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(int device);
  Task<void> serve(std::shared_ptr<Line> line);
  void push_news();
  void post(Line& line, Stream& stream, std::string bytes);
  void cut(Line& line);
  [[nodiscard]] Duration latency();

  asio::any_io_executor executor_;
  Clock& clock_;
  MailStore& store_;
  const Profile& profile_;
  PlantedBug bug_;
  SeededRandom random_;
  ServerCounters counters_;
  std::map<int, LineFaults> faults_;
  std::list<std::weak_ptr<Line>> lines_;
  std::function<void(int device)> cut_;
  std::function<void(int, char, const std::string&)> traffic_;
};

}  // namespace mailmirror::simulation
