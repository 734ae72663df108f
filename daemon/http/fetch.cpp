#include "daemon/http/fetch.hpp"

#include "daemon/http/url.hpp"
#include "imap/transport/tcp.hpp"
#include "imap/transport/tls.hpp"
#include "sync/base/ascii.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>

namespace mailmirror::http {
namespace {

namespace beast = boost::beast;
namespace transport = imap::transport;

constexpr std::uint32_t kLongestHeader = 32 * 1024;
constexpr std::size_t kBuffer = 16 * 1024;

using Parser = beast::http::response_parser<beast::http::string_body>;

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

bool is_secret_header(std::string_view name) {
  return ascii::equal_ignoring_case(name, "authorization") || ascii::equal_ignoring_case(name, "cookie");
}

/// The request's bytes.
Result<std::string> written(const Request& request, const Url& url) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: mailmirror/{}\r\nConnection: close\r\n", request.method,
                                 url.target, url.authority(), MAILMIRROR_VERSION);
  for (const auto& [name, value] : request.headers) {
    if (has_controls(name) || has_controls(value) || name.empty() || name.find_first_of(": ") != std::string::npos)
      return fail(ErrorKind::configuration, fmt::format("{}: the header '{}' has characters that can't be sent", url.origin(),
                                                        has_controls(name) ? "?" : name));
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (!request.body.empty() || request.method == "POST") text += fmt::format("Content-Length: {}\r\n", request.body.size());
  return text + "\r\n" + request.body;
}

/// The advice of TLS errors is about an account's settings.
Error without_account_advice(Error error) {
  if (error.kind == ErrorKind::tls) error.message.resize(std::min(error.message.size(), error.message.find("; is it one for")));
  if (error.kind != ErrorKind::certificate) return error;
  error.message.resize(std::min(error.message.size(), error.message.find(". If it is yours")));
  error.message += ". If it is yours to trust, set ca_file to its issuer's PEM file";
  return error;
}

/// One exchange with one server.
class Exchange {
 public:
  Exchange(const Options& options, transport::Connector& connector, Url url)
      : options_(options), connector_(connector), url_(std::move(url)), place_(fmt::format("{}:{}", url_.host, url_.port)) {
    parser_.header_limit(kLongestHeader);
    parser_.body_limit(options_.max_body);
    parser_.eager(true);
  }

  /// `request` outlives it.
  Task<Result<Response>> run(const Request& request) {
    const auto text = written(request, url_);
    MAILMIRROR_CO_TRY(text);
    const auto connected = co_await connect();
    MAILMIRROR_CO_TRY(connected);
    const auto bytes = std::as_bytes(std::span<const char>(text->data(), text->size()));
    const auto sent = co_await line_->write_all(bytes);
    MAILMIRROR_CO_TRY(sent);
    if (request.method == "HEAD") parser_.skip(true);
    const auto arrived = co_await read();
    line_->close();
    MAILMIRROR_CO_TRY(arrived);
    co_return response();
  }

 private:
  Task<Result<void>> connect() {
    auto line = co_await connector_.connect(url_.host, url_.port);
    MAILMIRROR_CO_TRY(line);
    line_ = std::move(*line);
    if (!url_.is_secure()) co_return ok();
    transport::TlsSettings settings;
    settings.host = url_.host;
    settings.trust.ca_file = options_.ca_file.value_or("");
    auto secured = co_await transport::wrap_tls(std::move(line_), std::move(settings));
    if (!secured) co_return without_account_advice(secured.error());
    line_ = std::move(*secured);
    co_return ok();
  }

