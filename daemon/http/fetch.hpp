// One HTTP exchange (HTTP/1.1): for sign-in and discovery, whose answers are small.
#pragma once

#include "imap/transport/connector.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::http {

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct Response {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; of several with one name the first counts
  std::string body;
  std::string url;  ///< where it came from in the end, after redirects
};

struct Options {
  std::optional<std::string> ca_file;        ///< PEM file of issuers, in place of the system's store
  std::chrono::milliseconds timeout{15000};  ///< for everything, redirects included
  std::size_t max_body = 1 << 20;
  int max_redirects = 3;
  imap::transport::Connector* connector = nullptr;  ///< nullptr: the network itself; outlives the call
  Clock* clock = nullptr;                           ///< nullptr: the machine's; outlives the call
};

/// https with TLS 1.2 or later, chain and host name verified; http only where the address says so. Each exchange has a connection
/// of its own. Redirects are followed for GET and HEAD alone, never from https to http, and secrets in headers (Authorization,
/// Cookie) don't go to another origin; a redirect of any other method is the response. Any status is a response, too. Errors say
/// host, port and what: network, timeout, tls, certificate, protocol (no HTTP, too large, too many redirects), configuration
/// (ca_file, a header with line ends). Cancellation closes the connection (a name look-up is waited for). Pass named variables by
/// std::move: g++ 12 frees temporaries in a co_await twice.
Task<Result<Response>> fetch(Request request, Options options);

}  // namespace mailmirror::http
