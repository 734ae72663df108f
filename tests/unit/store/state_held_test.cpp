// Held deletions in the state database.
#include "tests/unit/store/state_support.hpp"

#include "store/state/codec.hpp"

namespace mailmirror::store {
namespace {

class Held : public StateTest {
 protected:
  Held() {
    write([&](WriteTxn& txn) { txn.put(some_mailbox(1, "INBOX")); });
  }
  static HeldDeletions some(std::int64_t since) {
    HeldDeletions held;
    held.uid_validity = UidValidity{9};
    held.since = at_second(since);
    held.reason = HeldReason::all;
    held.messages = 70;
    held.on_server = UidSet::parse("1:60,70").value();
    held.here = UidSet::parse("65").value();
    return held;
  }
  [[nodiscard]] std::optional<HeldDeletions> kept() { return db->read().held(inbox); }
};

TEST_F(Held, OverAReopen_IsAsItWas) {
  write([&](WriteTxn& txn) { txn.put(inbox, some(1'000)); });
  reopen();
  EXPECT_EQ(kept(), some(1'000));
  EXPECT_EQ(db->read().held(other), std::nullopt);
}

TEST_F(Held, Again_KeepsItsTime) {
  write([&](WriteTxn& txn) { txn.put(inbox, some(1'000)); });
  write([&](WriteTxn& txn) { txn.put(inbox, some(2'000)); });
  EXPECT_EQ(kept()->since, at_second(1'000));
  auto renumbered = some(3'000);
  renumbered.uid_validity = UidValidity{10};
  write([&](WriteTxn& txn) { txn.put(inbox, renumbered); });
  EXPECT_EQ(kept()->since, at_second(3'000));
}

TEST_F(Held, Empty_IsNone) {
  write([&](WriteTxn& txn) { txn.put(inbox, some(1'000)); });
  write([&](WriteTxn& txn) { txn.put(inbox, HeldDeletions{}); });
  EXPECT_EQ(kept(), std::nullopt);
}

TEST_F(Held, GoesWithTheMailboxAndWithItsUids) {
  write([&](WriteTxn& txn) { txn.put(inbox, some(1'000)); });
  write([&](WriteTxn& txn) { txn.drop_records(inbox); });
  EXPECT_EQ(kept(), std::nullopt);
  write([&](WriteTxn& txn) { txn.put(inbox, some(1'000)); });
  write([&](WriteTxn& txn) { txn.erase_mailbox(inbox); });
  EXPECT_EQ(kept(), std::nullopt);
}

TEST_F(Held, UidsOutOfOrderOrCut_AreDamaged) {
  const auto good = encode(some(1'000));
  EXPECT_EQ(decode_held(good), some(1'000));
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_THROW(decode_held(good.substr(0, length)), DamagedValue) << length;
  auto bad = encode(HeldDeletions{});
  bad.resize(bad.size() - 2);
  EXPECT_THROW(decode_held(bad + std::string("\1\5\3\0", 4)), DamagedValue) << "5:3";
  EXPECT_THROW(decode_held(bad + std::string("\2\3\5\5\6\0", 6)), DamagedValue) << "3:5,5:6";
  EXPECT_THROW(decode_held(bad + std::string("\1\0\3\0", 4)), DamagedValue) << "0:3";
}

}  // namespace
}  // namespace mailmirror::store
