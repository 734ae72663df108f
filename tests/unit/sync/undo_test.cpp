// Undo, on a real disk and a real state database: what passes removed comes back, once.
#include "store/files/real_disk.hpp"
#include "sync/history/passes.hpp"
#include "sync/history/undo.hpp"
#include "tests/unit/store/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fstream>
#include <iterator>

namespace mailmirror::sync {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::sys_seconds kFirst{std::chrono::seconds(1'000)};

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] SystemTime system_now() const override { return kFirst; }
  [[nodiscard]] SteadyTime steady_now() const override { return {}; }
  Task<void> sleep_until(SteadyTime) override { co_return; }
};

/// INBOX with messages that were mirrored in pass 1.
class UndoTest : public ::testing::Test {
 protected:
  UndoTest() {
    AccountSettings settings;
    settings.name = "mail";
    settings.host = "imap.example.org";
    settings.user = "me";
    settings.maildir = temporary.path() / "Mail";
    settings.state_dir = temporary.path() / "state/mail";
    settings.policy = [this](const std::string&, const std::vector<std::string>&) { return policy; };
    account = Account::open(std::move(settings), Surroundings{disk, pool, clock, random}, null_log()).value();
    inbox.id = store::MailboxId{1};
    inbox.name = MailboxName("INBOX");
    inbox.directory = "INBOX";
    inbox.uid_validity = UidValidity{7};
    begin_pass(1);
    write([&](store::WriteTxn& txn) { txn.put(inbox); });
    static_cast<void>(account->create_folder("INBOX").value());
  }

  void begin_pass(std::int64_t hour) { account->db().begin_pass(kFirst + std::chrono::hours(hour)); }
  void write(const std::function<void(store::WriteTxn&)>& change) { ASSERT_TRUE(account->db().write(change)); }

  void mirror(std::uint32_t uid, FlagSet flags) {
    const auto text = "message " + std::to_string(uid);
    store::Record record;
    record.uid = Uid{uid};
    record.unique = "m" + std::to_string(uid);
    record.flags = std::move(flags);
    record.digest = sha256(std::as_bytes(std::span(text.data(), text.size())));
    std::ofstream(folder() / "cur" / (record.unique + ":2,S")) << text;
    write([&](store::WriteTxn& txn) { txn.put(inbox.id, record); });
  }

  /// The server expunged it.
  void lay_into_attic(std::uint32_t uid) {
    auto from = account->open_folder("INBOX").value();
    const store::MaildirFile file{"m" + std::to_string(uid), "S", store::Place::cur, true};
    const auto place = account->attic().take_all(from, {file}, "INBOX", std::chrono::year(2026) / 1 / 2).value().front();
    write([&](store::WriteTxn& txn) { txn.erase(inbox.id, Uid{uid}, *place); });
  }

  UndoReport undone(const UndoRequest& request = {}) {
    asio::io_context io;
    std::optional<Result<UndoReport>> result;
    auto work = [&]() -> Task<void> {
      auto undoing = undo(*account, request);
      result = co_await std::move(undoing);
    };
    asio::co_spawn(io, work, [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return result.value().value();
  }

  static std::vector<UndoOutcome> outcomes(const UndoReport& report) {
    std::vector<UndoOutcome> all;
    for (const auto& message : report.messages) all.push_back(message.outcome);
    return all;
  }

  [[nodiscard]] fs::path folder() const { return temporary.path() / "Mail/INBOX"; }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto* place : {"cur", "new"})
      for (const auto& entry : fs::directory_iterator(folder() / place)) all.push_back(entry.path());
    return all;
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  testing::TemporaryDirectory temporary;
  store::RealDisk disk;
  BlockingPool pool{0};
  StoppedClock clock;
  SecureRandom random;
  std::optional<Policy> policy = Policy{};
  std::unique_ptr<Account> account;
  store::MailboxState inbox;
};

TEST_F(UndoTest, RemovedThere_ComesBackWithItsFlagsUnderAnotherName) {
  mirror(1, {Flag::seen, Flag::flagged, Flag::deleted});
  begin_pass(2);
  lay_into_attic(1);
  ASSERT_THAT(files(), IsEmpty());
  const auto report = undone();
  EXPECT_THAT(outcomes(report), ElementsAre(UndoOutcome::restored));
  ASSERT_THAT(files(), SizeIs(1));
  const auto file = files().front();
  EXPECT_EQ(report.messages[0].path, file.string());
  EXPECT_EQ(text_of(file), "message 1");
  EXPECT_TRUE(file.filename().string().ends_with(",S=9:2,FS")) << file;
  EXPECT_FALSE(store::parse_identity(file.filename().string()));
}

TEST_F(UndoTest, Unread_ComesBackToNew) {
  mirror(1, {});
  lay_into_attic(1);
  undone();
  EXPECT_THAT(files(), ElementsAre(::testing::Property(&fs::path::parent_path, folder() / "new")));
}

TEST_F(UndoTest, Keywords_GetTheirLetters) {
  FlagSet flags{Flag::seen};
  flags.insert_keyword("$Important");
  mirror(1, flags);
  lay_into_attic(1);
  undone();
  ASSERT_THAT(files(), SizeIs(1));
  EXPECT_TRUE(files().front().string().ends_with(":2,Sa"));
  EXPECT_THAT(text_of(folder() / "dovecot-keywords"), HasSubstr("0 $Important"));
}

TEST_F(UndoTest, Twice_DoesNothingTwice) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  undone();
  fs::remove(files().front());
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::restored_before));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(UndoTest, StoppedBeforeItWasNoted_DoesNothingTwice) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  const auto removal = undone().messages[0].removal;
  write([&](store::WriteTxn& txn) { txn.mark_restored(removal.number, ""); });
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::restored));
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(UndoTest, StoppedBeforeItWasNotedAndUploadedAndMovedSince_DoesNothingTwice) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  const auto removal = undone().messages[0].removal;
  store::Record uploaded;
  uploaded.uid = Uid{9};
  uploaded.unique = removal.restored_as;
  write([&](store::WriteTxn& txn) {
    txn.mark_restored(removal.number, "");
    txn.put(inbox.id, uploaded);
  });
  fs::remove(files().front());
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::restored_before));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(UndoTest, DryRun_TouchesNothing) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  UndoRequest request;
  request.run = UndoRequest::Run::dry;
  EXPECT_THAT(outcomes(undone(request)), ElementsAre(UndoOutcome::restored));
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::restored));
}

