#include "daemon/signin/sign_in.hpp"

#include "daemon/signin/code_grant.hpp"
#include "daemon/signin/device_grant.hpp"
#include "daemon/signin/exchange.hpp"
#include "daemon/signin/loopback.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>

namespace mailmirror::daemon::signin {
namespace {

/// How long somebody may take in the browser.
constexpr Duration kPatience = std::chrono::minutes(15);
/// What the browser is sent to where nobody listens: it shows an error page, and the address is what counts.
/// None that browsers refuse to go to.
constexpr const char* kNobodysPort = "47011";

class SignIn {
 public:
  SignIn(config::OAuth2 oauth2, std::string user, imap::client::Environment environment, Person& person)
      : oauth2_(std::move(oauth2)), user_(std::move(user)), environment_(std::move(environment)), person_(person) {}

  Task<Result<Tokens>> run(Way way) {
    auto provider = co_await find_provider(environment_, oauth2_);
    MAILMIRROR_CO_TRY(provider);
    provider_ = std::move(*provider);
    if (way == Way::automatic)
      way = !provider_.device_url.empty() ? Way::device : person_.has_browser() ? Way::browser : Way::paste;
    if (way == Way::device && provider_.device_url.empty())
      co_return fail(ErrorKind::unsupported,
                     fmt::format("{} has no sign-in by device code for mail: use --browser, or --paste on a "
                                 "machine without a browser",
                                 provider_.name));
    if (way != Way::device && provider_.authorize_url.empty())
      co_return fail(ErrorKind::unsupported,
                     fmt::format("{} names no address for a browser: use --device, or set authorize_url", provider_.name));
    auto tokens = way == Way::device ? by_device() : way == Way::browser ? by_browser() : by_paste();
    auto had = co_await std::move(tokens);
    co_return std::move(had);
  }

 private:
  Task<Result<Tokens>> by_device() {
    auto form = device_form(oauth2_, provider_);
    const auto response = co_await post_form(environment_, oauth2_, provider_.device_url, std::move(form));
    MAILMIRROR_CO_TRY(response);
    auto grant = read_device_grant(*response, provider_.name);
    MAILMIRROR_CO_TRY(grant);
    person_.say(
        fmt::format("To sign in, open this page in a browser, on any machine:\n\n    {}\n\nand enter the code:\n\n    {}\n\n",
                    grant->verification_url, grant->user_code));
    if (!grant->complete_url.empty())
      person_.say(fmt::format("This address has the code in it:\n\n    {}\n\n", grant->complete_url));
    person_.say(
        fmt::format("Waiting for it, {} minutes at most ...\n", std::chrono::ceil<std::chrono::minutes>(grant->life).count()));
    auto& clock = environment_.clock;
    DeviceWait wait(std::move(*grant), clock.steady_now());
    while (true) {
      co_await clock.sleep_until(wait.next());
      auto asked = wait.form(oauth2_);
      const auto answer = co_await ask_for_tokens(environment_, oauth2_, provider_, std::move(asked));
      auto heard = wait.hear(answer, clock.steady_now());
      MAILMIRROR_CO_TRY(heard);
      if (auto* const tokens = std::get_if<Tokens>(&*heard)) co_return std::move(*tokens);
    }
  }

  Task<Result<Tokens>> by_browser() {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto loopback = Loopback::open(executor);
    MAILMIRROR_CO_TRY(loopback);
    const CodeGrant grant(environment_.random, loopback->redirect_url(provider_.loopback_host));
    const auto url = grant.authorize_url(oauth2_, provider_, user_);
    person_.say(
        fmt::format("To sign in, open this page in a browser on this machine{}:\n\n{}\n\nWaiting for the browser to come back "
                    "(on a machine without one, use --paste) ...\n",
                    person_.has_browser() ? " (it should open by itself)" : "", url));
    if (person_.has_browser()) person_.open_browser(url);
    auto& clock = environment_.clock;
    auto coming = loopback->wait_for_code(grant, clock);
    const auto code = co_await with_deadline(clock, clock.steady_now() + kPatience, "the browser", std::move(coming));
    MAILMIRROR_CO_TRY(code);
    auto tokens = co_await exchange(grant, *code);
    co_return std::move(tokens);
  }

  Task<Result<Tokens>> by_paste() {
    const CodeGrant grant(environment_.random, fmt::format("http://{}:{}", provider_.loopback_host, kNobodysPort));
    person_.say(
        fmt::format("To sign in, open this page in a browser, on any machine:\n\n{}\n\nAt the end the browser shows a page that "
                    "can't be reached. Copy its address (http://{}:{}/?...) and paste it here:\n",
                    grant.authorize_url(oauth2_, provider_, user_), provider_.loopback_host, kNobodysPort));
    while (true) {
      const auto line = co_await person_.read_line();
      MAILMIRROR_CO_TRY(line);
      const auto code = grant.code_in(*line);
      if (!code && code.error().kind == ErrorKind::protocol) {
        person_.say(fmt::format("{}. Paste the whole address that the browser ended at:\n", code.error().message));
        continue;
      }
      MAILMIRROR_CO_TRY(code);
      auto tokens = co_await exchange(grant, *code);
      co_return std::move(tokens);
    }
  }

  /// `grant` is the caller's variable.
  Task<Result<Tokens>> exchange(const CodeGrant& grant, std::string code) {
    auto form = grant.form(oauth2_, code);
    auto answer = co_await ask_for_tokens(environment_, oauth2_, provider_, std::move(form));
    MAILMIRROR_CO_TRY(answer);
    if (const auto* const refusal = std::get_if<Refusal>(&*answer))
      co_return fail(ErrorKind::authentication, fmt::format("{} gives no tokens ({})", provider_.name, refusal->text()));
    co_return std::get<Tokens>(std::move(*answer));
  }

  config::OAuth2 oauth2_;
  std::string user_;
  imap::client::Environment environment_;
  Person& person_;
  Provider provider_;
};

}  // namespace

Task<Result<Tokens>> sign_in(config::OAuth2 oauth2, std::string user, Way way, imap::client::Environment environment,
                             Person& person) {
  SignIn attempt(std::move(oauth2), std::move(user), std::move(environment), person);
  auto tokens = co_await attempt.run(way);
  co_return std::move(tokens);
}

}  // namespace mailmirror::daemon::signin
