// The control socket's server side.
#pragma once

#include "daemon/server/event_bus.hpp"
#include "daemon/server/handler.hpp"
#include "sync/base/log.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/base/task_group.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>

namespace mailmirror::daemon::server {

/// A Unix stream socket, 0600 in a 0700 directory of this user; only this user's processes are answered (SO_PEERCRED).
class ControlServer {
 public:
  /// Binds and listens. Errors: locked (a daemon answers there already), permission (the directory is somebody else's or open to
  /// others), io.
  static Result<ControlServer> open(asio::any_io_executor executor, std::filesystem::path path);

  ~ControlServer();
  ControlServer(ControlServer&&) noexcept;
  ControlServer& operator=(ControlServer&&) = delete;

  /// Serves until cancelled, any number of clients at a time. One who doesn't read what it asked for is disconnected.
  Task<void> run(Handler& handler, EventBus& bus, Log& log);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  ControlServer(asio::local::stream_protocol::acceptor acceptor, std::filesystem::path path)
      : acceptor_(std::move(acceptor)), path_(std::move(path)) {}

  static void admit(TaskGroup& clients, asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus, Log& log);

  asio::local::stream_protocol::acceptor acceptor_;
  std::filesystem::path path_;
};

}  // namespace mailmirror::daemon::server
