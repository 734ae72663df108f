// The inside of a session: the reader, the writer and the watchdog of one connection.
#pragma once

#include "imap/client/pending.hpp"
#include "imap/client/quirks.hpp"
#include "imap/client/turn.hpp"
#include "imap/transport/transport.hpp"
#include "imap/wire/command.hpp"
#include "imap/wire/parser.hpp"

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::imap::client {

/// What the opening of the connection settled.
struct Opened {
  std::unique_ptr<transport::Transport> transport;
  wire::ResponseParser parser;
  std::uint64_t next_tag = 1;
  Capabilities capabilities;
  std::bitset<kExtensionCount> enabled;
  ServerIdentity server;
  Quirks quirks;
};

/// Invariant: whoever began to write a command either finishes that or ends the connection, so that the stream never holds half a
/// command; every pending command gets its tagged answer or the connection's failure.
class Engine {
 public:
  Engine(const asio::any_io_executor& executor, const Environment& environment, Opened opened, Duration command_timeout);

  /// See Session::run.
  Task<void> run();

  /// Takes the turn, writes the whole command and gives the turn back.
  Task<Result<std::unique_ptr<PendingCommand>>> start(wire::Command command, ResponseHandler* handler, StreamedLiterals literals);

  /// The tagged answer, OK or not, or what ended the connection. Meanwhile it cares for the back-pressure of the command's sink.
  Task<Result<wire::TaggedStatus>> finish(PendingCommand& command);

  /// Its coroutine is gone: without its answer the connection can't go on.
  void forget(PendingCommand& command);

  /// Ends the connection; the first reason stays.
  void fail(Error error);
  Task<void> wait_until_ended();

  // For conversations that hold the write side for longer than one command: IDLE.
  Task<Turn::Hold> take_turn() { return turn_.take(); }
  std::unique_ptr<PendingCommand> announce(std::string name, ResponseHandler* handler);
  /// The caller holds the turn. An error has ended the connection already.
  Task<Result<void>> write(std::string text);
  /// Waits for "+". False: the tagged answer came instead.
  Task<Result<bool>> wait_for_invitation(PendingCommand& command);
  void set_mood(PendingCommand& command, PendingCommand::Mood mood);

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
  [[nodiscard]] Clock& clock() const { return clock_; }
  [[nodiscard]] Log& log() const { return *log_; }
  [[nodiscard]] Router& router() { return router_; }
  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
  [[nodiscard]] bool enabled(Extension extension) const { return enabled_.test(static_cast<std::size_t>(extension)); }
  [[nodiscard]] const transport::Transport& transport() const { return *transport_; }
  [[nodiscard]] const ServerIdentity& server() const { return server_; }
  [[nodiscard]] const Quirks& quirks() const { return quirks_; }
  /// Learned from a refusal: no longer lines than this.
  void shorten_commands(std::size_t octets) { quirks_.limits.octets = octets; }

 private:
  Task<void> read_all();
  Task<void> watch();
  bool route_buffered();
  [[nodiscard]] bool expects_progress() const;
  void note_progress();
  Task<Result<void>> write_pieces(PendingCommand& pending, std::vector<wire::Piece> pieces, StreamedLiterals literals);
  Task<Result<void>> write_literal(std::string& gathered, StreamedLiteral literal);
  Task<Result<void>> flush(std::string& gathered);
  Task<Result<void>> write_bytes(std::span<const std::byte> bytes);
  [[nodiscard]] wire::LiteralMode literal_mode() const;

  asio::any_io_executor executor_;
  Clock& clock_;
  LogPtr log_;
  std::unique_ptr<transport::Transport> transport_;
  wire::ResponseParser parser_;
  Capabilities capabilities_;
  std::bitset<kExtensionCount> enabled_;
  ServerIdentity server_;
  Quirks quirks_;
  Duration command_timeout_;
  Router router_;
  Turn turn_;
  std::uint64_t next_tag_;
  std::optional<Error> failure_;
  SteadyTime last_progress_;
  bool writing_ = false;
  /// Told when the watchdog, the reader or who waits for the end has something to look at again.
  Event activity_;
};

}  // namespace mailmirror::imap::client
