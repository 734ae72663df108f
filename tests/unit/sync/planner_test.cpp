// Each row of the table in the semantics, "The three trees", as far as one mailbox is concerned.
#include "sync/plan/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::sync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Uid k7{7};
const FlagSet kSeen{Flag::seen};
const FlagSet kFlagged{Flag::flagged};

/// A mailbox with one message, UID 7, that both sides agreed on, without flags.
struct Planner : testing::Test {
  Base base{{k7, {BaseMessage::State::present, {}}}};
  RemoteChanges remote;
  LocalChanges local;
  Policy policy;
  GuardDecisions decisions;
  std::uint64_t messages = 1;
  Uid checkpoint{8};
  RecentDeletions recent;
  HeldBefore held;

  Plan run() const { return plan({base, remote, local, policy, decisions, messages, checkpoint, recent, held}); }

  static RemoteMessage there(std::uint32_t uid, FlagSet flags = {}) {
    return {Uid{uid}, std::move(flags), 100, std::chrono::sys_seconds{std::chrono::seconds{1000}}, "<a@b>"};
  }
  static NewFile here(std::string unique) {
    NewFile file;
    file.unique = std::move(unique);
    file.wire_size = 100;
    file.modified = std::chrono::sys_seconds{std::chrono::seconds{1000}};
    file.message_id = "<a@b>";
    return file;
  }
};

TEST_F(Planner, NothingChanged_NothingToDo) { EXPECT_TRUE(run().empty()); }

TEST_F(Planner, NewThere_IsDownloaded) {
  remote.reported = {there(8)};
  const auto p = run();
  ASSERT_THAT(p.download, SizeIs(1));
  EXPECT_EQ(p.download[0].message.uid, Uid{8});
}

TEST_F(Planner, DeletedOnBothSidesWithExpunge_IsPurged) {
  base.at(k7).flags = {Flag::deleted};
  EXPECT_TRUE(run().empty());
  policy.expunge = true;
  EXPECT_EQ(run().purge, UidSet{k7});
  policy.mode = Mode::pull;
  EXPECT_TRUE(run().empty());
}

TEST_F(Planner, DeletedOnBothSidesButTakenBackOnOne_IsNotPurged) {
  base.at(k7).flags = {Flag::deleted};
  policy.expunge = true;
  remote.reported = {there(7)};
  EXPECT_THAT(run().purge, UidSet());
  remote.reported.clear();
  local.flagged = {{k7, {{}, {Flag::deleted}}}};
  EXPECT_THAT(run().purge, UidSet());
}

TEST_F(Planner, PurgeOfTenOrAllIsHeld_RejectedLosesItsMark) {
  policy.expunge = true;
  messages = 10;
  base.clear();
  for (std::uint32_t uid = 1; uid <= 10; ++uid) base.emplace(Uid{uid}, BaseMessage{BaseMessage::State::present, {Flag::deleted}});
  auto p = run();
  EXPECT_TRUE(p.purge.empty());
  EXPECT_EQ(p.held_remote.size(), 10U);
  decisions.rejected = p.held_remote;
  p = run();
  EXPECT_TRUE(p.held_remote.empty());
  ASSERT_THAT(p.flag_remotely, SizeIs(10));
  ASSERT_THAT(p.flag_locally, SizeIs(10));
  EXPECT_EQ(p.flag_remotely[0].delta.removed, FlagSet{Flag::deleted});
}

TEST_F(Planner, NewHere_IsUploaded) {
  local.appeared = {here("file")};
  const auto p = run();
  ASSERT_THAT(p.upload, SizeIs(1));
  EXPECT_EQ(p.upload[0].file.unique, "file");
}

TEST_F(Planner, NewThereAndOurOwnUnrecordedFileHere_IsAdoptedWithoutTransfer) {
  remote.reported = {there(8)};
  local.appeared = {here("file")};
  local.appeared[0].claims = Uid{8};
  const auto p = run();
  EXPECT_THAT(p.download, IsEmpty());
  EXPECT_THAT(p.upload, IsEmpty());
  ASSERT_THAT(p.adopt, SizeIs(1));
  EXPECT_EQ(p.adopt[0].message.uid, Uid{8});
}

