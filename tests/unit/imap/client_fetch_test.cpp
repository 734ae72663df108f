#include "imap/client/fetch.hpp"

#include "imap/client/search.hpp"
#include "imap/wire/uid_chunks.hpp"
#include "tests/unit/imap/script.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;

/// Keeps whole messages; `slow` makes it wait a (virtual) second in each `ready`.
class Collector final : public BodySink {
 public:
  explicit Collector(Clock* slow = nullptr) : slow_(slow) {}

  void begin(std::uint64_t size) override {
    size_ = size;
    body_.clear();
  }
  void data(std::span<const std::byte> bytes) override { body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); }
  void end(const wire::Fetch& fetch) override {
    EXPECT_EQ(body_.size(), size_);
    messages.emplace(fetch.uid.value_or(Uid{}), body_);
  }
  Task<void> ready() override {
    ++waits;
    if (slow_ != nullptr) co_await slow_->sleep(std::chrono::seconds(1));
  }

  std::map<Uid, std::string> messages;
  int waits = 0;

 private:
  Clock* slow_;
  std::uint64_t size_ = 0;
  std::string body_;
};

UidSet set(const char* text) {
  return UidSet::parse(text).value();
}

TEST(FetchBodies, OutOfOrderWithNewsBetween_DeliversEachWhole) {
  auto act = [](Session& session) -> Task<Result<void>> {
    std::vector<std::uint32_t> exists;
    session.on_unilateral([&](const wire::Response& response) {
      if (const auto* const one = std::get_if<wire::Exists>(&response)) exists.push_back(one->messages);
    });
    Collector sink;
    const auto done = co_await fetch_bodies(session, set("1:4"), sink);
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(done);
    const std::map<Uid, std::string> expected{{Uid{1}, "one\r\n"}, {Uid{3}, "three"}, {Uid{4}, ""}};
    EXPECT_EQ(sink.messages, expected);
    EXPECT_EQ(exists, std::vector<std::uint32_t>{5U});
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 UID FETCH 1:4 (UID BODY.PEEK[])\n"
                          "S: * 3 FETCH (UID 3 BODY[] {5}\n"
                          "S: three FLAGS (\\Seen))\n"
                          "S: * 5 EXISTS\n"
                          "S: * 1 FETCH (BODY[] {5}\n"
                          "S~ one\\r\\n\n"
                          "S:  UID 1)\n"
                          "S: * 2 FETCH (FLAGS (\\Flagged))\n"
                          "S: * 4 FETCH (UID 4 BODY[] \"\")\n"
                          "S: m3 OK\n",
                      act);
}

TEST(FetchBodies, ServerThatSaysSomeAreGone_StillDeliversTheOthers) {
  auto act = [](Session& session) -> Task<Result<void>> {
    Collector sink;
    const auto done = co_await fetch_bodies(session, set("1:2"), sink);
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(sink.messages.size(), 1U);
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 UID FETCH 1:2 (UID BODY.PEEK[])\n"
                          "S: * 1 FETCH (UID 1 BODY[] {2}\n"
                          "S: hi)\n"
                          "S: m3 NO [EXPUNGEISSUED] Some messages are gone\n",
                      act);
}

TEST(FetchBodies, SlowSink_HoldsTheReaderButNotTheDeadline) {
  std::string script = login_script("") + "C: m3 UID FETCH 1:300 (UID BODY.PEEK[])\n";
  for (int i = 1; i <= 300; ++i)
    script += "S: * " + std::to_string(i) + " FETCH (UID " + std::to_string(i) + " BODY[] {2}\nS: hi)\n";
  script += "S: m3 OK\n";
  World world;
  imap::transport::MemorySettings line;
  line.capacity = 40;
  ScriptedServer server(world, script, line);
  auto act = [&](Session& session) -> Task<Result<void>> {
    Collector sink(&world.clock);
    const auto done = co_await fetch_bodies(session, set("1:300"), sink);
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(sink.messages.size(), 300U);
    EXPECT_GT(sink.waits, 120) << "the sink has to hold the reader for longer than the deadline";
    co_return ok();
  };
  const auto outcome = perform(world, server, plain_options(), act);
  EXPECT_TRUE(outcome) << outcome.error().message;
}

TEST(FetchBodies, CloseFromInsideTheSink_EndsItWithAnError) {
  class Closing final : public BodySink {
   public:
    explicit Closing(Session& session) : session_(session) {}
    void begin(std::uint64_t) override {}
    void data(std::span<const std::byte>) override { session_.close(); }
    void end(const wire::Fetch&) override {}
    Task<void> ready() override { co_return; }

   private:
    Session& session_;
  };
  auto act = [](Session& session) -> Task<Result<void>> {
    Closing sink(session);
    auto done = co_await fetch_bodies(session, set("1:2"), sink);
    co_return done;
  };
  World world;
  ScriptedServer server(world,
                        login_script("") + "C: m3 UID FETCH 1:2 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] {2}\nS: hi)\nHANG\n");
  EXPECT_EQ(perform(world, server, plain_options(), act).error().kind, ErrorKind::network);
}

TEST(FetchBodies, GivenUpInTheMiddle_ClosesTheSession) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Collector sink;
    TaskGroup group(executor);
    auto fetching = [&]() -> Task<void> { (void)co_await fetch_bodies(session, set("1:2"), sink); };
    group.spawn(fetching());
    for (int turn = 0; turn < 20; ++turn) co_await asio::post(executor, asio::use_awaitable);
    group.cancel();
    co_await group.join();
    EXPECT_TRUE(session.failure());
    wire::Command command("NOOP");
    const auto later = co_await session.execute(std::move(command));
    MAILMIRROR_CO_TRY(later);
    co_return ok();
  };
  World world;
  ScriptedServer server(
      world, login_script("") + "C: m3 UID FETCH 1:2 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] {200}\nS: hi\nHANG\n");
  EXPECT_EQ(perform(world, server, plain_options(), act).error().kind, ErrorKind::network);
}

