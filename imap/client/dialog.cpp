#include "imap/client/dialog.hpp"

#include "imap/auth/base64.hpp"
#include "imap/client/status_error.hpp"
#include "imap/transport/deflate.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace mailmirror::imap::client {
namespace {

constexpr std::size_t kReadSize = 8 * 1024;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Dialog::Dialog(LogPtr log, std::unique_ptr<transport::Transport> transport, wire::Limits limits)
    : log_(std::move(log)), transport_(std::move(transport)), limits_(limits), parser_(limits) {}

std::string Dialog::new_tag() {
  return "m" + std::to_string(next_tag_++);
}

void Dialog::feed_line() {
  const auto line_end = std::find(unread_.begin(), unread_.end(), std::byte{'\n'});
  const auto end = line_end == unread_.end() ? line_end : line_end + 1;
  const auto count = static_cast<std::size_t>(end - unread_.begin());
  std::copy(unread_.begin(), end, parser_.prepare(count).begin());
  parser_.commit(count);
  unread_.erase(unread_.begin(), end);
}

Task<Result<wire::Response>> Dialog::read() {
  while (true) {
    auto event = parser_.next();
    MAILMIRROR_CO_TRY(event);
    if (*event) {
      if (auto* const response = std::get_if<wire::Response>(&**event)) co_return std::move(*response);
      continue;
    }
    if (unread_.empty()) {
      std::array<std::byte, kReadSize> buffer{};
      const auto count = co_await transport_->read_some(buffer);
      MAILMIRROR_CO_TRY(count);
      if (*count == 0) co_return fail(ErrorKind::network, "the server closed the connection");
      unread_.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    feed_line();
  }
}

Task<Result<void>> Dialog::write(std::string text) {
  if (text.empty()) co_return ok();
  auto written = co_await transport_->write_all(bytes_of(text));
  co_return written;
}

/// In one packet, as far as none of them waits for an invitation.
Task<Result<void>> Dialog::write_commands(std::vector<wire::Command>& commands) {
  std::string gathered;
  for (const auto& command : commands) {
    const auto tag = new_tag();
    const auto pieces = command.encode(tag, wire::LiteralMode::synchronizing);
    MAILMIRROR_CO_TRY(pieces);
    if (pieces->size() == 1) {
      log_->trace("C: {} {}", tag, command.for_log());
      gathered += pieces->front().text;
      continue;
    }
    auto before = std::exchange(gathered, {});
    const auto sent = co_await write(std::move(before));
    MAILMIRROR_CO_TRY(sent);
    const auto written = co_await write_command(command, tag);
    MAILMIRROR_CO_TRY(written);
  }
  const auto sent = co_await write(std::move(gathered));
  co_return sent;
}

Task<Result<void>> Dialog::write_command(const wire::Command& command, const std::string& tag) {
  log_->trace("C: {} {}", tag, command.for_log());
  const auto pieces = command.encode(tag, wire::LiteralMode::synchronizing);
  MAILMIRROR_CO_TRY(pieces);
  for (const auto& piece : *pieces) {
    const auto written = co_await write(piece.text);
    MAILMIRROR_CO_TRY(written);
    if (piece.then != wire::Piece::Then::wait) continue;
    const auto invited = co_await wait_for_continuation(command.name());
    MAILMIRROR_CO_TRY(invited);
  }
  co_return ok();
}

/// Only LOGIN with an odd password comes here.
Task<Result<void>> Dialog::wait_for_continuation(std::string name) {
  while (true) {
    const auto response = co_await read();
    MAILMIRROR_CO_TRY(response);
    if (std::holds_alternative<wire::ContinuationRequest>(*response)) co_return ok();
    if (const auto* const status = std::get_if<wire::TaggedStatus>(&*response)) co_return error_of(*status, name, Phase::login);
  }
}

Task<Result<std::vector<wire::TaggedStatus>>> Dialog::run_all(std::vector<wire::Command> commands, Untagged untagged) {
  const auto first_tag = next_tag_;
  const auto written = co_await write_commands(commands);
  MAILMIRROR_CO_TRY(written);
  std::vector<wire::TaggedStatus> answers;
  while (answers.size() < commands.size()) {
    auto response = co_await read();
    MAILMIRROR_CO_TRY(response);
    if (auto* const status = std::get_if<wire::TaggedStatus>(&*response)) {
      if (status->tag != "m" + std::to_string(first_tag + answers.size()))
        co_return fail(ErrorKind::protocol, "the server answered a command that wasn't asked: " + status->tag);
      log_->trace("S: {} {}", status->tag, status->text);
      answers.push_back(std::move(*status));
      continue;
    }
    const auto* const line = std::get_if<wire::UntaggedStatus>(&*response);
    if (line != nullptr && line->condition == wire::Condition::bye) co_return error_of_bye(*line);
    untagged(*response);
  }
  co_return std::move(answers);
}

Task<Result<wire::TaggedStatus>> Dialog::run(wire::Command command, Untagged untagged) {
  const auto name = command.name();
  std::vector<wire::Command> commands;
  commands.push_back(std::move(command));
  auto answers = co_await run_all(std::move(commands), std::move(untagged));
  MAILMIRROR_CO_TRY(answers);
  auto& answer = answers->front();
  if (answer.condition != wire::Condition::ok) co_return error_of(answer, name, name == "LOGIN" ? Phase::login : Phase::session);
  co_return std::move(answer);
}

Task<Result<wire::TaggedStatus>> Dialog::authenticate(auth::Mechanism& mechanism, InitialResponse initial) {
  wire::Command command("AUTHENTICATE");
  command.raw(mechanism.name());
  auto prepared = mechanism.initial_response();
  if (prepared && initial == InitialResponse::in_command) {
    command.secret_raw(prepared->empty() ? "=" : auth::encode_base64(*prepared));
    prepared.reset();
  }
  const auto tag = new_tag();
  const auto written = co_await write_command(command, tag);
  MAILMIRROR_CO_TRY(written);
  std::optional<Error> given_up;
  while (true) {
    auto response = co_await read();
    MAILMIRROR_CO_TRY(response);
    if (const auto* const challenge = std::get_if<wire::ContinuationRequest>(&*response)) {
      if (given_up) co_return *given_up;
      const auto reply = answer(mechanism, std::exchange(prepared, std::nullopt), challenge->text);
      if (!reply) given_up = reply.error();
      std::string line = reply ? *reply + "\r\n" : "*\r\n";
      // "*" cancels the exchange (RFC 3501 §6.2.2): the server says BAD, and the connection stays in step.
      const auto sent = co_await write(std::move(line));
      MAILMIRROR_CO_TRY(sent);
    } else if (auto* const status = std::get_if<wire::TaggedStatus>(&*response)) {
      if (given_up) co_return *given_up;
      if (status->condition != wire::Condition::ok) co_return error_of(*status, "the login", Phase::login);
      co_return std::move(*status);
    } else if (const auto* const line = std::get_if<wire::UntaggedStatus>(&*response)) {
      if (line->condition == wire::Condition::bye) co_return error_of_bye(*line);
    }
  }
}

Result<std::string> Dialog::answer(auth::Mechanism& mechanism, std::optional<std::string> prepared, std::string_view challenge) {
  if (prepared) return auth::encode_base64(*prepared);
  const auto decoded = auth::decode_base64(challenge);
  if (!decoded) return fail(ErrorKind::protocol, "the server's login challenge isn't base64");
  const auto reply = mechanism.respond(*decoded);
  MAILMIRROR_TRY(reply);
  return auth::encode_base64(*reply);
}

Task<Result<void>> Dialog::start_tls(transport::TlsSettings settings, transport::TlsContexts& contexts) {
  BOOST_ASSERT_MSG(!has_unread(), "what came before TLS must have been refused");
  auto wrapped = co_await transport::wrap_tls(std::move(transport_), std::move(settings), &contexts);
  MAILMIRROR_CO_TRY(wrapped);
  transport_ = std::move(*wrapped);
  parser_ = wire::ResponseParser(limits_);
  co_return ok();
}

void Dialog::start_compression() {
  transport_ = transport::wrap_deflate(std::move(transport_), std::exchange(unread_, {}));
}

Dialog::Parts Dialog::release() && {
  const auto room = parser_.prepare(unread_.size());
  std::copy(unread_.begin(), unread_.end(), room.begin());
  parser_.commit(unread_.size());
  unread_.clear();
  return {std::move(transport_), std::move(parser_), next_tag_};
}

}  // namespace mailmirror::imap::client