  Task<Result<void>> read() {
    std::string waiting;
    std::array<std::byte, kBuffer> piece{};
    while (!parser_.is_done()) {
      const auto count = co_await line_->read_some(piece);
      MAILMIRROR_CO_TRY(count);
      beast::error_code error;
      if (*count == 0) {
        if (parser_.got_some()) parser_.put_eof(error);
        if (!parser_.got_some() || error) co_return fail(ErrorKind::network, place_ + ": the server hung up in its answer");
        break;
      }
      waiting.append(reinterpret_cast<const char*>(piece.data()), *count);
      const auto used = parser_.put(boost::asio::buffer(waiting), error);
      waiting.erase(0, used);
      if (error == beast::http::error::need_more) continue;
      if (error == beast::http::error::body_limit)
        co_return fail(ErrorKind::protocol, fmt::format("{}: the answer is larger than {} bytes", place_, options_.max_body));
      if (error) co_return fail(ErrorKind::protocol, fmt::format("{}: the answer isn't HTTP ({})", place_, error.message()));
    }
    co_return ok();
  }

  Response response() {
    auto message = parser_.release();
    Response out;
    out.status = message.result_int();
    for (const auto& field : message) out.headers.emplace(ascii::to_lower(field.name_string()), std::string(field.value()));
    out.body = std::move(message.body());
    out.url = url_.text();
    return out;
  }

  const Options& options_;
  transport::Connector& connector_;
  Url url_;
  std::string place_;
  std::unique_ptr<transport::Transport> line_;
  Parser parser_;
};

/// Where a response sends the reader; nullopt if it doesn't.
std::optional<std::string> redirect_of(const Request& request, const Response& response) {
  constexpr std::array kRedirects{301U, 302U, 303U, 307U, 308U};
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const auto location = response.headers.find("location");
  const bool redirects = std::find(kRedirects.begin(), kRedirects.end(), response.status) != kRedirects.end();
  return redirects && location != response.headers.end() ? std::optional(location->second) : std::nullopt;
}

/// The address that a redirect names, if it may be followed. What must not go there leaves the request.
Result<Url> follow(const Url& from, const std::string& location, Request& request) {
  auto to = resolve_url(from, location);
  if (!to) return error_in(to, from.origin() + " redirects");
  if (from.is_secure() && !to->is_secure())
    return fail(ErrorKind::tls,
                fmt::format("{} redirects to {}, which isn't encrypted: not followed", from.origin(), to->origin()));
  if (to->origin() != from.origin())
    std::erase_if(request.headers, [](const auto& header) { return is_secret_header(header.first); });
  return to;
}

Task<Result<Response>> fetch_through(Request request, Options options, Url url, transport::Connector& connector) {
  for (int redirects = 0;; ++redirects) {
    Exchange exchange(options, connector, url);
    auto response = co_await exchange.run(request);
    MAILMIRROR_CO_TRY(response);
    const auto location = redirect_of(request, *response);
    if (!location) co_return std::move(*response);
    if (redirects == options.max_redirects)
      co_return fail(ErrorKind::protocol, fmt::format("{} redirects more than {} times", url.origin(), options.max_redirects));
    auto next = follow(url, *location, request);
    MAILMIRROR_CO_TRY(next);
    url = std::move(*next);
  }
}

}  // namespace

Task<Result<Response>> fetch(Request request, Options options) {
  auto url = parse_url(request.url);
  MAILMIRROR_CO_TRY(url);
  RealClock real_clock;
  Clock& clock = options.clock == nullptr ? real_clock : *options.clock;
  // Only for name look-ups, and only where nobody brought a connector.
  std::optional<BlockingPool> own_pool;
  std::optional<transport::TcpConnector> own_connector;
  if (options.connector == nullptr) {
    own_pool.emplace(1);
    own_connector.emplace(*own_pool, clock);
  }
  transport::Connector& connector = options.connector == nullptr ? *own_connector : *options.connector;
  const auto place = fmt::format("{}:{}", url->host, url->port);
  const auto end = clock.steady_now() + options.timeout;
  auto exchange = fetch_through(std::move(request), options, std::move(*url), connector);
  auto response = co_await with_deadline(clock, end, place, std::move(exchange));
  co_return std::move(response);
}

}  // namespace mailmirror::http
