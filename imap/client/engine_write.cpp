// The engine's write side: a command's pieces, the invitations they wait for, and the bytes of a literal.
#include "imap/client/engine.hpp"

#include <fmt/format.h>
#include <boost/assert.hpp>

#include <utility>

namespace mailmirror::imap::client {
namespace {

/// Small pieces leave together, in one packet.
constexpr std::size_t kGather = 32 * 1024;

/// Ends the connection unless the command was written to its end: after half a command nothing else can follow.
class WholeOrNothing {
 public:
  WholeOrNothing(Engine& engine, PendingCommand& pending) : engine_(engine), pending_(pending) {}
  ~WholeOrNothing() {
    if (!done_) engine_.forget(pending_);
  }
  WholeOrNothing(const WholeOrNothing&) = delete;
  WholeOrNothing& operator=(const WholeOrNothing&) = delete;
  void done() { done_ = true; }

 private:
  Engine& engine_;
  PendingCommand& pending_;
  bool done_ = false;
};

/// While it lives the watchdog expects progress.
class Marked {
 public:
  explicit Marked(bool& flag) : flag_(flag) { flag_ = true; }
  ~Marked() { flag_ = false; }
  Marked(const Marked&) = delete;
  Marked& operator=(const Marked&) = delete;

 private:
  bool& flag_;
};

Error source_error(std::string_view what) {
  return Error(ErrorKind::io, fmt::format("a message couldn't be sent whole ({}): the connection was closed", what));
}

}  // namespace

wire::LiteralMode Engine::literal_mode() const {
  if (capabilities_.has(Extension::literal_plus)) return wire::LiteralMode::plus;
  if (capabilities_.has(Extension::literal_minus)) return wire::LiteralMode::minus;
  return wire::LiteralMode::synchronizing;
}

Task<Result<std::unique_ptr<PendingCommand>>> Engine::start(wire::Command command, ResponseHandler* handler,
                                                            StreamedLiterals literals) {
  const auto hold = co_await turn_.take();
  if (failure_) co_return *failure_;
  auto pending = announce(command.name(), handler);
  WholeOrNothing whole(*this, *pending);
  auto pieces = command.encode(pending->tag, literal_mode());
  if (!pieces) {
    // Nothing was written: the connection is as good as before.
    router_.remove(*pending);
    whole.done();
    co_return pieces.error();
  }
  log_->trace("C: {} {}", pending->tag, command.for_log());
  const auto written = co_await write_pieces(*pending, std::move(*pieces), literals);
  MAILMIRROR_CO_TRY(written);
  whole.done();
  co_return std::move(pending);
}

Task<Result<void>> Engine::write_pieces(PendingCommand& pending, std::vector<wire::Piece> pieces, StreamedLiterals literals) {
  using Then = wire::Piece::Then;
  std::string gathered;
  for (const auto& piece : pieces) {
    gathered += piece.text;
    if (piece.then == Then::wait || piece.then == Then::wait_literal) {
      const auto flushed = co_await flush(gathered);
      MAILMIRROR_CO_TRY(flushed);
      const auto invited = co_await wait_for_invitation(pending);
      MAILMIRROR_CO_TRY(invited);
      // The tagged answer came instead: the command is over, the rest must not be sent (RFC 3501 §7.5).
      if (!*invited) co_return ok();
    }
    if (piece.then == Then::literal || piece.then == Then::wait_literal) {
      BOOST_ASSERT_MSG(!literals.empty(), "a streamed literal needs its source");
      const auto sent = co_await write_literal(gathered, literals.front());
      literals = literals.subspan(1);
      MAILMIRROR_CO_TRY(sent);
    }
  }
  const auto flushed = co_await flush(gathered);
  co_return flushed;
}

Task<Result<void>> Engine::write_literal(std::string& gathered, StreamedLiteral literal) {
  auto missing = literal.size;
  while (true) {
    const auto piece = co_await literal.source->next();
    if (failure_) co_return *failure_;
    if (!piece) {
      fail(source_error(piece.error().message));
      co_return piece.error();
    }
    if (piece->empty()) break;
    if (piece->size() > missing) {
      fail(source_error("it is longer than announced"));
      co_return *failure_;
    }
    missing -= piece->size();
    if (gathered.size() + piece->size() > kGather) {
      const auto flushed = co_await flush(gathered);
      MAILMIRROR_CO_TRY(flushed);
      const auto written = co_await write_bytes(*piece);
      MAILMIRROR_CO_TRY(written);
    } else {
      gathered.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
  }
  if (missing == 0) co_return ok();
  fail(source_error("it is shorter than announced"));
  co_return *failure_;
}

Task<Result<void>> Engine::flush(std::string& gathered) {
  const auto written = co_await write_bytes(std::as_bytes(std::span(gathered)));
  gathered.clear();
  co_return written;
}

Task<Result<void>> Engine::write(std::string text) {
  const auto written = co_await flush(text);
  co_return written;
}

Task<Result<void>> Engine::write_bytes(std::span<const std::byte> bytes) {
  if (failure_) co_return *failure_;
  if (bytes.empty()) co_return ok();
  const Marked marked(writing_);
  activity_.notify();
  const auto written = co_await transport_->write_all(bytes);
  if (!written) fail(written.error());
  note_progress();
  // The connection's own reason tells more than the write that broke on it.
  if (failure_) co_return *failure_;
  co_return ok();
}

Task<Result<bool>> Engine::wait_for_invitation(PendingCommand& command) {
  while (command.invitations == 0 && !command.status && !failure_) co_await command.changed.wait();
  if (failure_) co_return *failure_;
  if (command.status) co_return false;
  --command.invitations;
  co_return true;
}

}  // namespace mailmirror::imap::client
