// A whole session against a server that says anything: it ends, soon, with words, and never holds more than was said.
#include "imap/client/append.hpp"
#include "imap/client/expunge.hpp"
#include "imap/client/extension/move.hpp"
#include "imap/client/extension/quota.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/flag_store.hpp"
#include "imap/client/idle.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/notify.hpp"
#include "imap/client/open_session.hpp"
#include "imap/client/search.hpp"
#include "imap/client/select.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/fuzz/hostile_server.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

namespace {

using namespace mailmirror;
using namespace mailmirror::imap::client;
using fuzz::HostileServer;
using fuzz::require;

/// Far more than all deadlines of all commands together.
constexpr auto kLongestSession = std::chrono::hours(3);
constexpr std::string_view kMessage = "Subject: hello\r\n\r\nworld\r\n";

class CheckingSink final : public BodySink {
 public:
  explicit CheckingSink(Clock& clock) : clock_(clock) {}

  void begin(std::uint64_t size) override { left_ = size; }
  void data(std::span<const std::byte> bytes) override {
    require(!bytes.empty() && left_ && bytes.size() <= *left_, "a body isn't longer than it said");
    *left_ -= bytes.size();
  }
  void end(const imap::wire::Fetch&) override {
    require(left_ == 0U, "a body ends when all of it was there");
    left_.reset();
  }
  Task<void> ready() override { return clock_.sleep(std::chrono::seconds(1)); }

 private:
  Clock& clock_;
  std::optional<std::uint64_t> left_;
};

class TextSource final : public LiteralSource {
 public:
  Task<Result<std::span<const std::byte>>> next() override {
    co_return std::as_bytes(std::span(std::exchange(text_, {})));
  }

 private:
  std::string_view text_ = kMessage;
};

/// What one session does, whatever became of the step before.
class Client {
 public:
  Client(testing::World& world, Session& session, std::size_t said) : world_(world), session_(session), said_(said) {}

  Task<void> run() {
    co_await look_around();
    co_await read();
    co_await change();
    co_await wait_for_news();
    co_await session_.logout();
  }

 private:
  Task<void> look_around() {
    const auto mailboxes = co_await list_mailboxes(session_, StatusItems::counts);
    note(mailboxes);
    require(!mailboxes || mailboxes->size() <= said_, "no more mailboxes than octets");
    if (session_.capabilities().has(Extension::notify)) note(co_await notify_all(session_));
    SelectRequest request;
    request.mailbox = MailboxName("INBOX");
    if (session_.enabled(Extension::qresync)) request.resync = Resync{UidValidity{1}, ModSeq{5}, ours()};
    note(co_await select(session_, request));
  }

  Task<void> read() {
    note(co_await search_all_uids(session_));
    const auto flags = co_await fetch_flags(session_, std::nullopt, std::nullopt);
    note(flags);
    require(!flags || flags->size() <= said_, "no more flags than octets");
    note(co_await fetch_summaries(session_, ours()));
    CheckingSink sink(world_.clock);
    note(co_await fetch_bodies(session_, ours(), sink));
  }

  Task<void> change() {
    const auto seen = FlagSet::from_bits(static_cast<std::uint8_t>(Flag::seen));
    note(co_await store_flags(session_, ours(), FlagChange::add, seen));
    TextSource source;
    AppendMessage message;
    message.flags = seen;
    message.size = kMessage.size();
    message.source = &source;
    const MailboxName sent("Sent");
    note(co_await append(session_, sent, message));
    if (session_.capabilities().has(Extension::uidplus))
      note(co_await uid_expunge(session_, ours()));
    else
      note(co_await expunge_exactly(session_, ours()));
    if (session_.capabilities().has(Extension::move)) note(co_await move_messages(session_, ours(), sent));
    if (session_.capabilities().has(Extension::quota)) note(co_await storage_quota(session_, sent));
  }

  Task<void> wait_for_news() {
    Latch never(world_.io.get_executor());
    note(co_await idle(session_, std::chrono::minutes(5), never));
    note(co_await unselect(session_));
  }

  static UidSet ours() {
    UidSet uids;
    uids.insert(UidRange{Uid{1}, Uid{3}});
    uids.insert(Uid{7});
    return uids;
  }

  template <class T>
  static void note(const Result<T>& outcome) {
    require(outcome || !outcome.error().message.empty(), "an error has words");
  }

  testing::World& world_;
  Session& session_;
  std::size_t said_;
};

SessionOptions options_from(std::uint8_t bits) {
  SessionOptions options;
  options.server.host = "localhost";
  options.server.port = 143;
  options.server.tls = TlsMode::none;
  options.login.user = "user";
  options.login.secret = "pencil";
  if ((bits & 4U) != 0) options.compression = Compression::off;
  if ((bits & 8U) != 0) options.login.method = AuthMethod::login;
  return options;
}

Task<void> converse(testing::World& world, HostileServer& server, SessionOptions options, std::size_t said) {
  Environment environment{world.clock, world.pool, world.random, server, null_log()};
  auto session = co_await open_session(std::move(environment), std::move(options));
  if (!session) {
    require(!session.error().message.empty(), "an error has words");
    co_return;
  }
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn((*session)->run());
    Client client(world, **session, said);
    co_await client.run();
    require((*session)->failure().has_value(), "after LOGOUT the connection is closed");
  };
  co_await run_in_group(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto bits = input.byte();
  imap::transport::MemorySettings line;
  if ((bits & 1U) != 0) line.largest_read = 1;
  const auto ending = (bits & 2U) != 0 ? HostileServer::Ending::falls_silent : HostileServer::Ending::closes;

  testing::World world;
  HostileServer server(world, input.rest(), ending, line);
  const auto started = world.clock.steady_now();
  // It ends the program if everyone waits for everyone.
  world.run(converse(world, server, options_from(bits), size));
  require(world.clock.steady_now() - started < kLongestSession, "a session against a silent server ends");
  world.drain();
  return 0;
}
