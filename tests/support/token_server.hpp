// The part of an OAuth2 provider that mail servers ask: whether a token is good, and whose it is (RFC 7662).
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <thread>

namespace mailmirror::testing {

/// Listens at http://127.0.0.1:port() for as long as the object lives. kGoodToken is u1's; kExpiredToken was; all others never
/// were.
class TokenServer {
 public:
  static constexpr const char* kGoodToken = "token-of-u1";
  static constexpr const char* kExpiredToken = "token-of-yesterday";

  TokenServer();
  ~TokenServer();
  TokenServer(const TokenServer&) = delete;
  TokenServer& operator=(const TokenServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  boost::asio::io_context io_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace mailmirror::testing
