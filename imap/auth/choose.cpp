#include "imap/auth/choose.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace mailmirror::imap::auth {
namespace {

using Line = Situation::Line;

constexpr std::array kPasswordMethods{AuthMethod::scram_sha_256_plus,
                                      AuthMethod::scram_sha_1_plus,
                                      AuthMethod::scram_sha_256,
                                      AuthMethod::scram_sha_1,
                                      AuthMethod::plain,
                                      AuthMethod::login};
constexpr std::array kTokenMethods{AuthMethod::oauthbearer, AuthMethod::xoauth2};
constexpr std::array kExternalMethods{AuthMethod::external};

/// SCRAM alone keeps the secret off the line.
bool shows_secret(AuthMethod method) {
  return !is_scram(method) && method != AuthMethod::external;
}

SecretKind secret_for(AuthMethod method) {
  if (method == AuthMethod::xoauth2 || method == AuthMethod::oauthbearer) return SecretKind::token;
  return method == AuthMethod::external ? SecretKind::none : SecretKind::password;
}

bool offered(const Situation& situation, AuthMethod method) {
  const auto name = ascii::to_upper(to_string(method));
  return std::find(situation.mechanisms.begin(), situation.mechanisms.end(), name) != situation.mechanisms.end();
}

bool offers_binding(const Situation& situation) {
  return offered(situation, AuthMethod::scram_sha_256_plus) || offered(situation, AuthMethod::scram_sha_1_plus);
}

/// The method as attempts: none if it isn't on offer or would show the secret, one for each channel binding if it needs one.
std::vector<Attempt> attempts_by(const Situation& situation, AuthMethod method) {
  if (!offered(situation, method) || (situation.line == Line::exposed && shows_secret(method))) return {};
  Attempt attempt;
  attempt.method = method;
  if (!binds_channel(method)) {
    const bool unused = is_scram(method) && !situation.channels.empty() && !offers_binding(situation);
    if (unused) attempt.binding.flag = Binding::Flag::server_cannot;
    return {attempt};
  }
  std::vector<Attempt> bound;
  attempt.binding.flag = Binding::Flag::bound;
  for (const auto& channel : situation.channels) {
    attempt.binding.channel = channel;
    bound.push_back(attempt);
  }
  return bound;
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

std::string_view words_for(SecretKind kind) {
  if (kind == SecretKind::none) return "a client certificate alone";
  return kind == SecretKind::token ? "a token" : "a password";
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
  if (binds_channel(wanted) && offered(situation, wanted))
    return fail(ErrorKind::authentication,
                fmt::format("auth = \"{}\" ties the login to the TLS connection, and this one has nothing to tie it to",
                            to_string(wanted)));
  if (wanted != AuthMethod::automatic)
    return fail(ErrorKind::authentication,
                fmt::format("the server doesn't offer auth = \"{}\"; it offers: {}. auth = \"auto\" takes the "
                            "strongest that both sides have",
                            to_string(wanted), on_offer));
  return fail(ErrorKind::authentication, fmt::format("no way to log in with {}; the server offers: {}", words_for(kind), on_offer));
}

}  // namespace

bool Attempts::retreat(Retreat way) {
  const bool was_bound = next().binding.flag == Binding::Flag::bound;
  switch (way) {
    case Retreat::none: attempts_.clear(); break;
    case Retreat::other_method: was_bound ? drop_bound() : attempts_.pop_front(); break;
    case Retreat::other_binding: {
      const auto refused = next().binding.channel.type;
      std::erase_if(attempts_, [&](const Attempt& a) { return a.binding.channel.type == refused; });
      break;
    }
    case Retreat::no_binding:
      drop_bound();
      // The server has just said so; if it wasn't the server who did, it will object.
      for (auto& attempt : attempts_)
        if (is_scram(attempt.method)) attempt.binding.flag = Binding::Flag::server_cannot;
      break;
  }
  return !attempts_.empty();
}

void Attempts::drop_bound() {
  std::erase_if(attempts_, [](const Attempt& attempt) { return attempt.binding.flag == Binding::Flag::bound; });
}

Result<Attempts> choose(const Situation& situation, AuthMethod wanted, SecretKind kind) {
  if (wanted != AuthMethod::automatic && wanted != AuthMethod::external && secret_for(wanted) != kind)
    return fail(ErrorKind::configuration,
                fmt::format("auth = \"{}\" needs a {}, but the account has another kind of secret", to_string(wanted),
                            secret_for(wanted) == SecretKind::token ? "token" : "password"));
  std::deque<Attempt> attempts;
  bool shows_password = false;
  for (const auto method : candidates(wanted, kind))
    for (auto& attempt : attempts_by(situation, method)) {
      shows_password = shows_password || shows_secret(method);
      attempts.push_back(std::move(attempt));
    }
  if (!shows_password && login_command_serves(situation, wanted, kind))
    attempts.push_back({Attempt::Form::login_command, AuthMethod::login, {}});
  if (attempts.empty()) return no_way(situation, wanted, kind);
  return Attempts(std::move(attempts));
}

}  // namespace mailmirror::imap::auth
