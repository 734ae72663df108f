#include "imap/auth/choose.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace mailmirror::imap::auth {
namespace {

using Line = Situation::Line;

constexpr std::array kPasswordMethods{AuthMethod::scram_sha_256, AuthMethod::scram_sha_1, AuthMethod::plain, AuthMethod::login};
constexpr std::array kTokenMethods{AuthMethod::oauthbearer, AuthMethod::xoauth2};
constexpr std::array kExternalMethods{AuthMethod::external};

/// SCRAM alone keeps the secret off the line.
bool shows_secret(AuthMethod method) {
  return method != AuthMethod::scram_sha_256 && method != AuthMethod::scram_sha_1 && method != AuthMethod::external;
}

SecretKind secret_for(AuthMethod method) {
  if (method == AuthMethod::xoauth2 || method == AuthMethod::oauthbearer) return SecretKind::token;
  return method == AuthMethod::external ? SecretKind::none : SecretKind::password;
}

bool offered(const Situation& situation, AuthMethod method) {
  const auto name = ascii::to_upper(to_string(method));
  return std::find(situation.mechanisms.begin(), situation.mechanisms.end(), name) != situation.mechanisms.end();
}

bool usable(const Situation& situation, AuthMethod method) {
  return offered(situation, method) && !(situation.line == Line::exposed && shows_secret(method));
}

std::span<const AuthMethod> candidates(const AuthMethod& wanted, SecretKind kind) {
  if (wanted != AuthMethod::automatic) return {&wanted, 1};
  if (kind == SecretKind::token) return kTokenMethods;
  if (kind == SecretKind::none) return kExternalMethods;
  return kPasswordMethods;
}

bool login_command_serves(const Situation& situation, AuthMethod wanted, SecretKind kind) {
  const bool fits = wanted == AuthMethod::automatic || wanted == AuthMethod::login || wanted == AuthMethod::plain;
  return fits && kind == SecretKind::password && situation.login_command == Situation::LoginCommand::allowed &&
         situation.line == Line::sheltered;
}

Error no_way(const Situation& situation, AuthMethod wanted, SecretKind kind) {
  const auto on_offer =
      situation.mechanisms.empty() ? std::string("none") : fmt::format("{}", fmt::join(situation.mechanisms, ", "));
  if (situation.line == Line::exposed)
    return fail(
        ErrorKind::authentication,
        fmt::format("the connection isn't encrypted, and no way to log in keeps the secret off it (the server offers: {}). Set "
                    "tls = \"implicit\" or \"starttls\"",
                    on_offer));
  if (wanted != AuthMethod::automatic)
    return fail(ErrorKind::authentication,
                fmt::format("the server doesn't offer auth = \"{}\"; it offers: {}. auth = \"auto\" takes the "
                            "strongest that both sides have",
                            to_string(wanted), on_offer));
  return fail(ErrorKind::authentication, fmt::format("no way to log in with {}; the server offers: {}",
                                                     kind == SecretKind::token ? "a token" : "a password", on_offer));
}

}  // namespace

Result<Choice> choose(const Situation& situation, AuthMethod wanted, SecretKind kind) {
  if (wanted != AuthMethod::automatic && wanted != AuthMethod::external && secret_for(wanted) != kind)
    return fail(ErrorKind::configuration,
                fmt::format("auth = \"{}\" needs a {}, but the account has another kind of secret", to_string(wanted),
                            secret_for(wanted) == SecretKind::token ? "token" : "password"));
  for (const auto method : candidates(wanted, kind))
    if (usable(situation, method)) return Choice{Choice::Form::authenticate, method};
  if (login_command_serves(situation, wanted, kind)) return Choice{Choice::Form::login_command, AuthMethod::login};
  return no_way(situation, wanted, kind);
}

}  // namespace mailmirror::imap::auth