TEST(FetchBodies, BodyThatNobodyAskedFor_IsAProtocolError) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, set("1"), std::nullopt);
    MAILMIRROR_CO_TRY(found);
    co_return ok();
  };
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 UID FETCH 1 (UID FLAGS)\nS: * 1 FETCH (UID 1 BODY[] {2}\n", act).kind,
            ErrorKind::protocol);
}

TEST(FetchFlags, ChangedSince_KeepsTheLastWordOnEachUid) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, std::nullopt, ModSeq{12345});
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).uid, Uid{4});
    EXPECT_EQ(found->at(0).mod_seq, ModSeq{65402});
    EXPECT_EQ(found->at(0).flags.to_string(), "");
    EXPECT_EQ(found->at(1).uid, Uid{9});
    co_return ok();
  };
  expect_conversation(login_script("CONDSTORE") +
                          "C: m3 UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 12345)\n"
                          "S: * 9 FETCH (UID 9 MODSEQ (65403) FLAGS (\\Deleted))\n"
                          "S: * 1 FETCH (UID 4 MODSEQ (65401) FLAGS (\\Seen))\n"
                          "S: * 1 FETCH (UID 4 MODSEQ (65402) FLAGS ())\n"
                          "S: m3 OK\n",
                      act);
}

TEST(FetchFlags, ListingThatEndsWithNo_IsAnErrorAndNoShortList) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, std::nullopt, std::nullopt);
    MAILMIRROR_CO_TRY(found);
    co_return ok();
  };
  EXPECT_EQ(expect_failure(
                login_script("") + "C: m3 UID FETCH 1:* (UID FLAGS)\nS: * 1 FETCH (UID 1 FLAGS ())\nS: m3 NO overloaded\n", act)
                .kind,
            ErrorKind::refused);
}

TEST(FetchFlags, LongSetOfUids_GoesInSeveralCommandsAtOnce) {
  UidSet scattered;
  for (std::uint32_t uid = 1'000'001; uid < 1'005'000; uid += 2) scattered.insert(Uid{uid});
  std::string script = login_script("");
  std::string answers;
  int tag = 3;
  for (wire::UidChunks chunks(scattered, 7500, 0xffff'ffff); !chunks.at_end();) {
    const auto part = chunks.next();
    ASSERT_LE(part.to_string().size(), 8000U);
    script += "C: m" + std::to_string(tag) + " UID FETCH " + part.to_string() + " (UID FLAGS)\n";
    answers +=
        "S: * 1 FETCH (UID " + std::to_string(part.lowest().value()) + " FLAGS (\\Seen))\nS: m" + std::to_string(tag) + " OK\n";
    ++tag;
  }
  ASSERT_GT(tag, 4) << "more than one command";
  auto act = [&](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, scattered, std::nullopt);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->size(), static_cast<std::size_t>(tag - 3));
    co_return ok();
  };
  expect_conversation(script + answers, act);
}

TEST(FetchSummaries, PartsInSeveralResponses_AreOneSummary) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_summaries(session, set("1:3"));
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).uid, Uid{1});
    EXPECT_EQ(found->at(0).message_id, "<a@b>");
    EXPECT_EQ(found->at(0).size, 44827U);
    EXPECT_EQ(found->at(0).internal_date, std::chrono::sys_seconds(std::chrono::seconds(837'596'665)));
    EXPECT_EQ(found->at(1).uid, Uid{2});
    EXPECT_EQ(found->at(1).message_id, "");
    EXPECT_EQ(found->at(1).flags.to_string(), "\\Seen");
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\n"
                          "S: * 2 FETCH (UID 2 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 3 "
                          "BODY[HEADER.FIELDS (MESSAGE-ID)] {2}\n"
                          "S: \nS: )\n"
                          "S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 44827)\n"
                          "S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (\"Message-ID\")] {21}\n"
                          "S: Message-ID:\n"
                          "S:  <a@b>\n"
                          "S: )\n"
                          "S: * 2 FETCH (UID 2 FLAGS (\\Seen))\n"
                          "S: * 3 FETCH (UID 3 FLAGS (\\Seen))\n"
                          "S: m3 OK\n",
                      act);
}

TEST(SearchAllUids, PlainSearch_MayComeInPieces) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->to_string(), "2,5,84");
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 UID SEARCH ALL\nS: * SEARCH 84 2\nS: * SEARCH 5\nS: m3 OK\n", act);
}

TEST(SearchAllUids, Esearch_CompactAndEmpty) {
  for (const auto& [answer, uids] : {std::pair{"ALL 1:100,300", "1:100,300"}, std::pair{"COUNT 0", ""}}) {
    auto act = [expected = std::string(uids)](Session& session) -> Task<Result<void>> {
      const auto found = co_await search_all_uids(session);
      MAILMIRROR_CO_TRY(found);
      EXPECT_EQ(found->to_string(), expected);
      co_return ok();
    };
    expect_conversation(
        login_script("ESEARCH") + "C: m3 UID SEARCH RETURN (ALL) ALL\nS: * ESEARCH (TAG \"m3\") UID " + answer + "\nS: m3 OK\n",
        act);
  }
}

TEST(SearchAllUids, OkWithoutAnyResult_IsNoEmptyMailbox) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(found);
    co_return ok();
  };
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 UID SEARCH ALL\nS: m3 OK\n", act).kind, ErrorKind::protocol);
}

}  // namespace
}  // namespace mailmirror::imap::client