TEST_F(Planner, OurUnrecordedDownloadOfWhatWasExpungedSince_GoesToTheAttic) {
  local.appeared = {here("file")};
  local.appeared[0].ours = Uid{8};
  const auto p = run();
  EXPECT_THAT(p.upload, IsEmpty());
  ASSERT_THAT(p.files_to_attic, SizeIs(1));
  EXPECT_EQ(p.files_to_attic[0].unique, "file");
}

TEST_F(Planner, OurNameOfAMessageDeadForLong_IsUploaded) {
  local.appeared = {here("file")};
  local.appeared[0].ours = Uid{6};
  const auto p = run();
  EXPECT_THAT(p.files_to_attic, IsEmpty());
  EXPECT_THAT(p.upload, SizeIs(1));
}

TEST_F(Planner, FlagSetThere_IsSetHere) {
  remote.reported = {there(7, kSeen)};
  const auto p = run();
  ASSERT_THAT(p.flag_locally, SizeIs(1));
  EXPECT_EQ(p.flag_locally[0].delta, (FlagDelta{kSeen, {}}));
  EXPECT_THAT(p.flag_remotely, IsEmpty());
}

TEST_F(Planner, FlagSetHere_IsSetThere) {
  local.flagged = {{k7, {kSeen, {}}}};
  const auto p = run();
  ASSERT_THAT(p.flag_remotely, SizeIs(1));
  EXPECT_EQ(p.flag_remotely[0].delta, (FlagDelta{kSeen, {}}));
  EXPECT_THAT(p.flag_locally, IsEmpty());
}

TEST_F(Planner, DifferentFlagsChangedOnBothSides_MergeFlagByFlag) {
  base[k7].flags = FlagSet{Flag::answered};
  remote.reported = {there(7, kSeen)};
  local.flagged = {{k7, {kFlagged, {}}}};
  const auto p = run();
  ASSERT_THAT(p.flag_remotely, SizeIs(1));
  EXPECT_EQ(p.flag_remotely[0].delta, (FlagDelta{kFlagged, {}}));
  ASSERT_THAT(p.flag_locally, SizeIs(1));
  EXPECT_EQ(p.flag_locally[0].delta, (FlagDelta{kSeen, FlagSet{Flag::answered}}));
}

TEST_F(Planner, SameFlagSetOnBothSides_IsOnlyRecorded) {
  remote.reported = {there(7, kSeen)};
  local.flagged = {{k7, {kSeen, {}}}};
  const auto p = run();
  EXPECT_THAT(p.flag_remotely, IsEmpty());
  EXPECT_THAT(p.flag_locally, IsEmpty());
  ASSERT_THAT(p.record_flags, SizeIs(1));
  EXPECT_EQ(p.record_flags[0].delta, (FlagDelta{kSeen, {}}));
}

TEST_F(Planner, ReportedWithTheFlagsItHad_NothingToDo) {
  base[k7].flags = kSeen;
  remote.reported = {there(7, kSeen)};
  EXPECT_TRUE(run().empty());
}

TEST_F(Planner, ExpungedThere_GoesToAttic) {
  remote.expunged = {k7};
  EXPECT_EQ(run().to_attic, UidSet{k7});
}

TEST_F(Planner, ExpungedRemotelyAndFlaggedLocally_GoesToAttic) {
  remote.expunged = {k7};
  local.flagged = {{k7, {kFlagged, {}}}};
  const auto p = run();
  EXPECT_EQ(p.to_attic, UidSet{k7});
  EXPECT_FALSE(p.writes_remotely());
}

TEST_F(Planner, GoneHere_IsExpungedThere) {
  local.gone = {k7};
  EXPECT_EQ(run().expunge, UidSet{k7});
}

TEST_F(Planner, GoneHereAndFlaggedThere_TheDeletionWins) {
  local.gone = {k7};
  remote.reported = {there(7, kFlagged)};
  const auto p = run();
  EXPECT_EQ(p.expunge, UidSet{k7});
  EXPECT_THAT(p.flag_locally, IsEmpty());
}

TEST_F(Planner, GoneOnBothSides_IsForgotten) {
  local.gone = {k7};
  remote.expunged = {k7};
  const auto p = run();
  EXPECT_EQ(p.forget, UidSet{k7});
  EXPECT_TRUE(p.expunge.empty());
}

TEST_F(Planner, GoneHereUnderKeep_StaysThereAndIsNotFetchedAgain) {
  policy.on_local_delete = OnLocalDelete::keep;
  local.gone = {k7};
  const auto p = run();
  EXPECT_EQ(p.skip, UidSet{k7});
  EXPECT_FALSE(p.writes_remotely());
}

