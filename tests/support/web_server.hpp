// A web server of the test's own making, on 127.0.0.1.
#pragma once

#include "tests/support/harness.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace mailmirror::testing {

struct WebRequest {
  std::string method;
  std::string target;                          ///< path and query
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

struct WebResponse {
  unsigned status = 200;
  std::string body{};
  std::map<std::string, std::string> headers{};
};

/// Called on the server's thread.
using WebHandler = std::function<WebResponse(const WebRequest&)>;

/// Answers for as long as the object lives.
class WebServer {
 public:
  /// Plain http.
  explicit WebServer(WebHandler handler);
  /// https with server.crt and server.key in `certificates` (certificates.hpp), for "localhost" unless they say otherwise.
  WebServer(WebHandler handler, const fs::path& certificates);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "https://localhost:PORT" or "http://localhost:PORT".
  [[nodiscard]] std::string url() const;

 private:
  void start();

  WebHandler handler_;
  boost::asio::io_context io_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace mailmirror::testing
