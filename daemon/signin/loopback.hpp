// The end of the browser's way: a web server on 127.0.0.1 for one sign-in (RFC 8252 §7.3).
#pragma once

#include "daemon/signin/code_grant.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace mailmirror::daemon::signin {

class Loopback {
 public:
  /// Listens on a port that the system picks. Errors: network.
  static Result<Loopback> open(const asio::any_io_executor& executor);

  /// "http://HOST:PORT", `host` as the provider wants it.
  [[nodiscard]] std::string redirect_url(const std::string& host) const;

  /// Answers browsers until one brings the code. What doesn't belong to this sign-in gets a 404 and is no end. Errors:
  /// authentication (the provider says no).
  Task<Result<std::string>> wait_for_code(const CodeGrant& grant, Clock& clock);

 private:
  explicit Loopback(asio::ip::tcp::acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace mailmirror::daemon::signin
