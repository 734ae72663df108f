// A provider, and whoever answers in its place, that says anything: no crash, and nothing of it reaches a terminal, a socket or an
// IMAP line that must not.
#include "daemon/http/fetch.hpp"
#include "daemon/http/form.hpp"
#include "daemon/http/url.hpp"
#include "daemon/signin/answers.hpp"
#include "daemon/signin/code_grant.hpp"
#include "daemon/signin/device_grant.hpp"
#include "daemon/signin/provider.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/require.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

namespace {

using namespace mailmirror;
using namespace mailmirror::daemon;
using fuzz::Input;
using fuzz::require;

constexpr std::size_t kMostBody = 1000;

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

void check_url(std::string_view text) {
  const auto base = http::parse_url("https://a.example/b/c?d").value();
  for (const auto& url : {http::parse_url(text), http::resolve_url(base, text)}) {
    if (!url) {
      require(!url.error().message.empty(), "an error has words");
      continue;
    }
    require(url->scheme == "https" || url->scheme == "http", "nothing but the web is fetched");
    require(is_visible(url->host) && is_visible(url->target), "what is sent has no line ends");
    require(url->host.find_first_of("/@?#") == std::string::npos && url->port != 0, "a host is a host");
    require(http::parse_url(url->text()).value() == *url, "an address means itself");
  }
}

void check_form(std::string_view text) {
  auto fields = http::decode_form(text);
  std::erase_if(fields, [](const auto& field) { return field.first.empty() && field.second.empty(); });
  require(http::decode_form(http::encode_form(fields)) == fields, "a form gives back what it took");
}

void check_refusal(const signin::Refusal& refusal) {
  require(!has_controls(refusal.text()) && refusal.text().size() < 1000, "people can read what is refused");
}

void check_answers(const http::Response& response) {
  const SystemTime now{std::chrono::hours(1)};
  const auto answer = signin::read_token_answer(response, "X", now);
  if (answer) {
    if (const auto* const refusal = std::get_if<signin::Refusal>(&*answer)) check_refusal(*refusal);
    if (const auto* const tokens = std::get_if<signin::Tokens>(&*answer)) {
      require(!tokens->access.empty() && is_visible(tokens->access) && is_visible(tokens->refresh),
              "a token fits onto an IMAP line");
      require(!tokens->expires || *tokens->expires > now, "a token lives");
    }
  }
  const auto grant = signin::read_device_grant(response, "X");
  if (grant) {
    require(!has_controls(grant->user_code) && is_visible(grant->verification_url) && is_visible(grant->complete_url),
            "people can read the code");
    require(grant->interval >= std::chrono::seconds(1) && grant->interval <= std::chrono::minutes(1),
            "polls are neither hasty nor asleep");
  }
  signin::Provider provider;
  if (signin::take_description(provider, "https://id.example", response.body))
    require(http::parse_url(provider.token_url)->is_secure() || provider.token_url.starts_with("http://"),
            "tokens go to an address");
}

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override { std::fill(bytes.begin(), bytes.end(), std::byte{0x5a}); }
};

void check_code(std::string_view text) {
  FixedRandom random;
  const signin::CodeGrant grant(random, "http://127.0.0.1:1");
  constexpr std::string_view kState = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";
  const auto code = grant.code_in(text);
  require(!code || text.find(kState) != text.npos || text.find('%') != text.npos, "no code without the state");
  require(code || !has_controls(code.error().message), "people can read why not");
}

/// Says these bytes and hangs up.
class Speaker final : public imap::transport::Transport {
 public:
  explicit Speaker(std::string_view bytes) : rest_(bytes) {}
  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const auto count = std::min<std::size_t>({into.size(), rest_.size(), 100});
    std::transform(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), into.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    rest_.remove_prefix(count);
    co_return count;
  }
  Task<Result<void>> write_all(std::span<const std::byte>) override { co_return ok(); }
  void close() override {}
  [[nodiscard]] std::uint64_t bytes_in() const override { return 0; }
  [[nodiscard]] std::uint64_t bytes_out() const override { return 0; }

 private:
  std::string_view rest_;
};

class SpeakerConnector final : public imap::transport::Connector {
 public:
  explicit SpeakerConnector(std::string_view bytes) : bytes_(bytes) {}
  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string, std::uint16_t) override {
    co_return std::make_unique<Speaker>(bytes_);
  }

 private:
  std::string_view bytes_;
};

Task<void> fetch_into(http::Request request, http::Options options, std::optional<Result<http::Response>>& into) {
  auto response = co_await http::fetch(std::move(request), std::move(options));
  into.emplace(std::move(response));
}

void check_fetch(std::string_view bytes) {
  asio::io_context io(1);
  SpeakerConnector connector(bytes);
  http::Request request;
  request.url = "http://a.example/";
  http::Options options;
  options.connector = &connector;
  options.max_body = kMostBody;
  std::optional<Result<http::Response>> response;
  asio::co_spawn(io, fetch_into(std::move(request), std::move(options), response), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  require(response.has_value(), "an exchange ends");
  if (!*response) return require(!response->error().message.empty(), "an error has words");
  require((**response).body.size() <= kMostBody, "an answer is bounded");
  check_answers(**response);
}

}  // namespace

/// The first byte tells what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<unsigned, 4> kStatus{200, 400, 429, 503};
  Input input(data, size);
  switch (input.byte() % 8) {
    case 0: check_url(input.rest()); break;
    case 1: check_form(input.rest()); break;
    case 2: check_code(input.rest()); break;
    case 3: check_fetch(input.rest()); break;
    default: {
      http::Response response;
      response.status = kStatus[input.byte() % kStatus.size()];
      response.body = input.rest();
      check_answers(response);
    }
  }
  return 0;
}
