#include "tests/unit/store/state_support.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>
#include <thread>

namespace mailmirror::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(StateTest, New_IsEmptyAndPrivate) {
  const auto read = db->read();
  EXPECT_FALSE(read.binding());
  EXPECT_FALSE(read.paused());
  EXPECT_THAT(read.mailboxes(), IsEmpty());
  EXPECT_EQ(read.count(inbox), 0U);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory()).permissions(), perms::owner_all);
  EXPECT_EQ(std::filesystem::status(file()).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(StateTest, EverythingWritten_IsThereAfterReopening) {
  const Binding binding{"imap.example.org", "me", "/home/me/Mail", "nested", "utf-8"};
  write([&](WriteTxn& txn) {
    txn.put(binding);
    txn.put(WriteTxn::Paused::yes);
    txn.put(some_mailbox(1, "a"));
    txn.put(inbox, some_record(9));
    txn.put(some_intent(inbox));
  });
  reopen();
  const auto read = db->read();
  EXPECT_EQ(read.binding(), binding);
  EXPECT_TRUE(read.paused());
  EXPECT_THAT(read.mailboxes(), ElementsAre(some_mailbox(1, "a")));
  EXPECT_EQ(read.record(inbox, Uid{9}), some_record(9));
  EXPECT_EQ(read.intents(inbox).size(), 1U);
}

TEST_F(StateTest, Resumed_IsNoLongerPaused) {
  write([](WriteTxn& txn) { txn.put(WriteTxn::Paused::yes); });
  write([](WriteTxn& txn) { txn.put(WriteTxn::Paused::no); });
  EXPECT_FALSE(db->read().paused());
}

TEST_F(StateTest, MailboxNumbers_AreNeverUsedAgain) {
  MailboxId first, second;
  write([&](WriteTxn& txn) {
    first = txn.new_mailbox_id();
    txn.put(some_mailbox(first.value(), "a"));
  });
  write([&](WriteTxn& txn) { txn.erase_mailbox(first); });
  reopen();
  write([&](WriteTxn& txn) { second = txn.new_mailbox_id(); });
  EXPECT_EQ(first, MailboxId{1});
  EXPECT_EQ(second, MailboxId{2});
}

TEST_F(StateTest, MailboxWrittenAgain_IsReplaced) {
  write([&](WriteTxn& txn) { txn.put(some_mailbox(1, "a")); });
  write([&](WriteTxn& txn) { txn.put(some_mailbox(1, "renamed")); });
  EXPECT_EQ(db->read().mailbox(inbox), some_mailbox(1, "renamed"));
  EXPECT_FALSE(db->read().mailbox(other));
}

TEST_F(StateTest, Records_ComeInOrderOfUidsAndOfTheirMailboxOnly) {
  write([&](WriteTxn& txn) {
    for (const std::uint32_t uid : {70'000U, 300U, 1U, 4'294'967'295U, 256U}) txn.put(inbox, some_record(uid));
    txn.put(other, some_record(2));
    txn.put(MailboxId{0}, some_record(3));
  });
  const auto read = db->read();
  std::vector<std::uint32_t> seen;
  read.for_each_record(inbox, [&](const Record& record) { seen.push_back(record.uid.value()); });
  EXPECT_THAT(seen, ElementsAre(1, 256, 300, 70'000, 4'294'967'295));
  EXPECT_EQ(read.uids(inbox).to_string(), "1,256,300,70000,4294967295");
  EXPECT_EQ(read.uids(other).to_string(), "2");
}

TEST_F(StateTest, RecordsOfASet_AreThoseThatExist) {
  write([&](WriteTxn& txn) {
    for (std::uint32_t uid = 10; uid <= 20; ++uid) txn.put(inbox, some_record(uid));
    txn.put(other, some_record(13));
  });
  const auto found = db->read().records(inbox, UidSet::parse("1:11,15,19:4294967295").value());
  EXPECT_THAT(found, ElementsAre(some_record(10), some_record(11), some_record(15), some_record(19), some_record(20)));
  EXPECT_THAT(db->read().records(inbox, UidSet()), IsEmpty());
}

TEST_F(StateTest, Count_FollowsEveryChangeOfPresence) {
  auto tombstone = some_record(2);
  tombstone.state = RecordState::tombstone;
  write([&](WriteTxn& txn) {
    for (std::uint32_t uid = 1; uid <= 3; ++uid) txn.put(inbox, some_record(uid));
    EXPECT_EQ(txn.count(inbox), 3U);
    txn.put(inbox, some_record(3));
    txn.put(inbox, tombstone);
    txn.put(inbox, tombstone);
    txn.erase(inbox, Uid{2});
    txn.erase(inbox, Uid{1});
    txn.erase(inbox, Uid{1});
  });
  EXPECT_EQ(db->read().count(inbox), 1U);
  EXPECT_EQ(db->read().count(other), 0U);
}

TEST_F(StateTest, DropRecords_LeavesMailboxIntentsAndNeighbours) {
  write([&](WriteTxn& txn) {
    txn.put(some_mailbox(1, "a"));
    txn.put(some_intent(inbox));
    for (std::uint32_t uid = 1; uid <= 500; ++uid) txn.put(inbox, some_record(uid));
    txn.put(other, some_record(1));
  });
  write([&](WriteTxn& txn) { txn.drop_records(inbox); });
  const auto read = db->read();
  EXPECT_TRUE(read.uids(inbox).empty());
  EXPECT_EQ(read.count(inbox), 0U);
  EXPECT_TRUE(read.mailbox(inbox));
  EXPECT_EQ(read.intents(inbox).size(), 1U);
  EXPECT_EQ(read.count(other), 1U);
}

TEST_F(StateTest, EraseMailbox_TakesItsRecordsAndIntentsAlong) {
  write([&](WriteTxn& txn) {
    for (const auto id : {inbox, other}) {
      txn.put(some_mailbox(id.value(), "m"));
      txn.put(id, some_record(1));
      txn.put(some_intent(id));
    }
  });
  write([&](WriteTxn& txn) { txn.erase_mailbox(inbox); });
  const auto read = db->read();
  EXPECT_FALSE(read.mailbox(inbox));
  EXPECT_TRUE(read.uids(inbox).empty());
  EXPECT_THAT(read.intents(inbox), IsEmpty());
  EXPECT_TRUE(read.mailbox(other));
  EXPECT_EQ(read.count(other), 1U);
  EXPECT_EQ(read.intents(other).size(), 1U);
}

TEST_F(StateTest, RecordsOfAnIdentity_AreFoundInAllMailboxesWhileTheyAreThere) {
  const auto with_identity = [](std::uint32_t uid, std::string identity) {
    auto record = some_record(uid);
    record.identity = std::move(identity);
    return record;
  };
  write([&](WriteTxn& txn) {
    txn.put(some_mailbox(inbox.value(), "a"));
    txn.put(some_mailbox(other.value(), "b"));
    txn.put(inbox, with_identity(5, "id:x"));
    txn.put(other, with_identity(9, "id:x"));
    txn.put(other, with_identity(10, "id:xy"));
    txn.put(other, some_record(11));
  });
  const auto found = [&](const std::string& identity) { return db->read().records_of(identity); };
  EXPECT_THAT(found("id:x"), ElementsAre(std::pair(inbox, with_identity(5, "id:x")), std::pair(other, with_identity(9, "id:x"))));
  EXPECT_THAT(found(""), IsEmpty());
  write([&](WriteTxn& txn) { txn.put(inbox, with_identity(5, "id:z")); });
  EXPECT_THAT(found("id:x"), ElementsAre(std::pair(other, with_identity(9, "id:x"))));
  write([&](WriteTxn& txn) { txn.erase(other, Uid{9}); });
  EXPECT_THAT(found("id:x"), IsEmpty());
  write([&](WriteTxn& txn) { txn.erase_mailbox(other); });
  EXPECT_THAT(found("id:xy"), IsEmpty());
  write([&](WriteTxn& txn) { txn.drop_records(inbox); });
  EXPECT_THAT(found("id:z"), IsEmpty());
}

TEST_F(StateTest, IdentityThatNoKeyHolds_IsKeptAndNotFound) {
  auto record = some_record(5);
  record.identity = std::string(400, 'x');
  write([&](WriteTxn& txn) { txn.put(inbox, record); });
  EXPECT_EQ(db->read().record(inbox, Uid{5}), record);
  EXPECT_THAT(db->read().records_of(record.identity), IsEmpty());
}

TEST_F(StateTest, Intents_GetNumbersAndCanBeChangedAndErased) {
  auto intent = some_intent(inbox);
  write([&](WriteTxn& txn) {
    intent.id = txn.put(intent);
    EXPECT_NE(txn.put(some_intent(inbox)), intent.id);
    intent.state = IntentState::sent_twice;
    EXPECT_EQ(txn.put(intent), intent.id);
  });
  EXPECT_EQ(db->read().intents(inbox).size(), 2U);
  EXPECT_EQ(db->read().intents(inbox).front(), intent);
  write([&](WriteTxn& txn) { txn.erase_intent(intent.id); });
  EXPECT_EQ(db->read().intents(inbox).size(), 1U);
}

TEST_F(StateTest, Snapshot_DoesNotSeeLaterWrites) {
  write([&](WriteTxn& txn) { txn.put(inbox, some_record(1)); });
  const auto before = db->read();
  write([&](WriteTxn& txn) { txn.erase(inbox, Uid{1}); });
  EXPECT_TRUE(before.record(inbox, Uid{1}));
  EXPECT_FALSE(db->read().record(inbox, Uid{1}));
}

TEST_F(StateTest, WriteThatThrows_ChangesNothing) {
  EXPECT_THROW(static_cast<void>(db->write([&](WriteTxn& txn) {
                 txn.put(inbox, some_record(1));
                 throw std::runtime_error("a bug");
               })),
               std::runtime_error);
  EXPECT_FALSE(db->read().record(inbox, Uid{1}));
  write([&](WriteTxn& txn) { txn.put(inbox, some_record(2)); });
  EXPECT_TRUE(db->read().record(inbox, Uid{2}));
}

TEST_F(StateTest, WritersOnManyThreads_TakeTurns) {
  std::vector<std::jthread> threads;
  for (std::uint32_t n = 1; n <= 4; ++n)
    threads.emplace_back([this, n] {
      for (std::uint32_t uid = n; uid <= 40; uid += 4) {
        EXPECT_TRUE(db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(uid)); }));
        EXPECT_TRUE(db->read().record(inbox, Uid{uid}));
      }
    });
  threads.clear();
  EXPECT_EQ(db->read().count(inbox), 40U);
}

TEST_F(StateTest, RandomChanges_EqualAModel) {
  std::mt19937 random(3);
  std::map<std::uint32_t, Record> model;
  for (int round = 0; round < 30; ++round) {
    write([&](WriteTxn& txn) {
      for (int step = 0; step < 50; ++step) {
        auto record = some_record(static_cast<std::uint32_t>(1 + random() % 100));
        record.state = static_cast<RecordState>(random() % 4);
        if (random() % 3 == 0) {
          txn.erase(inbox, record.uid);
          model.erase(record.uid.value());
        } else {
          txn.put(inbox, record);
          model[record.uid.value()] = record;
        }
      }
    });
    const auto read = db->read();
    std::map<std::uint32_t, Record> stored;
    read.for_each_record(inbox, [&](const Record& record) { stored[record.uid.value()] = record; });
    ASSERT_EQ(stored, model);
    const auto present =
        std::count_if(model.begin(), model.end(), [](const auto& m) { return m.second.state == RecordState::present; });
    ASSERT_EQ(read.count(inbox), static_cast<std::uint64_t>(present));
  }
}

}  // namespace
}  // namespace mailmirror::store
