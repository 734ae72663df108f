#include "daemon/server/client_connection.hpp"

#include "daemon/control/line_splitter.hpp"
#include "daemon/server/dispatch.hpp"
#include "sync/base/event.hpp"
#include "sync/base/task_scope.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <deque>
#include <memory>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

/// What may wait for a client to read it.
constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;
/// What one client may ask at a time; the next request is read when one of these is answered.
constexpr std::size_t kMostUnderWay = 64;

class Connection final : public Replies {
 public:
  Connection(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus, Log& log)
      : socket_(std::move(socket)),
        handler_(handler),
        bus_(bus),
        log_(log),
        lines_in_(control::kLongestRequest),
        queued_(socket_.get_executor()),
        answered_(socket_.get_executor()) {}

  ~Connection() override { write_what_fits(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<void> run() {
    auto body = [this](TaskGroup& group) -> Task<void> {
      group.spawn(write_all());
      co_await read_all(group);
      while (under_way_ > 0) co_await answered_.wait();
      closing_ = true;
      queued_.notify();
    };
    co_await run_in_group(body);
  }

  void send(std::string line) override {
    if (broken_) return;
    waiting_ += line.size();
    if (waiting_ > kMostWaiting) return break_off("a client of the control socket doesn't read: disconnected");
    lines_out_.push_back(std::move(line));
    queued_.notify();
  }

 private:
  /// A request from its reading to its answer.
  class UnderWay {
   public:
    explicit UnderWay(Connection& connection) : connection_(connection) { ++connection_.under_way_; }
    ~UnderWay() {
      --connection_.under_way_;
      connection_.answered_.notify();
    }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

   private:
    Connection& connection_;
  };

  Task<void> read_all(TaskGroup& group) {
    std::array<char, 16 * 1024> piece{};
    while (!broken_) {
      const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
      co_await throw_if_cancelled();
      if (failure) co_return;
      lines_in_.append({piece.data(), got});
      while (auto line = lines_in_.next()) {
        while (under_way_ >= kMostUnderWay && !broken_) co_await answered_.wait();
        take(group, std::move(*line));
      }
    }
  }

  void take(TaskGroup& group, control::LineSplitter::Line line) {
    auto* text = std::get_if<std::string>(&line);
    if (text == nullptr)
      return send(control::encode_error(nullptr, control::RpcError::too_large, "the request is longer than 1 MiB"));
    group.spawn(answer(std::make_unique<UnderWay>(*this), std::move(*text)));
  }

  Task<void> answer(std::unique_ptr<UnderWay>, std::string line) {
    co_await dispatch(std::move(line), handler_, bus_, *this, log_);
  }

  Task<void> write_all() {
    while (!broken_) {
      if (lines_out_.empty() && closing_) co_return;
      if (lines_out_.empty()) {
        co_await queued_.wait();
        continue;
      }
      auto line = std::move(lines_out_.front());
      lines_out_.pop_front();
      const auto [failure, put] = co_await asio::async_write(socket_, asio::buffer(line), asio::as_tuple(asio::use_awaitable));
      waiting_ -= put;
      if (put < line.size()) lines_out_.push_front(line.substr(put));
      co_await throw_if_cancelled();
      if (failure) co_return break_off("");
    }
  }

  /// The last words at the server's end (the answer to `stop`), as far as they fit without waiting.
  void write_what_fits() {
    boost::system::error_code failure;
    socket_.non_blocking(true, failure);
    while (!failure && !broken_ && !lines_out_.empty()) {
      asio::write(socket_, asio::buffer(lines_out_.front()), failure);
      lines_out_.pop_front();
    }
  }

  /// It doesn't read, or is gone: no words need to be lost about the latter.
  void break_off(std::string_view why) {
    if (!why.empty()) log_.warn("{}", why);
    broken_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(asio::local::stream_protocol::socket::shutdown_both, ignored);
    queued_.notify();
    answered_.notify();
  }

  asio::local::stream_protocol::socket socket_;
  Handler& handler_;
  EventBus& bus_;
  Log& log_;
  control::LineSplitter lines_in_;
  std::deque<std::string> lines_out_;
  Event queued_;
  Event answered_;
  std::size_t waiting_ = 0;
  std::size_t under_way_ = 0;
  bool closing_ = false;
  bool broken_ = false;
};

}  // namespace

Task<void> serve_client(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus, Log& log) {
  Connection connection(std::move(socket), handler, bus, log);
  co_await connection.run();
}

}  // namespace mailmirror::daemon::server
