#include "imap/transport/tcp.hpp"

#include "sync/base/timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

namespace mailmirror::imap::transport {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;

[[noreturn]] void throw_cancelled() {
  throw boost::system::system_error(asio::error::operation_aborted);
}

class TcpTransport final : public Transport {
 public:
  TcpTransport(tcp::socket socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {}

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [error, count] = co_await socket_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    bytes_in_ += count;
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return failure(error);
    co_return count;
  }

  Task<Result<void>> write_all(std::span<const std::byte> bytes) override {
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    const auto [error, count] = co_await asio::async_write(socket_, buffer, asio::as_tuple(asio::use_awaitable));
    bytes_out_ += count;
    if (error) co_return failure(error);
    co_return ok();
  }

  void close() override {
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
  }

  [[nodiscard]] std::uint64_t bytes_in() const override { return bytes_in_; }
  [[nodiscard]] std::uint64_t bytes_out() const override { return bytes_out_; }

 private:
  /// Asio tells our own close() and a cancelled coroutine by one code; the one is an error value, the other crosses as an
  /// exception.
  [[nodiscard]] Error failure(const error_code& error) const {
    if (closed_ || error == asio::error::bad_descriptor) return fail(ErrorKind::network, peer_ + ": the connection was closed");
    if (error == asio::error::operation_aborted) throw_cancelled();
    if (error == asio::error::timed_out)
      return fail(ErrorKind::network, peer_ + ": the connection is dead (no answer to keep-alive probes)");
    return fail(ErrorKind::network, fmt::format("{}: the connection broke: {}", peer_, error.message()));
  }

  tcp::socket socket_;
  std::string peer_;
  bool closed_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

/// Blocking: runs on the pool.
Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port) {
  asio::io_context context;
  tcp::resolver resolver(context);
  error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error);
  if (error == asio::error::host_not_found || error == asio::error::no_data)
    return fail(ErrorKind::network, fmt::format("{}:{}: unknown host; is the name right?", host, port));
  if (error) return fail(ErrorKind::network, fmt::format("{}:{}: looking up the name failed: {}", host, port, error.message()));
  return std::vector<tcp::endpoint>(found.begin(), found.end());
}

Error connect_error(const std::string& peer, const error_code& error) {
  if (error == asio::error::connection_refused)
    return fail(ErrorKind::network, peer + ": connection refused; nothing listens there, or a firewall forbids it");
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return fail(ErrorKind::network, fmt::format("{}: unreachable ({}); is the network up?", peer, error.message()));
  return fail(ErrorKind::network, fmt::format("{}: can't connect: {}", peer, error.message()));
}

Task<Result<void>> connect_to(tcp::socket& socket, tcp::endpoint endpoint, std::string peer) {
  const auto [error] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) throw_cancelled();
  if (error) co_return connect_error(peer, error);
  co_return ok();
}

void set_tcp_option(tcp::socket& socket, int name, int value) {
  // Options are wishes: a socket without them still works.
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, name, &value, sizeof value);
}

void set_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  set_tcp_option(socket, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set_tcp_option(socket, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set_tcp_option(socket, TCP_KEEPCNT, kKeepAliveProbes);
}

}  // namespace

Task<Result<std::unique_ptr<Transport>>> connect_tcp(std::string host, std::uint16_t port, BlockingPool& pool, Clock& clock,
                                                     Duration per_address) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto peer = fmt::format("{}:{}", host, port);
  auto look_up = [&] { return resolve(host, port); };
  const auto endpoints = co_await pool.run(look_up);
  MAILMIRROR_CO_TRY(endpoints);
  Error last = fail(ErrorKind::network, peer + ": the name has no address");
  for (const auto& endpoint : *endpoints) {
    tcp::socket socket(executor);
    auto attempt = connect_to(socket, endpoint, peer);
    const auto connected = co_await with_deadline(clock, clock.steady_now() + per_address, peer, std::move(attempt));
    if (!connected) {
      last = connected.error();
      continue;
    }
    set_options(socket);
    co_return std::make_unique<TcpTransport>(std::move(socket), peer);
  }
  co_return last;
}

Task<Result<std::unique_ptr<Transport>>> TcpConnector::connect(std::string host, std::uint16_t port) {
  return connect_tcp(std::move(host), port, pool_, clock_);
}

}  // namespace mailmirror::imap::transport
