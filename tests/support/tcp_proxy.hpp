// A line between client and server that counts, and fails on demand.
#pragma once

#include "tests/support/harness.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mailmirror::testing {

struct Traffic {
  std::uint64_t to_server = 0;
  std::uint64_t to_client = 0;
  /// How often the client spoke after the server had: what it waited for. Give the line some latency, so that the parts of one
  /// pipelined burst stay together.
  std::uint64_t round_trips = 0;
  std::uint64_t connections = 0;
};

/// Listens on a port of 127.0.0.1 and carries every connection to another one. Own thread; all calls are safe at any moment.
class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t server_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] Traffic traffic() const;
  void reset_traffic();
  /// All that passed towards the server, when recording is on: what the client really said.
  [[nodiscard]] std::string spoken() const;
  void record();

  /// Each way, for what comes from now on.
  void set_latency(Milliseconds latency);
  /// The next connections are cut after so many bytes (both ways together), one number each; those after them live.
  void cut_after(std::vector<std::uint64_t> byte_counts);
  /// Into the next connection the server seems to say `text` after `lines` lines of its own.
  void inject(std::uint64_t lines, std::string text);
  /// False while the connection hasn't come that far.
  [[nodiscard]] bool injected() const;
  /// The next command that holds `text` reaches the server, but nothing comes back: the server has the time to carry it out, then the line
  /// is cut.
  void lose_answer_to(std::string text);
  [[nodiscard]] bool answer_lost() const;
  /// How many of those numbers haven't been used up by a cut.
  [[nodiscard]] std::size_t cuts_left() const;
  /// Cuts what is open now.
  void cut_all();
  /// Nothing passes any more, but connections stay open; until `flow`.
  void stall();
  void flow();
  /// New connections are closed at once; until `accept`.
  void refuse();
  void accept();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace mailmirror::testing
