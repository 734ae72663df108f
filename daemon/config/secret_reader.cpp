#include "daemon/config/secret_reader.hpp"

#include "daemon/config/oauth2_reader.hpp"
#include "daemon/config/privacy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::config {
namespace {

using Kind = SecretSource::Kind;

/// As systemd has it (systemd.exec(5), LoadCredential): a plain file name.
bool is_credential_name(const std::string& name) {
  return name.size() <= 255 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '/' && c != ':'; });
}

class SecretReader {
 public:
  SecretReader(TableReader& in, Account& account, const std::filesystem::path& file) : in_(in), account_(account), file_(file) {}

  void run(const Environment& environment, ConfigErrors& errors, MissingSecret missing) {
    take("password_command", Kind::password_command, in_.text("password_command"));
    const auto password_file = in_.path("password_file");
    take("password_file", Kind::password_file, password_file ? std::optional(password_file->string()) : std::nullopt);
    credential();
    take("password", Kind::password, in_.text("password"));
    take("token_command", Kind::token_command, in_.text("token_command"));
    if (const auto* table = in_.table("oauth2")) {
      account_.oauth2 = read_oauth2(*table, account_.name, file_, environment, errors);
      take("oauth2", Kind::oauth2, "");
    }
    for (std::size_t n = 1; n < given_.size(); ++n)
      in_.error_at_key(given_[n], fmt::format("'{}' contradicts '{}': give one of them", given_[n], given_[0]));
    if (given_.empty() && needs_secret()) without_secret(missing);
    if (in_.has("password")) check_privacy(in_, "password", "a password", file_);
    if (given_.size() == 1) check_mechanism(given_.front());
  }

 private:
  void take(const char* key, Kind kind, std::optional<std::string> value) {
    if (!in_.has(key)) return;
    given_.emplace_back(key);
    if (value && value->empty() && kind != Kind::oauth2) in_.error_at_key(key, fmt::format("'{}' is empty", key));
    if (value && account_.secret.kind == Kind::none) account_.secret = {kind, std::move(*value)};
  }

  void credential() {
    const auto name = in_.text("credential");
    if (name && !name->empty() && !is_credential_name(*name))
      in_.error_at_key("credential", "'credential' is the name of a systemd credential (LoadCredential=NAME:…), not a path");
    take("credential", Kind::credential, name);
  }

  /// A client certificate may be all that the server asks for.
  [[nodiscard]] bool needs_secret() const {
    const bool certificate_may_do = account_.auth == Auth::automatic && !account_.client_cert.empty();
    return account_.auth != Auth::external && !certificate_may_do;
  }

  void without_secret(MissingSecret missing) {
    if (missing == MissingSecret::ask) {
      account_.secret.kind = Kind::prompt;
      return check_mechanism("a password");
    }
    in_.error_at_table(
        fmt::format("[{}] has no password: add password_command (such as \"pass show mail/{}\"), password_file, credential, "
                    "password, token_command or a section [{}.oauth2]. ('mailmirrord --once' on a terminal asks for it)",
                    in_.name(), account_.name, in_.name()));
  }

  /// A token and a password go to different mechanisms.
  void check_mechanism(const std::string& secret_key) {
    const bool token = account_.secret.kind == Kind::token_command || account_.secret.kind == Kind::oauth2;
    const bool takes_token = account_.auth == Auth::xoauth2 || account_.auth == Auth::oauthbearer;
    if (account_.auth == Auth::automatic || account_.auth == Auth::external || token == takes_token) return;
    in_.error_at_key(
        "auth",
        takes_token
            ? fmt::format("this 'auth' takes a token: use token_command or [oauth2] in place of {}", secret_key)
            : fmt::format("this 'auth' takes a password, and {} gives a token: use \"xoauth2\", \"oauthbearer\" or \"auto\"",
                          secret_key));
  }

  TableReader& in_;
  Account& account_;
  const std::filesystem::path& file_;
  std::vector<std::string> given_;
};

}  // namespace

void read_secret(TableReader& in, Account& account, const std::filesystem::path& file, const Environment& environment,
                 ConfigErrors& errors, MissingSecret missing) {
  SecretReader(in, account, file).run(environment, errors, missing);
}

}  // namespace mailmirror::daemon::config
