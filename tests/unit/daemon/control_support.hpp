// A control server with a made-up daemon behind it, and peers that speak to its socket as they like.
#pragma once

#include "daemon/server/control_server.hpp"
#include "sync/base/event.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mailmirror::daemon::server::testing {

/// Removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Knows the accounts "work" and "home"; writes down what it is asked. Lives on the server's thread.
class FakeDaemon final : public Handler {
 public:
  FakeDaemon(const asio::any_io_executor& executor, EventBus& bus) : bus_(bus), released_(executor) {}

  Result<control::StatusDocument> status(std::optional<std::string> account) override;
  Task<Result<control::SyncOutcome>> sync(std::vector<Target> targets) override;
  Result<void> start_sync(std::vector<Target> targets) override;
  Task<Result<void>> pause(std::optional<std::string> account) override;
  Task<Result<void>> resume(std::optional<std::string> account) override;
  Result<std::uint64_t> decide(Target target, Decision decision) override;
  Task<Result<std::vector<control::HeldMailbox>>> held(std::optional<std::string> account) override;
  Task<Result<std::vector<control::PassEntry>>> log(LogOrder order) override;
  Task<Result<control::UndoOutcome>> undo(UndoOrder order) override;
  Task<Result<std::string>> reload() override;
  void stop() override;

  /// Lets `sync` end, which publishes one `progress` event and then waits for this.
  void release() {
    may_end_ = true;
    released_.notify();
  }

  control::StatusDocument document;
  control::SyncOutcome outcome;
  std::vector<control::HeldMailbox> waiting;
  std::vector<std::string> orders;
  std::function<void()> on_stop;

 private:
  Result<void> known(const std::optional<std::string>& account) const;

  EventBus& bus_;
  Event released_;
  bool may_end_ = false;
};

/// Serves on a thread of its own until it is destroyed.
class RunningServer {
 public:
  RunningServer();
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "control" / "control.sock"; }
  /// Runs `work` on the server's thread and waits for it.
  void on_network(const std::function<void()>& work);
  void publish(const control::Event& event);
  void release() {
    on_network([this] { daemon_.release(); });
  }
  [[nodiscard]] std::vector<std::string> orders();
  FakeDaemon& daemon() { return daemon_; }
  void stop();

 private:
  TemporaryDirectory directory_;
  asio::io_context network_{1};
  EventBus bus_;
  FakeDaemon daemon_{network_.get_executor(), bus_};
  asio::cancellation_signal stop_;
  std::thread thread_;
};

/// Bytes to and from a socket. Reading gives up after ten seconds.
class Peer {
 public:
  explicit Peer(const std::filesystem::path& socket);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void say(std::string_view bytes) const;
  /// Sends the request; the answer comes by `answer`.
  void ask(const std::string& method, const control::Json& params, int id) const {
    say(control::encode_request(method, params, id));
  }
  /// nullopt: the connection ended, or nothing came.
  std::optional<std::string> line();
  control::Json document();
  void close_writing() const;

 private:
  int descriptor_;
  std::string rest_;
};

control::Event event(const std::string& type, const std::string& account, const std::string& mailbox = "");

/// Asks every few milliseconds, for ten seconds at most.
bool eventually(const std::function<bool()>& condition);

}  // namespace mailmirror::daemon::server::testing
