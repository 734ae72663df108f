// The control socket's client side, blocking: what the command line speaks through.
#pragma once

#include "daemon/control/json_rpc.hpp"
#include "daemon/control/line_splitter.hpp"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>

namespace mailmirror::daemon::control {

/// One connection. Every blocking function throws operation_aborted (as a cancelled coroutine does) once the descriptor
/// `interrupt`, given to `connect`, can be read.
class Client {
 public:
  using Patience = std::optional<std::chrono::milliseconds>;
  /// Gets an event's parameters.
  using OnEvent = std::function<void(const Json&)>;

  static constexpr int kNoInterrupt = -1;

  /// Errors: network (nobody answers there; the message says what to do), configuration (a path too long for a socket).
  static Result<Client> connect(const std::filesystem::path& socket, int interrupt = kNoInterrupt);

  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  /// The method's result. Events that come before it go to `on_event`. Errors: refused (the daemon says why), unsupported (it
  /// doesn't have the method), network (it went away), timeout (no answer for as long as `patience`; nullopt waits for ever),
  /// protocol.
  Result<Json> call(std::string_view method, const Json& params, Patience patience, const OnEvent& on_event = {});

  /// Hands out events until the connection ends; returns why (network, protocol).
  Error listen(const OnEvent& on_event);

  /// Waits for the daemon to close the connection. False: it didn't in time.
  bool wait_for_end(std::chrono::milliseconds patience);

 private:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  Client(int descriptor, int interrupt, std::filesystem::path socket);

  Result<void> send(std::string_view bytes, Deadline deadline);
  Result<Json> receive(Deadline deadline);
  Result<void> wait_until_ready(short what, Deadline deadline);
  [[nodiscard]] Error went_away() const;

  int descriptor_;
  int interrupt_;
  std::filesystem::path socket_;
  LineSplitter lines_;
  int last_id_ = 0;
};

}  // namespace mailmirror::daemon::control
