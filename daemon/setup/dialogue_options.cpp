// The answers that the command line gives.
#include "daemon/config/loopback.hpp"
#include "daemon/setup/dialogue.hpp"
#include "daemon/setup/providers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::uint16_t kImplicitPort = 993;
constexpr std::uint16_t kStarttlsPort = 143;
constexpr std::array kPasswordMechanisms{"auto",          "plain",      "login", "scram-sha-256-plus", "scram-sha-1-plus",
                                         "scram-sha-256", "scram-sha-1"};

Error wrong(std::string message) {
  return fail(ErrorKind::configuration, std::move(message));
}

}  // namespace

Result<void> Dialogue::take_options() {
  if (options_.host) {
    offers_.clear();
    const auto host = take_host(*options_.host);
    MAILMIRROR_TRY(host);
    Offer offer;
    offer.host = answers_.host;
    offer.tls = options_.tls.value_or(options_.port == kStarttlsPort ? config::Tls::starttls : config::Tls::implicit);
    offer.port = options_.port.value_or(offer.tls == config::Tls::implicit ? kImplicitPort : kStarttlsPort);
    offer.user = answers_.address.text();
    offer.source = "the command line";
    add_what_is_known(offer);
    if (offer.tls == config::Tls::none && !config::is_loopback(offer.host))
      return wrong(fmt::format("--tls none would send the password to {} in the clear: use implicit or starttls", offer.host));
    take_offer(offer);
  }
  if (!options_.host && (options_.port || options_.tls)) return wrong("--port and --tls belong to a --host: give it, too");
  by_hand_ = !options_.host && offers_.empty();
  if (options_.layout) answers_.layout = *options_.layout;
  if (answers_.layout != "nested" && answers_.layout != "maildir++") return wrong("--layout is nested or maildir++");
  if (options_.mode) answers_.mode = *options_.mode;
  if (answers_.mode != "two-way" && answers_.mode != "pull" && answers_.mode != "archive")
    return wrong("--mode is two-way, pull or archive");
  answers_.ca_file = whole_path(options_.ca_file.value_or(""));
  answers_.fingerprint = options_.fingerprint.value_or("");
  if (options_.account) {
    const auto account = take_account(*options_.account);
    MAILMIRROR_TRY(account);
  }
  if (options_.maildir) {
    const auto maildir = take_maildir(*options_.maildir);
    MAILMIRROR_TRY(maildir);
  }
  const auto secret = take_secret_options();
  MAILMIRROR_TRY(secret);
  return take_auth_option();
}

/// The configuration is read elsewhere than in the folder that the user stands in.
std::string Dialogue::whole_path(const std::string& path) {
  if (path.empty() || path.starts_with('~') || path.starts_with('$')) return path;
  std::error_code failure;
  const auto whole = std::filesystem::absolute(path, failure);
  return failure ? path : whole.lexically_normal().string();
}

Result<void> Dialogue::take_secret_options() {
  const int given = (options_.password_command ? 1 : 0) + (options_.password_file ? 1 : 0) + (options_.token_command ? 1 : 0);
  if (given > 1) return wrong("--password-command, --password-file and --token-command contradict: give one of them");
  if (given == 0) return ok();
  keeping_known_ = true;
  answers_.keeping = options_.password_file ? Keeping::its_file : Keeping::command;
  answers_.secret_place = options_.password_command.value_or(options_.password_file ? whole_path(*options_.password_file)
                                                                                    : options_.token_command.value_or(""));
  if (options_.token_command) answers_.sign_in = SignIn::token_command;
  if (answers_.secret_place.empty() || !is_printable(answers_.secret_place))
    return wrong("where the password is to come from is empty or no text");
  return ok();
}

Result<void> Dialogue::take_auth_option() {
  if (!options_.auth) return ok();
  const auto& auth = *options_.auth;
  const bool token = auth == "xoauth2" || auth == "oauthbearer";
  if (auth == "oauth2" || (token && !options_.token_command)) {
    if (options_.password_command || options_.password_file)
      return wrong("--auth oauth2 takes no password: leave --password-… out");
    answers_.sign_in = SignIn::oauth2;
    if (token) answers_.auth = auth;
    return ok();
  }
  if (token) {
    answers_.auth = auth;
    return ok();
  }
  const bool known = std::find(kPasswordMechanisms.begin(), kPasswordMechanisms.end(), auth) != kPasswordMechanisms.end();
  if (auth != "password" && !known)
    return wrong(fmt::format(
        "--auth can't be '{}': password, oauth2, auto, plain, login, scram-sha-256, scram-sha-1, xoauth2 or oauthbearer", auth));
  if (known) answers_.auth = auth;
  return ok();
}

}  // namespace mailmirror::daemon::setup
