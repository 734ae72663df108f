#include "daemon/main/login_run.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/main/terminal.hpp"
#include "daemon/signin/keep.hpp"
#include "imap/client/open_session.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace mailmirror::daemon {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

class TerminalPerson final : public signin::Person {
 public:
  /// The standard output is the results' of whoever runs this.
  void say(std::string_view text) override { fmt::print(stderr, "{}", text); }
  [[nodiscard]] bool has_browser() const override { return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("BROWSER"); }

  /// Its words would disturb; whether it works the user sees.
  void open_browser(const std::string& url) override {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
    // A child of the child, so that nobody has to wait for a browser that may run for days.
    std::string shell = "/bin/sh", flag = "-c", command = "xdg-open \"$0\" &", address = url;
    std::array<char*, 5> argv{shell.data(), flag.data(), command.data(), address.data(), nullptr};
    pid_t pid = -1;
    if (::posix_spawn(&pid, "/bin/sh", &actions, nullptr, argv.data(), environ) == 0) ::waitpid(pid, nullptr, 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  Task<Result<std::string>> read_line() override { return read_line_of_stdin(); }
};

/// At once, since the user is still there: whether the mail server takes the token. It may be that of another mailbox.
Task<Result<void>> try_token(config::Account account, imap::client::Environment environment, std::string token) {
  auto options = session_options(account);
  options.login.secret = std::move(token);
  const auto session = co_await imap::client::open_session(environment, std::move(options));
  MAILMIRROR_CO_TRY(session);
  co_return ok();
}

int refuse(const Error& error, int status) {
  fmt::print(stderr, "mailmirrord: {}\n", error.message);
  return status;
}

}  // namespace

Task<int> run_login(config::Account account, std::filesystem::path state_dir, signin::Way way,
                    imap::client::Environment environment) {
  if (account.secret.kind != config::SecretSource::Kind::oauth2)
    co_return refuse(fail(ErrorKind::configuration, fmt::format("the account {0} doesn't sign in by OAuth2: there is no section "
                                                                "[account.{0}.oauth2] in the configuration",
                                                                account.name)),
                     kUsage);
  TerminalPerson person;
  auto tokens = co_await signin::sign_in(account.oauth2, account.user, way, environment, person);
  if (!tokens) co_return refuse(tokens.error(), kFailed);
  const bool lasts = !tokens->refresh.empty();
  auto token = tokens->access;
  signin::KeptTokens kept{signin::known_provider(account.oauth2).name, account.oauth2.client_id, std::move(*tokens)};
  const auto directory = state_dir / account.name;
  const auto written = co_await signin::keep_tokens(environment, directory, std::move(kept));
  if (!written) co_return refuse(written.error(), kFailed);
  person.say(
      fmt::format("\nSigned in: {}. The tokens are in {}, for you alone.\n", account.name, (directory / "token.json").string()));
  if (!lasts)
    fmt::print(stderr,
               "mailmirrord: the provider gave nothing to renew the sign-in with (no refresh token): it ends with the access "
               "token. Does 'scopes' ask for it (offline_access)?\n");
  const auto let_in = co_await try_token(account, environment, std::move(token));
  if (let_in) co_return 0;
  const bool refused = let_in.error().kind == ErrorKind::authentication;
  fmt::print(stderr, "mailmirrord: the mail server {}: {}{}\n", refused ? "doesn't take the new token" : "couldn't be tried",
             let_in.error().message,
             refused ? fmt::format(". Did {} sign in, and does the provider allow IMAP for this mailbox?", account.user) : "");
  co_return refused ? kFailed : 0;
}

}  // namespace mailmirror::daemon
