#include "imap/client/session.hpp"

#include "imap/client/engine.hpp"
#include "imap/client/status_error.hpp"
#include "sync/base/timeout.hpp"

#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr Duration kLogoutPatience = std::chrono::seconds(5);

}  // namespace

RunningCommand::RunningCommand() = default;
RunningCommand::RunningCommand(Engine& engine, std::unique_ptr<PendingCommand> pending)
    : engine_(&engine), pending_(std::move(pending)) {}
RunningCommand::RunningCommand(RunningCommand&&) noexcept = default;

RunningCommand& RunningCommand::operator=(RunningCommand&& other) noexcept {
  if (pending_) engine_->forget(*pending_);
  engine_ = other.engine_;
  pending_ = std::move(other.pending_);
  return *this;
}

RunningCommand::~RunningCommand() {
  if (pending_) engine_->forget(*pending_);
}

Task<Result<wire::TaggedStatus>> RunningCommand::finish() {
  auto status = co_await engine_->finish(*pending_);
  MAILMIRROR_CO_TRY(status);
  if (status->condition != wire::Condition::ok) co_return error_of(*status, pending_->name);
  co_return std::move(status);
}

Task<Result<wire::TaggedStatus>> RunningCommand::answer() {
  return engine_->finish(*pending_);
}

const std::string& RunningCommand::name() const {
  return pending_->name;
}

Session::Session(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Session::~Session() = default;

Task<void> Session::run() {
  return engine_->run();
}

Task<Result<RunningCommand>> Session::start(wire::Command command, ResponseHandler* handler, StreamedLiterals literals) {
  auto pending = co_await engine_->start(std::move(command), handler, literals);
  MAILMIRROR_CO_TRY(pending);
  co_return RunningCommand(*engine_, std::move(*pending));
}

Task<Result<wire::TaggedStatus>> Session::execute(wire::Command command, ResponseHandler* handler, StreamedLiterals literals) {
  auto running = co_await start(std::move(command), handler, literals);
  MAILMIRROR_CO_TRY(running);
  auto status = co_await running->finish();
  co_return std::move(status);
}

void Session::close() {
  close(Error(ErrorKind::network, "the connection was closed"));
}
void Session::close(Error reason) {
  engine_->fail(std::move(reason));
}

Task<void> Session::logout() {
  // However this ends, cancelled too, the connection is closed afterwards.
  struct Closer {
    Session& session;
    explicit Closer(Session& s) : session(s) {}
    ~Closer() { session.close(); }
  };
  const Closer closer(*this);
  if (failure()) co_return;
  engine_->router().expect_bye();
  wire::Command command("LOGOUT");
  auto leaving = execute(std::move(command));
  const auto answer =
      co_await with_deadline(engine_->clock(), engine_->clock().steady_now() + kLogoutPatience, "LOGOUT", std::move(leaving));
  if (!answer) engine_->log().debug("the server didn't answer LOGOUT: {}", answer.error().message);
}

Task<void> Session::wait_until_ended() {
  return engine_->wait_until_ended();
}

const Capabilities& Session::capabilities() const {
  return engine_->capabilities();
}
wire::NameEncoding Session::name_encoding() const {
  const bool utf8 = engine_->enabled(Extension::utf8_accept) || engine_->enabled(Extension::imap4rev2);
  return utf8 ? wire::NameEncoding::utf8 : wire::NameEncoding::modified_utf7;
}
const ServerIdentity& Session::server() const {
  return engine_->server();
}
bool Session::has(Quirk quirk) const {
  return engine_->quirks().has(quirk);
}
std::uint32_t Session::window() const {
  return engine_->quirks().window;
}
const CommandLimits& Session::limits() const {
  return engine_->quirks().limits;
}

void Session::shorten_commands(std::size_t octets) {
  engine_->shorten_commands(octets);
}

bool Session::enabled(Extension extension) const {
  return engine_->enabled(extension);
}
void Session::on_unilateral(UnilateralHandler handler) {
  engine_->router().on_unilateral(std::move(handler));
}
const std::optional<Error>& Session::failure() const {
  return engine_->failure();
}
std::uint64_t Session::bytes_in() const {
  return engine_->transport().bytes_in();
}
std::uint64_t Session::bytes_out() const {
  return engine_->transport().bytes_out();
}

}  // namespace mailmirror::imap::client