TEST_F(UndoTest, WithoutBytes_IsToldWhy) {
  for (const std::uint32_t uid : {1U, 2U, 3U}) mirror(uid, {});
  lay_into_attic(1);
  fs::remove_all(temporary.path() / "state/mail/attic/2026-01-02");
  write([&](store::WriteTxn& txn) {
    txn.attribute_to(store::ChangeOrigin::local);
    txn.erase(inbox.id, Uid{2});
    txn.attribute_to(store::ChangeOrigin::both);
    txn.erase(inbox.id, Uid{3});
  });
  const auto report = undone();
  EXPECT_THAT(outcomes(report), ElementsAre(UndoOutcome::not_in_attic, UndoOutcome::deleted_here, UndoOutcome::not_in_attic));
  for (const auto& message : report.messages) EXPECT_FALSE(message.detail.empty());
}

TEST_F(UndoTest, ChangedInTheAttic_IsntTakenForTheMessage) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  std::ofstream(temporary.path() / "state/mail/attic/2026-01-02/INBOX/cur/m1:2,S") << "another";
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::failed));
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(folder() / "tmp"));
}

TEST_F(UndoTest, MailboxThatOnlyFollowsTheServer_IsRefused) {
  mirror(1, {});
  lay_into_attic(1);
  policy->mode = Mode::pull;
  const auto report = undone();
  EXPECT_THAT(outcomes(report), ElementsAre(UndoOutcome::refused));
  EXPECT_THAT(report.messages[0].detail, HasSubstr("attic/2026-01-02/INBOX/cur/m1:2,S"));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(UndoTest, FolderThatIsGone_IsMadeAgain) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  write([&](store::WriteTxn& txn) { txn.erase_mailbox(inbox.id); });
  fs::remove_all(folder());
  EXPECT_THAT(outcomes(undone()), ElementsAre(UndoOutcome::restored));
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(UndoTest, RenamedSince_ComesBackUnderTheNewName) {
  mirror(1, {Flag::seen});
  lay_into_attic(1);
  inbox.name = MailboxName("Later");
  inbox.directory = "Later";
  write([&](store::WriteTxn& txn) { txn.put(inbox); });
  UndoRequest request;
  request.mailbox = "Later";
  EXPECT_THAT(outcomes(undone(request)), ElementsAre(UndoOutcome::restored));
  EXPECT_EQ(std::distance(fs::directory_iterator(temporary.path() / "Mail/Later/cur"), {}), 1);
}

TEST_F(UndoTest, ByPassByTimeAndByMailbox_TakesJustThese) {
  for (const std::uint32_t uid : {1U, 2U, 3U}) mirror(uid, {Flag::seen});
  for (const std::uint32_t uid : {1U, 2U, 3U}) {
    begin_pass(1 + uid);
    lay_into_attic(uid);
  }
  const auto uids = [&](UndoRequest request) {
    request.run = UndoRequest::Run::dry;
    std::vector<std::uint32_t> all;
    for (const auto& message : undone(request).messages) all.push_back(message.removal.uid.value());
    return all;
  };
  UndoRequest by_pass;
  by_pass.pass = 3;
  UndoRequest by_time;
  by_time.since = kFirst + std::chrono::hours(3);
  UndoRequest elsewhere;
  elsewhere.mailbox = "Archive";
  EXPECT_THAT(uids({}), ElementsAre(3U));
  EXPECT_THAT(uids(by_pass), ElementsAre(2U));
  EXPECT_THAT(uids(by_time), ElementsAre(3U, 2U));
  EXPECT_THAT(uids(elsewhere), IsEmpty());
}

TEST_F(UndoTest, Passes_AreToldWithWhatTheyDid) {
  for (const std::uint32_t uid : {1U, 2U}) mirror(uid, {Flag::seen});
  begin_pass(2);
  for (const std::uint32_t uid : {1U, 2U}) lay_into_attic(uid);
  const auto all = passes_of(account->db().read(), {});
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].number, 2U);
  EXPECT_EQ(all[0].time, kFirst + std::chrono::hours(2));
  EXPECT_EQ(all[0].removed, 2U);
  EXPECT_EQ(all[0].resting, 2U);
  EXPECT_EQ(all[1].added, 2U);
  EXPECT_EQ(all[1].mailboxes_changed, 1U);
  undone();
  const auto removals = passes_of(account->db().read(), {"INBOX", PassQuery::Show::removals, 5});
  ASSERT_THAT(removals, SizeIs(1));
  EXPECT_EQ(removals[0].resting, 0U);
  EXPECT_EQ(removals[0].restored, 2U);
}

}  // namespace
}  // namespace mailmirror::sync
