#include "daemon/signin/keep.hpp"

#include <fmt/format.h>

#include <utility>

namespace mailmirror::daemon::signin {
namespace {

constexpr Duration kLookAgain = std::chrono::milliseconds(50);
/// Longer than a renewal can take.
constexpr Duration kPatience = std::chrono::seconds(40);

}  // namespace

Task<Result<TokenLock>> take_token_lock(imap::client::Environment environment, std::filesystem::path directory) {
  const auto end = environment.clock.steady_now() + kPatience;
  auto take = [&] { return TokenLock::try_take(directory); };
  while (true) {
    auto lock = co_await environment.pool.run(take);
    MAILMIRROR_CO_TRY(lock);
    if (*lock) co_return std::move(**lock);
    if (environment.clock.steady_now() >= end)
      co_return fail(ErrorKind::timeout,
                     fmt::format("another process holds {} and doesn't end", (directory / "token.lock").string()));
    co_await environment.clock.sleep(kLookAgain);
  }
}

Task<Result<void>> keep_tokens(imap::client::Environment environment, std::filesystem::path directory, KeptTokens kept) {
  const auto lock = co_await take_token_lock(environment, directory);
  MAILMIRROR_CO_TRY(lock);
  const TokenFile file(directory);
  auto write = [&] { return file.write(kept); };
  const auto written = co_await environment.pool.run(write);
  co_return written;
}

}  // namespace mailmirror::daemon::signin
