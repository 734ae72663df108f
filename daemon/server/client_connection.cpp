#include "daemon/server/client_connection.hpp"

#include "daemon/server/dispatch.hpp"
#include "sync/base/event.hpp"
#include "sync/base/task_scope.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <deque>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

/// What may wait for a client to read it.
constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;

class Client final : public Replies {
 public:
  Client(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus)
      : socket_(std::move(socket)), handler_(handler), bus_(bus), queued_(socket_.get_executor()) {}

  Task<void> run() {
    auto both = [this](TaskGroup& group) -> Task<void> {
      group.spawn(write_all());
      co_await read_all();
      // What was answered is still written, unless the client went away.
      closing_ = true;
      queued_.notify();
    };
    co_await run_in_group(both);
  }

  void send(std::string line) override {
    if (broken_) return;
    waiting_ += line.size();
    if (waiting_ > kMostWaiting) return break_off();
    lines_.push_back(std::move(line));
    queued_.notify();
  }

 private:
  Task<void> read_all() {
    std::string buffer;
    std::array<char, 16 * 1024> piece{};
    while (!broken_) {
      const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
      co_await throw_if_cancelled();
      if (failure || got == 0) co_return;
      buffer.append(piece.data(), got);
      std::size_t start = 0;
      for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', start)) {
        auto line = buffer.substr(start, end - start);
        start = end + 1;
        co_await dispatch(std::move(line), handler_, bus_, *this);
      }
      buffer.erase(0, start);
      if (buffer.size() <= control::kLongestRequest) continue;
      send(control::encode_error(nullptr, control::RpcError::too_large, "the request is longer than 1 MiB"));
      co_return;
    }
  }

  Task<void> write_all() {
    while (!broken_) {
      if (lines_.empty() && closing_) co_return;
      if (lines_.empty()) {
        co_await queued_.wait();
        continue;
      }
      const auto line = std::move(lines_.front());
      lines_.pop_front();
      const auto [failure, put] = co_await asio::async_write(socket_, asio::buffer(line), asio::as_tuple(asio::use_awaitable));
      co_await throw_if_cancelled();
      if (failure) co_return break_off();
      waiting_ -= put;
    }
  }

  /// It doesn't read, or is gone.
  void break_off() {
    broken_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(asio::local::stream_protocol::socket::shutdown_both, ignored);
    queued_.notify();
  }

  asio::local::stream_protocol::socket socket_;
  Handler& handler_;
  EventBus& bus_;
  Event queued_;
  std::deque<std::string> lines_;
  std::size_t waiting_ = 0;
  bool closing_ = false;
  bool broken_ = false;
};

}  // namespace

Task<void> serve_client(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus) {
  Client client(std::move(socket), handler, bus);
  co_await client.run();
}

}  // namespace mailmirror::daemon::server
