#include "tests/support/web_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cctype>
#include <exception>

namespace mailmirror::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

http::response<http::string_body> respond(const http::request<http::string_body>& request, const WebHandler& handler) {
  WebRequest asked{std::string(request.method_string()), std::string(request.target()), {}, request.body()};
  for (const auto& field : request) asked.headers.emplace(lower(std::string(field.name_string())), std::string(field.value()));
  const auto answer = handler(asked);
  http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.keep_alive(request.keep_alive());
  response.body() = answer.body;
  response.prepare_payload();
  return response;
}

template <class Stream>
asio::awaitable<void> serve(Stream& stream, const WebHandler& handler) {
  boost::beast::flat_buffer buffer;
  while (true) {
    http::request<http::string_body> request;
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    auto response = respond(request, handler);
    co_await http::async_write(stream, response, asio::use_awaitable);
    if (!response.keep_alive()) co_return;
  }
}

asio::awaitable<void> answer(tcp::socket socket, asio::ssl::context* tls, const WebHandler& handler) {
  try {
    if (tls == nullptr) {
      co_await serve(socket, handler);
      co_return;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    co_await serve(stream, handler);
    co_await stream.async_shutdown(asio::use_awaitable);
  } catch (const std::exception&) {
    // The client hung up.
  }
}

asio::awaitable<void> listen(tcp::acceptor acceptor, asio::ssl::context* tls, const WebHandler& handler) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), answer(std::move(socket), tls, handler), asio::detached);
  }
}

}  // namespace

WebServer::WebServer(WebHandler handler) : handler_(std::move(handler)) {
  start();
}

WebServer::WebServer(WebHandler handler, const fs::path& certificates)
    : handler_(std::move(handler)), tls_(std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server)) {
  tls_->use_certificate_chain_file((certificates / "server.crt").string());
  tls_->use_private_key_file((certificates / "server.key").string(), asio::ssl::context::pem);
  start();
}

void WebServer::start() {
  tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
  port_ = acceptor.local_endpoint().port();
  asio::co_spawn(io_, listen(std::move(acceptor), tls_.get(), handler_), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

WebServer::~WebServer() {
  io_.stop();
  thread_.join();
}

std::string WebServer::url() const {
  return (tls_ ? "https://localhost:" : "http://localhost:") + std::to_string(port_);
}

}  // namespace mailmirror::testing
