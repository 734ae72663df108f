#include "tests/support/token_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <string>

namespace mailmirror::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// The token stands in the body (token=…) or in the Authorization header, as the server likes.
std::string verdict_on(const http::request<http::string_body>& request) {
  const std::string said = request.body() + std::string(request[http::field::authorization]);
  if (said.find(TokenServer::kGoodToken) != std::string::npos) return R"({"active": true, "username": "u1"})";
  return R"({"active": false})";
}

asio::awaitable<void> answer(tcp::socket socket) {
  boost::beast::flat_buffer buffer;
  try {
    while (true) {
      http::request<http::string_body> request;
      co_await http::async_read(socket, buffer, request, asio::use_awaitable);
      http::response<http::string_body> response(http::status::ok, request.version());
      response.set(http::field::content_type, "application/json");
      response.keep_alive(request.keep_alive());
      response.body() = verdict_on(request);
      response.prepare_payload();
      co_await http::async_write(socket, response, asio::use_awaitable);
    }
  } catch (const std::exception&) {
    // The server hung up: that is how each connection ends.
  }
}

asio::awaitable<void> listen(tcp::acceptor acceptor) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), answer(std::move(socket)), asio::detached);
  }
}

}  // namespace

TokenServer::TokenServer() {
  tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
  port_ = acceptor.local_endpoint().port();
  asio::co_spawn(io_, listen(std::move(acceptor)), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

TokenServer::~TokenServer() {
  io_.stop();
  thread_.join();
}

}  // namespace mailmirror::testing
