#include "daemon/signin/token_keeper.hpp"

#include "daemon/signin/carry_through.hpp"
#include "daemon/signin/exchange.hpp"
#include "daemon/signin/keep.hpp"

#include <fmt/format.h>

#include <utility>

namespace mailmirror::daemon::signin {
namespace {

/// A token that is refused within this time of its renewal isn't renewed for it again.
constexpr Duration kNew = std::chrono::minutes(10);

/// What a renewal under way gets when everything is being stopped.
constexpr Duration kGrace = std::chrono::milliseconds(1500);

http::Fields refresh_form(const config::OAuth2& client, const std::string& token) {
  http::Fields form{{"grant_type", "refresh_token"}, {"refresh_token", token}, {"client_id", client.client_id}};
  if (!client.client_secret.empty()) form.emplace_back("client_secret", client.client_secret);
  return form;
}

}  // namespace

TokenKeeper::TokenKeeper(config::OAuth2 oauth2, std::string account, std::filesystem::path directory,
                         imap::client::Environment environment, const asio::any_io_executor& executor)
    : oauth2_(std::move(oauth2)),
      account_(std::move(account)),
      file_(std::move(directory)),
      environment_(std::move(environment)),
      freed_(executor) {}

Task<Result<std::string>> TokenKeeper::access_token() {
  struct Turn {
    TokenKeeper& keeper;
    explicit Turn(TokenKeeper& k) : keeper(k) { keeper.busy_ = true; }
    ~Turn() {
      keeper.busy_ = false;
      keeper.freed_.notify();
    }
  };
  while (busy_) co_await freed_.wait();
  const Turn turn(*this);
  if (!unsaved_) {
    const auto kept = co_await read_file();
    MAILMIRROR_CO_TRY(kept);
    const auto token = good_token(*kept);
    MAILMIRROR_CO_TRY(token);
    if (*token) co_return **token;
  }
  auto renewed = co_await locked();
  co_return std::move(renewed);
}

Task<Result<std::string>> TokenKeeper::locked() {
  const auto lock = co_await take_token_lock(environment_, file_.directory());
  MAILMIRROR_CO_TRY(lock);
  if (unsaved_) {
    const auto saved = co_await save(*unsaved_);
    MAILMIRROR_CO_TRY(saved);
  }
  auto kept = co_await read_file();
  MAILMIRROR_CO_TRY(kept);
  const auto token = good_token(*kept);
  MAILMIRROR_CO_TRY(token);
  if (*token) co_return **token;
  // The provider may replace the refresh token as soon as it has the request: its answer isn't thrown away lightly.
  auto renewal = renew(std::move(**kept));
  auto renewed = co_await carry_through(environment_.clock, kGrace, std::move(renewal));
  co_return std::move(renewed);
}

Task<Result<std::optional<KeptTokens>>> TokenKeeper::read_file() {
  auto read = [this] { return file_.read(); };
  auto kept = co_await environment_.pool.run(read);
  if (!kept && kept.error().kind == ErrorKind::damaged) co_return sign_in_again(kept.error().message);
  co_return std::move(kept);
}

/// Nothing: it has to be renewed, and can be.
Result<std::optional<std::string>> TokenKeeper::good_token(const std::optional<KeptTokens>& kept) const {
  if (!kept) return sign_in_again("nobody has signed in yet");
  if (kept->client_id != oauth2_.client_id || kept->provider != known_provider(oauth2_).name)
    return sign_in_again("the tokens that are kept are another provider's or another client_id's");
  const auto& tokens = kept->tokens;
  if (tokens.fresh(environment_.clock.system_now()) && tokens.access != refused_) return std::optional(tokens.access);
  if (tokens.refresh.empty()) return sign_in_again("the sign-in came to its end, and the provider gave nothing to renew it with");
  if (tokens.refresh == dead_) return sign_in_again(dead_words_);
  return std::optional<std::string>();
}

/// The lock is held.
Task<Result<std::string>> TokenKeeper::renew(KeptTokens kept) {
  if (!provider_) {
    auto found = co_await find_provider(environment_, oauth2_);
    if (!found) co_return error_in(found, "can't renew the sign-in");
    provider_ = std::move(*found);
  }
  environment_.log->debug("renewing the access token at {}", provider_->name);
  auto form = refresh_form(oauth2_, kept.tokens.refresh);
  auto answer = co_await ask_for_tokens(environment_, oauth2_, *provider_, std::move(form));
  // What is there is kept, whoever is in a hurry.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (!answer) co_return error_in(answer, "can't renew the sign-in at " + provider_->name);
  if (const auto* const refusal = std::get_if<Refusal>(&*answer)) co_return explain(kept, refusal->code, refusal->text());
  auto fresh = std::get<Tokens>(std::move(*answer));
  if (fresh.refresh.empty()) fresh.refresh = kept.tokens.refresh;
  if (kept.tokens.access == refused_) {
    renewed_ = fresh.access;
    renewed_at_ = environment_.clock.steady_now();
  }
  const auto token = fresh.access;
  kept.tokens = std::move(fresh);
  const auto saved = co_await save(std::move(kept));
  MAILMIRROR_CO_TRY(saved);
  co_return token;
}

Task<Result<void>> TokenKeeper::save(KeptTokens kept) {
  unsaved_ = std::move(kept);
  auto write = [this] { return file_.write(*unsaved_); };
  const auto written = co_await environment_.pool.run(write);
  MAILMIRROR_CO_TRY(written);
  unsaved_.reset();
  co_return ok();
}

/// What a refused renewal means for the user.
Error TokenKeeper::explain(const KeptTokens& kept, const std::string& code, const std::string& text) {
  if (code == "temporarily_unavailable" || code == "server_error")
    return fail(ErrorKind::network, fmt::format("{} is out of order ({})", provider_->name, text));
  if (code == "invalid_client" || code == "unauthorized_client")
    return fail(ErrorKind::authentication, fmt::format("{} refuses this application ({}): look at client_id and client_secret in "
                                                       "[account.{}.oauth2]",
                                                       provider_->name, text, account_));
  dead_ = kept.tokens.refresh;
  dead_words_ = fmt::format("{} ended the sign-in ({})", provider_->name, text);
  return sign_in_again(dead_words_);
}

Error TokenKeeper::sign_in_again(const std::string& why) const {
  return fail(ErrorKind::authentication, fmt::format("{}; run: mailmirror login {}", why, account_));
}

std::optional<Error> TokenKeeper::refused(const std::string& token, const Error& refusal) {
  // One that was good for a while may have been ended meanwhile.
  if (token == renewed_ && environment_.clock.steady_now() < renewed_at_ + kNew)
    return fail(
        ErrorKind::authentication,
        fmt::format("{}. The access token is new: is 'user' the mailbox's own name, and does the provider allow IMAP for it? "
                    "To sign in again, run: mailmirror login {}",
                    refusal.message, account_));
  refused_ = token;
  return std::nullopt;
}

}  // namespace mailmirror::daemon::signin
