// The history: each change of the base, written by the transaction that makes it.
#include "tests/unit/store/state_support.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace mailmirror::store {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class History : public StateTest {
 protected:
  History() {
    db->begin_pass(at_second(1'000));
    write([&](WriteTxn& txn) {
      txn.put(some_mailbox(1, "INBOX"));
      txn.put(some_mailbox(2, "Archive"));
    });
    db->begin_pass(at_second(2'000));
  }
  /// The changes of the present pass, the first one first.
  std::vector<HistoryEntry> changes() {
    std::vector<HistoryEntry> found;
    db->read().for_each_change([&](const HistoryEntry& entry) {
      if (entry.pass == 1) return ReadTxn::Visit::enough;
      found.push_back(entry);
      return ReadTxn::Visit::more;
    });
    std::reverse(found.begin(), found.end());
    return found;
  }
  static Record message(std::uint32_t uid) {
    auto record = some_record(uid);
    record.digest = digest_of(static_cast<std::uint8_t>(uid));
    return record;
  }
};

TEST_F(History, Added_HasWhatIsNeededToFindItAgain) {
  write([&](WriteTxn& txn) {
    txn.attribute_to(ChangeOrigin::local);
    txn.put(inbox, message(7));
  });
  ASSERT_THAT(changes(), SizeIs(1));
  const auto entry = changes().front();
  EXPECT_EQ(entry.kind, ChangeKind::added);
  EXPECT_EQ(entry.origin, ChangeOrigin::local);
  EXPECT_EQ(entry.pass, 2U);
  EXPECT_EQ(entry.time, at_second(2'000));
  EXPECT_EQ(entry.mailbox, inbox);
  EXPECT_EQ(entry.name, "INBOX");
  EXPECT_EQ(entry.directory, "Lists/INBOX");
  EXPECT_EQ(entry.uid, Uid{7});
  EXPECT_EQ(entry.uid_validity, UidValidity{4'000'000'000});
  EXPECT_EQ(entry.unique, message(7).unique);
  EXPECT_EQ(entry.digest, message(7).digest);
  EXPECT_EQ(entry.after, message(7).flags);
}

TEST_F(History, DirectoryCalledAsTheMailboxIs_IsToldAllTheSame) {
  auto mailbox = some_mailbox(3, "Sent");
  mailbox.directory = "Sent";
  write([&](WriteTxn& txn) { txn.put(mailbox); });
  ASSERT_THAT(changes(), SizeIs(1));
  EXPECT_EQ(changes().front().directory, "Sent");
  mailbox.name = MailboxName("Later", '.');
  mailbox.directory = "";
  write([&](WriteTxn& txn) { txn.put(mailbox); });
  EXPECT_EQ(changes().back().directory, "");
}

TEST_F(History, Removed_TellsWhereTheBytesRest) {
  write([&](WriteTxn& txn) { txn.put(inbox, message(7)); });
  write([&](WriteTxn& txn) { txn.erase(inbox, Uid{7}, "2026-01-01/INBOX/cur/x:2,S"); });
  ASSERT_THAT(changes(), SizeIs(2));
  EXPECT_EQ(changes().back().kind, ChangeKind::removed);
  EXPECT_EQ(changes().back().resting, "2026-01-01/INBOX/cur/x:2,S");
  EXPECT_EQ(changes().back().before, message(7).flags);
}

TEST_F(History, OrphanThatWentToTheAttic_IsARemoval) {
  const Orphan orphan{UidValidity{5}, message(7)};
  write([&](WriteTxn& txn) { txn.put(inbox, orphan); });
  write([&](WriteTxn& txn) { txn.erase(inbox, orphan, "2026-01-01/INBOX/cur/x:2,S"); });
  ASSERT_THAT(changes(), SizeIs(1));
  EXPECT_EQ(changes().back().kind, ChangeKind::removed);
  EXPECT_EQ(changes().back().uid_validity, UidValidity{5});
  EXPECT_EQ(changes().back().digest, message(7).digest);
  EXPECT_EQ(changes().back().resting, "2026-01-01/INBOX/cur/x:2,S");
  write([&](WriteTxn& txn) { txn.put(inbox, orphan); });
  write([&](WriteTxn& txn) { txn.erase(inbox, orphan); });
  EXPECT_THAT(changes(), SizeIs(1)) << "it was uploaded, or is another message now";
}

TEST_F(History, FlagsChanged_TellsBothStates) {
  auto record = message(7);
  write([&](WriteTxn& txn) { txn.put(inbox, record); });
  record.flags = {Flag::flagged};
  write([&](WriteTxn& txn) { txn.put(inbox, record); });
  ASSERT_THAT(changes(), SizeIs(2));
  EXPECT_EQ(changes().back().kind, ChangeKind::flags_changed);
  EXPECT_EQ(changes().back().before, message(7).flags);
  EXPECT_EQ(changes().back().after, record.flags);
}

TEST_F(History, TheSameRecordAgain_IsNoChange) {
  write([&](WriteTxn& txn) { txn.put(inbox, message(7)); });
  write([&](WriteTxn& txn) { txn.put(inbox, message(7)); });
  EXPECT_THAT(changes(), SizeIs(1));
}

TEST_F(History, GoneHereAndComeThereInOneTransaction_IsAMoveInEitherOrder) {
  for (const bool gone_first : {true, false}) {
    const std::uint32_t uid = gone_first ? 7 : 8;
    write([&](WriteTxn& txn) { txn.put(inbox, message(uid)); });
    write([&](WriteTxn& txn) {
      auto there = message(uid);
      there.uid = Uid{uid + 90};
      if (gone_first) txn.erase(inbox, Uid{uid});
      txn.put(other, there);
      if (!gone_first) txn.erase(inbox, Uid{uid});
    });
    const auto last = changes().back();
    EXPECT_EQ(last.kind, ChangeKind::moved);
    EXPECT_EQ(last.former, "INBOX");
    EXPECT_EQ(last.name, "Archive");
    EXPECT_EQ(last.uid, Uid{uid + 90});
  }
  EXPECT_THAT(changes(), SizeIs(4));
}

TEST_F(History, MatchedAgainUnderOtherUids_IsNoChange) {
  write([&](WriteTxn& txn) {
    txn.put(inbox, message(7));
    txn.put(inbox, message(8));
  });
  write([&](WriteTxn& txn) {
    auto renumbered = message(7);
    renumbered.uid = Uid{70};
    txn.drop_records(inbox);
    txn.put(inbox, renumbered);
  });
  EXPECT_THAT(changes(), SizeIs(2));
}

TEST_F(History, Mailboxes_AreCreatedRenamedAndRemoved) {
  auto mailbox = some_mailbox(3, "Old");
  write([&](WriteTxn& txn) { txn.put(mailbox); });
  mailbox.uid_next = Uid{99};
  write([&](WriteTxn& txn) { txn.put(mailbox); });
  mailbox.name = MailboxName("New", '.');
  write([&](WriteTxn& txn) { txn.put(mailbox); });
  write([&](WriteTxn& txn) { txn.erase_mailbox(mailbox.id); });
  ASSERT_THAT(changes(), SizeIs(3));
  EXPECT_EQ(changes()[0].kind, ChangeKind::mailbox_created);
  EXPECT_EQ(changes()[1].kind, ChangeKind::mailbox_renamed);
  EXPECT_EQ(changes()[1].former, "Old");
  EXPECT_EQ(changes()[1].name, "New");
  EXPECT_EQ(changes()[2].kind, ChangeKind::mailbox_removed);
}

TEST_F(History, TombstonesAndSkippedOnes_CountAsRemoved) {
  auto record = message(7);
  write([&](WriteTxn& txn) { txn.put(inbox, record); });
  record.state = RecordState::tombstone;
  write([&](WriteTxn& txn) { txn.put(inbox, record); });
  write([&](WriteTxn& txn) { txn.erase(inbox, Uid{7}); });
  ASSERT_THAT(changes(), SizeIs(2));
  EXPECT_EQ(changes().back().kind, ChangeKind::removed);
}

TEST_F(History, ATransactionThatFails_LeavesNoTrace) {
  const auto done = db->write([&](WriteTxn& txn) {
    txn.put(inbox, message(7));
    throw ErrorException(Error(ErrorKind::io, "planned"));
  });
  EXPECT_FALSE(done);
  EXPECT_THAT(changes(), IsEmpty());
  write([&](WriteTxn& txn) { txn.put(inbox, message(8)); });
  EXPECT_EQ(changes().front().pass, 2U);
}

TEST_F(History, PassesThatChangeNothing_TakeNoNumber) {
  for (int n = 0; n < 3; ++n) db->begin_pass(at_second(3'000 + n));
  write([&](WriteTxn& txn) { txn.put(inbox, message(7)); });
  EXPECT_EQ(changes().front().pass, 2U);
  reopen();
  db->begin_pass(at_second(4'000));
  write([&](WriteTxn& txn) { txn.put(inbox, message(8)); });
  EXPECT_EQ(changes().back().pass, 3U);
}

TEST_F(History, Purge_ForgetsTheOldestAndLaterChangesAreKept) {
  write([&](WriteTxn& txn) { txn.put(inbox, message(7)); });
  std::uint64_t gone = 0;
  write([&](WriteTxn& txn) { gone = txn.purge_history(at_second(2'000), 1); });
  EXPECT_EQ(gone, 1U);
  write([&](WriteTxn& txn) { gone = txn.purge_history(at_second(2'000), 100); });
  EXPECT_EQ(gone, 1U);
  ASSERT_THAT(changes(), SizeIs(1));
  write([&](WriteTxn& txn) { gone = txn.purge_history(at_second(9'000), 100); });
  write([&](WriteTxn& txn) { txn.put(inbox, message(8)); });
  ASSERT_THAT(changes(), SizeIs(1));
  EXPECT_EQ(changes().front().uid, Uid{8});
}

}  // namespace
}  // namespace mailmirror::store
