// A connection while it is being opened: one exchange after the other, and changes of the transport in between.
#pragma once

#include "imap/auth/mechanism.hpp"
#include "imap/client/options.hpp"
#include "imap/transport/transport.hpp"
#include "imap/wire/command.hpp"
#include "imap/wire/parser.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::client {

/// Whether the first answer may ride on AUTHENTICATE itself (RFC 4959).
enum class InitialResponse : std::uint8_t { in_command, when_asked };

class Dialog {
 public:
  using Untagged = std::function<void(const wire::Response&)>;

  /// Deadlines are the caller's business: cancelling any of the coroutines here spends the dialog.
  Dialog(LogPtr log, std::unique_ptr<transport::Transport> transport, wire::Limits limits);

  /// The next response, whatever it is. Errors: network, protocol.
  Task<Result<wire::Response>> read();

  /// Sends all commands at once and returns their tagged answers, in order, whatever they say. A BYE is an error.
  Task<Result<std::vector<wire::TaggedStatus>>> run_all(std::vector<wire::Command> commands, Untagged untagged);

  /// One command; NO and BAD are errors.
  Task<Result<wire::TaggedStatus>> run(wire::Command command, Untagged untagged);

  /// AUTHENTICATE (RFC 3501 §6.2.2), until the server says OK; whether that is enough, the mechanism tells (`finish`). Errors:
  /// authentication and what the server's answer says.
  Task<Result<wire::TaggedStatus>> authenticate(auth::Mechanism& mechanism, InitialResponse initial);

  /// Whether the peer said more than was taken so far.
  [[nodiscard]] bool has_unread() const { return !unread_.empty() || parser_.buffered() > 0; }

  [[nodiscard]] std::vector<transport::ChannelBinding> channel_bindings() const { return transport_->channel_bindings(); }

  /// Exactly what comes after the response read last goes through the new layer.
  Task<Result<void>> start_tls(transport::TlsSettings settings, transport::TlsContexts& contexts);
  void start_compression();
  void expect_names_in(wire::NameEncoding encoding) { parser_.expect_names_in(encoding); }

  /// What the session goes on with. The dialog is spent.
  struct Parts {
    std::unique_ptr<transport::Transport> transport;
    wire::ResponseParser parser;
    std::uint64_t next_tag;
  };
  Parts release() &&;

 private:
  void feed_line();
  Task<Result<void>> write(std::string text);
  Task<Result<void>> wait_for_continuation(std::string name);
  Task<Result<void>> write_commands(std::vector<wire::Command>& commands);
  Task<Result<void>> write_command(const wire::Command& command, const std::string& tag);
  static Result<std::string> answer(auth::Mechanism& mechanism, std::optional<std::string> prepared, std::string_view challenge);
  std::string new_tag();

  LogPtr log_;
  std::unique_ptr<transport::Transport> transport_;
  wire::Limits limits_;
  wire::ResponseParser parser_;
  std::uint64_t next_tag_ = 1;
  /// Arrived, but not yet given to the parser: it gets line by line, so that nothing beyond a response that changes the transport
  /// is taken for plain text.
  std::vector<std::byte> unread_;
};

}  // namespace mailmirror::imap::client