TEST_F(Planner, GoneHereUnderTrash_IsMovedThere) {
  policy.on_local_delete = OnLocalDelete::trash;
  local.gone = {k7};
  EXPECT_EQ(run().trash, UidSet{k7});
}

TEST_F(Planner, ExpungedThereWithoutARecord_IsIgnored) {
  remote.expunged = {Uid{99}};
  EXPECT_TRUE(run().empty());
}

TEST_F(Planner, SkippedMessageExpungedThere_OnlyItsRecordGoes) {
  base[k7].state = BaseMessage::State::skipped;
  remote.expunged = {k7};
  const auto p = run();
  EXPECT_EQ(p.forget, UidSet{k7});
  EXPECT_TRUE(p.to_attic.empty());
}

TEST_F(Planner, SkippedMessageFlaggedThere_NothingToDo) {
  base[k7].state = BaseMessage::State::skipped;
  remote.reported = {there(7, kFlagged)};
  EXPECT_TRUE(run().empty());
}

TEST_F(Planner, PendingMessageReportedAgain_IsTriedAgain) {
  base[k7].state = BaseMessage::State::pending;
  remote.reported = {there(7)};
  EXPECT_THAT(run().download, SizeIs(1));
}

TEST_F(Planner, TooLargeThere_IsSkipped) {
  policy.max_message_size = 50;
  remote.reported = {there(8)};
  const auto p = run();
  EXPECT_THAT(p.download, IsEmpty());
  EXPECT_EQ(p.skip, UidSet{Uid{8}});
}

TEST_F(Planner, PullMode_LocalChangesAreUndone) {
  policy.mode = Mode::pull;
  local.flagged = {{k7, {kFlagged, {}}}};
  local.appeared = {here("file")};
  const auto p = run();
  EXPECT_FALSE(p.writes_remotely());
  ASSERT_THAT(p.flag_locally, SizeIs(1));
  EXPECT_EQ(p.flag_locally[0].delta, (FlagDelta{{}, kFlagged}));
  EXPECT_THAT(p.files_to_attic, SizeIs(1));
}

TEST_F(Planner, PullModeAndGoneHere_IsDownloadedAgain) {
  policy.mode = Mode::pull;
  local.gone = {k7};
  const auto p = run();
  EXPECT_FALSE(p.writes_remotely());
  EXPECT_EQ(p.fetch_again, UidSet{k7});
}

TEST_F(Planner, ReadOnlyMailbox_ActsAsPull) {
  remote.writable = Writable::no;
  local.gone = {k7};
  EXPECT_FALSE(run().writes_remotely());
}

TEST_F(Planner, ArchiveModeAndExpungedThere_TheFileStays) {
  policy.mode = Mode::archive;
  remote.expunged = {k7};
  const auto p = run();
  EXPECT_TRUE(p.to_attic.empty());
  EXPECT_EQ(p.forget, UidSet{k7});
}

TEST_F(Planner, ArchiveMode_NeverWritesThere) {
  policy.mode = Mode::archive;
  local.gone = {k7};
  local.appeared = {here("file")};
  const auto p = run();
  EXPECT_FALSE(p.writes_remotely());
  EXPECT_THAT(p.files_to_attic, IsEmpty());
}

/// A mailbox of 100 messages; the sets say which of them go.
struct Guard : Planner {
  Guard() {
    for (std::uint32_t n = 1; n <= 100; ++n) base[Uid{n}] = {};
    messages = 100;
  }
  static UidSet first(std::uint32_t n) {
    UidSet set;
    set.insert({Uid{1}, Uid{n}});
    return set;
  }
};

TEST_F(Guard, AtTheLimit_DeletionsGoOn) {
  local.gone = first(50);
  EXPECT_EQ(run().expunge, first(50));
}

TEST_F(Guard, OverBothLimits_LocalDeletionsAreHeldAndTheRestGoesOn) {
  local.gone = first(51);
  local.appeared = {here("file")};
  const auto p = run();
  EXPECT_TRUE(p.expunge.empty());
  EXPECT_EQ(p.held_remote, first(51));
  EXPECT_THAT(p.upload, SizeIs(1));
}

TEST_F(Guard, OverBothLimits_RemoteDeletionsAreHeld) {
  remote.expunged = first(80);
  const auto p = run();
  EXPECT_TRUE(p.to_attic.empty());
  EXPECT_EQ(p.held_local, first(80));
}

