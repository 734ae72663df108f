#include "imap/client/log_in.hpp"

#include "imap/auth/choose.hpp"
#include "imap/auth/mechanism.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <optional>
#include <utility>

namespace mailmirror::imap::client {
namespace {

using auth::Attempt;
using auth::Situation;

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return host == "localhost" || (!error && address.is_loopback());
}

void ignore(const wire::Response&) {}

Situation situation_of(const Dialog& dialog, const Server& server, const Capabilities& offered) {
  const bool sheltered = server.tls != TlsMode::none || server.plaintext == Plaintext::anywhere || is_loopback(server.host);
  Situation situation;
  situation.mechanisms = offered.mechanisms();
  situation.login_command =
      offered.has(Extension::login_disabled) ? Situation::LoginCommand::disabled : Situation::LoginCommand::allowed;
  situation.line = sheltered ? Situation::Line::sheltered : Situation::Line::exposed;
  for (auto& binding : dialog.channel_bindings()) situation.channels.push_back({std::move(binding.type), std::move(binding.data)});
  return situation;
}

std::string words_for(const Attempt& attempt) {
  if (attempt.form == Attempt::Form::login_command) return "the LOGIN command";
  const auto bound = attempt.binding.flag == auth::Binding::Flag::bound;
  return fmt::format("{}{}", auth::to_string(attempt.method), bound ? " by " + attempt.binding.channel.type : "");
}

wire::CapabilityNames capabilities_in(const wire::TaggedStatus& answer) {
  const auto* const names = answer.code ? std::get_if<wire::CapabilityNames>(&answer.code->value) : nullptr;
  return names == nullptr ? wire::CapabilityNames{} : *names;
}

/// The command failed, but the connection goes on.
bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::authentication || error.kind == ErrorKind::rejected || error.kind == ErrorKind::throttled;
}

class LogIn {
 public:
  LogIn(Dialog& dialog, const Environment& environment, const SessionOptions& options, const Capabilities& offered)
      : dialog_(dialog), env_(environment), options_(options), offered_(offered) {}

  Task<Result<wire::CapabilityNames>> run() {
    auto attempts = auth::choose(situation_of(dialog_, options_.server, offered_), options_.login.method, options_.login.kind);
    MAILMIRROR_CO_TRY(attempts);
    std::optional<Error> refusal;
    while (true) {
      const auto attempt = attempts->next();
      env_.log->debug("{}: logging in by {}", options_.server.host, words_for(attempt));
      auto way = auth::Retreat::none;
      const auto logged_in = co_await make(attempt, way);
      if (logged_in) co_return capabilities_in(*logged_in);
      if (refusal && !is_refusal(logged_in.error())) co_return *refusal;
      if (!is_refusal(logged_in.error()) || !attempts->retreat(way)) co_return logged_in.error();
      refusal = logged_in.error();
      env_.log->info("{}: no login by {} ({}); trying {}. To spare the detour, set auth to what works", options_.server.host,
                     words_for(attempt), refusal->message, words_for(attempts->next()));
    }
  }

 private:
  /// `way` is set where it fails.
  Task<Result<wire::TaggedStatus>> make(Attempt attempt, auth::Retreat& way) {
    if (attempt.form == Attempt::Form::login_command) {
      auto logged_in = co_await login_command();
      co_return logged_in;
    }
    const auto& server = options_.server;
    auth::Credentials credentials{options_.login.user, options_.login.secret, options_.login.kind, server.host, server.port};
    const auto mechanism = auth::make_mechanism(attempt.method, std::move(credentials), env_.random, std::move(attempt.binding));
    const auto initial = offered_.has(Extension::sasl_ir) ? InitialResponse::in_command : InitialResponse::when_asked;
    const auto accepted = co_await dialog_.authenticate(*mechanism, initial);
    if (!accepted) way = mechanism->retreat(accepted.error().message);
    MAILMIRROR_CO_TRY(accepted);
    const auto finished = mechanism->finish();
    MAILMIRROR_CO_TRY(finished);
    co_return *accepted;
  }

  Task<Result<wire::TaggedStatus>> login_command() {
    wire::Command command("LOGIN");
    command.astring(options_.login.user).secret(options_.login.secret);
    Dialog::Untagged untagged = ignore;
    auto answer = co_await dialog_.run(std::move(command), std::move(untagged));
    co_return answer;
  }

  Dialog& dialog_;
  const Environment& env_;
  const SessionOptions& options_;
  const Capabilities& offered_;
};

}  // namespace

Task<Result<wire::CapabilityNames>> log_in(Dialog& dialog, const Environment& environment, const SessionOptions& options,
                                           const Capabilities& offered) {
  LogIn attempt(dialog, environment, options, offered);
  auto logged_in = co_await attempt.run();
  co_return logged_in;
}

}  // namespace mailmirror::imap::client
