#include "daemon/signin/loopback.hpp"

#include "sync/base/latch.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <memory>
#include <optional>

namespace mailmirror::daemon::signin {
namespace {

using asio::ip::tcp;

constexpr std::uint32_t kLongestRequest = 32 * 1024;
constexpr std::size_t kMostBrowsers = 16;
constexpr Duration kBrowserPatience = std::chrono::seconds(20);

std::string page(std::string_view status, std::string_view words) {
  const auto body = fmt::format(
      "<!doctype html><html><head><meta charset=\"utf-8\"><title>mailmirror</title></head><body><p>{}</p></body></html>\n", words);
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{}",
      status, body.size(), body);
}

/// The target of a GET for "/"; "" for anything else.
Task<Result<std::string>> read_target(tcp::socket& socket) {
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser;
  parser.header_limit(kLongestRequest);
  std::string waiting;
  std::array<char, 4096> piece{};
  while (!parser.is_header_done()) {
    const auto buffer = asio::buffer(piece);
    const auto [failure, count] = co_await socket.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    if (failure == asio::error::operation_aborted) throw boost::system::system_error(failure);
    if (failure) co_return fail(ErrorKind::network, failure.message());
    waiting.append(piece.data(), count);
    boost::beast::error_code error;
    waiting.erase(0, parser.put(asio::buffer(waiting), error));
    if (error == boost::beast::http::error::need_more) continue;
    if (error) co_return std::string();
  }
  const auto& request = parser.get();
  const std::string target(request.target());
  const bool ours = request.method() == boost::beast::http::verb::get && target.substr(0, target.find('?')) == "/";
  co_return ours ? target : std::string();
}

/// The answers to one sign-in's browsers.
class Reception {
 public:
  Reception(const CodeGrant& grant, Clock& clock, const asio::any_io_executor& executor)
      : grant_(grant), clock_(clock), done_(executor) {}

  [[nodiscard]] Latch& done() { return done_; }
  [[nodiscard]] Result<std::string> outcome() { return std::move(*outcome_); }

  Task<void> accept(tcp::acceptor& acceptor, TaskGroup& group) {
    while (true) {
      auto [failure, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      co_await throw_if_cancelled();
      // More than a browser opens: what is turned away comes again.
      if (failure || group.running() > kMostBrowsers) continue;
      group.spawn(serve(std::make_unique<tcp::socket>(std::move(socket))));
    }
  }

 private:
  Task<void> serve(std::unique_ptr<tcp::socket> socket) {
    auto asking = read_target(*socket);
    const auto target = co_await with_deadline(clock_, clock_.steady_now() + kBrowserPatience, "the browser", std::move(asking));
    if (!target) co_return;
    const auto text = answer(*target);
    const auto buffer = asio::buffer(text);
    co_await asio::async_write(*socket, buffer, asio::as_tuple(asio::use_awaitable));
    boost::system::error_code ignored;
    socket->shutdown(tcp::socket::shutdown_send, ignored);
    if (outcome_) done_.set();
  }

  std::string answer(const std::string& target) {
    auto code = grant_.code_in(target);
    if (code) {
      outcome_ = std::move(code);
      return page("200 OK", "mailmirror has got what it needs. You may close this page and go back to the terminal.");
    }
    if (code.error().kind == ErrorKind::protocol)
      return page("404 Not Found", "This page doesn't belong to the sign-in that mailmirror waits for.");
    outcome_ = std::move(code);
    return page("200 OK", "The sign-in failed or was declined. The terminal tells more.");
  }

  const CodeGrant& grant_;
  Clock& clock_;
  Latch done_;
  std::optional<Result<std::string>> outcome_;
};

}  // namespace

Result<Loopback> Loopback::open(const asio::any_io_executor& executor) {
  tcp::acceptor acceptor(executor);
  boost::system::error_code failure;
  acceptor.open(tcp::v4(), failure);
  if (!failure) acceptor.bind({asio::ip::address_v4::loopback(), 0}, failure);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return fail(ErrorKind::network, fmt::format("can't listen on 127.0.0.1 for the browser: {}", failure.message()));
  return Loopback(std::move(acceptor));
}

std::string Loopback::redirect_url(const std::string& host) const {
  return fmt::format("http://{}:{}", host, acceptor_.local_endpoint().port());
}

Task<Result<std::string>> Loopback::wait_for_code(const CodeGrant& grant, Clock& clock) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Reception reception(grant, clock, executor);
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(reception.accept(acceptor_, group));
    co_await reception.done().wait();
    group.cancel();
  };
  co_await run_in_group(body);
  co_return reception.outcome();
}

}  // namespace mailmirror::daemon::signin