TEST_F(Guard, ManyButASmallShare_GoOn) {
  messages = 10'000;
  local.gone = first(60);
  EXPECT_EQ(run().expunge, first(60));
}

TEST_F(Guard, EmptyingTenMessages_IsHeldThoughUnderTheLimits) {
  messages = 10;
  local.gone = first(10);
  EXPECT_EQ(run().held_remote, first(10));
}

TEST_F(Guard, EmptyingNineMessages_GoesOn) {
  messages = 9;
  local.gone = first(9);
  EXPECT_EQ(run().expunge, first(9));
}

TEST_F(Guard, ManySmallPassesWithinTheHour_AreHeldOnceTheyAreManyTogether) {
  local.gone = first(5);
  messages = 54;
  recent = {45, 0, 100};
  EXPECT_EQ(run().expunge, first(5));
  recent = {46, 0, 100};
  EXPECT_EQ(run().held_remote, first(5));
}

TEST_F(Guard, DeletionsThereWithinTheHour_DoNotCountAgainstThoseHere) {
  local.gone = first(5);
  messages = 54;
  recent = {0, 46, 100};
  EXPECT_EQ(run().expunge, first(5));
  local.gone = {};
  remote.expunged = first(5);
  EXPECT_EQ(run().held_local, first(5));
}

TEST_F(Guard, ASmallShareOfWhatWasThereAnHourAgo_GoesOn) {
  local.gone = first(5);
  messages = 140;
  recent = {60, 0, 10'000};
  EXPECT_EQ(run().expunge, first(5));
}

TEST_F(Guard, TheLastOfTenMessagesThatWereThereAnHourAgo_IsHeld) {
  local.gone = first(1);
  messages = 1;
  recent = {9, 0, 10};
  EXPECT_EQ(run().held_remote, first(1));
  recent = {8, 0, 9};
  EXPECT_EQ(run().expunge, first(1));
}

TEST_F(Guard, AMailboxThatGrewWithinTheHour_CountsAsItWasThen) {
  local.gone = first(51);
  messages = 1'100;
  recent = {0, 0, 100};
  EXPECT_EQ(run().held_remote, first(51));
}

TEST_F(Guard, TheLastOfTwelveThatWereMirroredWithinTheHour_AreHeld) {
  local.gone = first(3);
  messages = 3;
  recent = {9, 0, 0};
  EXPECT_EQ(run().held_remote, first(3));
}

TEST_F(Guard, HeldBefore_StayHeldUnderTheLimitsAndNewOnesGoOn) {
  held.on_server = first(40);
  local.gone = first(45);
  auto p = run();
  EXPECT_EQ(p.held_remote, first(40));
  EXPECT_EQ(p.expunge, first(45) - first(40));
  held = {{}, first(40)};
  local.gone = {};
  remote.expunged = first(45);
  p = run();
  EXPECT_EQ(p.held_local, first(40));
  EXPECT_EQ(p.to_attic, first(45) - first(40));
}

TEST_F(Guard, HeldBeforeAndBackAgain_IsDropped) {
  held.on_server = first(60);
  local.gone = first(10);
  EXPECT_EQ(run().held_remote, first(10));
  local.gone = {};
  EXPECT_EQ(run().held(), 0U);
}

TEST_F(Guard, HeldBeforeAndApproved_GoesOn) {
  held.on_server = local.gone = decisions.approved = first(60);
  EXPECT_EQ(run().expunge, first(60));
}

TEST_F(Guard, Approved_DeletionsGoOn) {
  local.gone = first(60);
  decisions.approved = first(60);
  const auto p = run();
  EXPECT_EQ(p.expunge, first(60));
  EXPECT_EQ(p.held(), 0U);
}

TEST_F(Guard, Rejected_MessagesComeBack) {
  local.gone = first(60);
  decisions.rejected = first(60);
  const auto p = run();
  EXPECT_TRUE(p.expunge.empty());
  EXPECT_EQ(p.fetch_again, first(60));
}

TEST_F(Guard, RejectedRemoteDeletions_AreUploadedAgain) {
  remote.expunged = first(60);
  decisions.rejected = first(60);
  const auto p = run();
  EXPECT_TRUE(p.to_attic.empty());
  EXPECT_EQ(p.upload_again, first(60));
}

}  // namespace
}  // namespace mailmirror::sync
