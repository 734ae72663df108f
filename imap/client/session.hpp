// One connection to an IMAP server, logged in: pipelined commands with typed results, and the routing of what nobody asked for.
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/client/handlers.hpp"
#include "imap/client/options.hpp"
#include "imap/client/quirks.hpp"
#include "imap/wire/command.hpp"
#include "imap/wire/response.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mailmirror::imap::client {

class Engine;
struct PendingCommand;

/// Data that no pending command takes: EXISTS, EXPUNGE, VANISHED, FETCH of other clients' changes, STATUS and LIST of NOTIFY,
/// alerts.
using UnilateralHandler = std::function<void(const wire::Response&)>;

/// A command whose last byte was written. If it is dropped before its tagged answer came (its coroutine was cancelled), the
/// session closes: an answer that nobody awaits can't be told from another's.
class RunningCommand {
 public:
  /// Stands for no command.
  RunningCommand();
  RunningCommand(Engine& engine, std::unique_ptr<PendingCommand> pending);
  RunningCommand(RunningCommand&&) noexcept;
  RunningCommand& operator=(RunningCommand&&) noexcept;
  ~RunningCommand();

  /// The tagged OK. Errors: refused (NO), rejected (BAD), or what the response code says (throttled, missing, exists, …); else
  /// the error that ended the connection.
  Task<Result<wire::TaggedStatus>> finish();

  /// The tagged answer as it is, NO and BAD too. Errors: what ended the connection.
  Task<Result<wire::TaggedStatus>> answer();

  [[nodiscard]] const std::string& name() const;

 private:
  Engine* engine_ = nullptr;
  std::unique_ptr<PendingCommand> pending_;
};

/// Used on the network thread. Made by `open_session`. Before the first command its owner spawns `run()` into a TaskGroup of his,
/// and keeps the session until `run()` has returned. Any number of coroutines may execute commands at the same time; each command
/// holds the write side just while it is written. What may run beside what is the caller's business (RFC 3501 §5.5).
class Session {
 public:
  explicit Session(std::unique_ptr<Engine> engine);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Reads until the connection ends (not an error: `failure()` tells why). Watches the deadlines too: while a command is under
  /// way and no byte moves for `command_timeout`, the connection ends with kind timeout.
  Task<void> run();

  /// Writes the command and returns. The bytes of its streamed literals come from `literals`. `handler` (may be null)
  /// outlives the running command, `literals` its writing. Errors: those that end the connection, and unsupported for an argument
  /// that can't be sent; a NO that comes before the literal is told by `finish()`.
  Task<Result<RunningCommand>> start(wire::Command command, ResponseHandler* handler = nullptr, StreamedLiterals literals = {});

  /// `start` and `finish`.
  Task<Result<wire::TaggedStatus>> execute(wire::Command command, ResponseHandler* handler = nullptr,
                                           StreamedLiterals literals = {});

  /// At once: every pending command fails, with `reason`. May be called twice.
  void close();
  void close(Error reason);

  /// LOGOUT, waiting for its answer a few seconds at most, then `close()`. `run()` must be running.
  Task<void> logout();

  [[nodiscard]] const Capabilities& capabilities() const;
  /// Whether ENABLE switched it on (qresync, condstore, utf8_accept, imap4rev2, uidonly).
  [[nodiscard]] bool enabled(Extension extension) const;
  /// How mailbox names are said on this connection.
  [[nodiscard]] wire::NameEncoding name_encoding() const;

  [[nodiscard]] const ServerIdentity& server() const;
  [[nodiscard]] const wire::Namespace& namespaces() const { return server().namespaces; }
  [[nodiscard]] bool has(Quirk quirk) const;
  /// Mailboxes that show at least so many messages may show only a part of them; 0: none does.
  [[nodiscard]] std::uint32_t window() const;
  /// What a command may hold here, as far as is known by now.
  [[nodiscard]] const CommandLimits& limits() const;
  /// A longer command was refused.
  void shorten_commands(std::size_t octets);

  /// Replaces the handler; empty drops such data. Not to be called from inside the handler.
  void on_unilateral(UnilateralHandler handler);

  /// Returns when the connection has ended.
  Task<void> wait_until_ended();

  /// nullopt while the connection stands; afterwards the error that ended it (kind network "closed" after `close()`).
  [[nodiscard]] const std::optional<Error>& failure() const;

  /// The wire's octets, compressed and encrypted as they were.
  [[nodiscard]] std::uint64_t bytes_in() const;
  [[nodiscard]] std::uint64_t bytes_out() const;

  /// The mailbox that the last successful `select` opened.
  [[nodiscard]] const std::optional<MailboxName>& selected() const { return selected_; }

  [[nodiscard]] Engine& engine() { return *engine_; }
  void set_selected(std::optional<MailboxName> mailbox) { selected_ = std::move(mailbox); }

 private:
  std::unique_ptr<Engine> engine_;
  std::optional<MailboxName> selected_;
};

}  // namespace mailmirror::imap::client
