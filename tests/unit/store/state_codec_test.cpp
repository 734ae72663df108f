#include "store/state/codec.hpp"

#include "sync/base/error.hpp"
#include "tests/unit/store/state_support.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <random>

namespace mailmirror::store {
namespace {

/// False: told as damaged. Anything else than a value or DamagedValue fails the test.
template <class Decode>
bool is_value(Decode decode, std::string_view bytes) {
  try {
    decode(bytes);
    return true;
  } catch (const DamagedValue&) {
    return false;
  }
}

Record record_from(std::string_view bytes) {
  return decode_record(Uid{1}, bytes);
}

template <class Decode>
void expect_every_piece_damaged(const std::string& whole, Decode decode) {
  ASSERT_TRUE(is_value(decode, whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(is_value(decode, std::string_view(whole).substr(0, length))) << length;
  EXPECT_FALSE(is_value(decode, whole + '\0'));
}

TEST(Codec, RecordWithEverything_ComesBack) {
  const auto record = some_record(17);
  EXPECT_EQ(decode_record(Uid{17}, encode(record)), record);
}

TEST(Codec, RecordWithAnIdentity_ComesBack) {
  auto record = some_record(17);
  record.identity = "id:M6d99ac3275bb4e";
  EXPECT_EQ(decode_record(Uid{17}, encode(record)), record);
}

TEST(Codec, RecordOfAllStates_ComesBack) {
  for (const auto state : {RecordState::present, RecordState::skipped, RecordState::tombstone, RecordState::pending}) {
    auto record = some_record(3);
    record.state = state;
    const auto bytes = encode(record);
    EXPECT_EQ(decode_record(Uid{3}, bytes), record);
  }
}

TEST(Codec, EmptyRecord_ComesBackSmall) {
  Record record;
  record.uid = Uid{1};
  EXPECT_EQ(decode_record(Uid{1}, encode(record)), record);
  EXPECT_LT(encode(record).size(), 80U);
}

TEST(Codec, ExtremeNumbersAndTimes_ComeBack) {
  auto record = some_record(1);
  record.file_size = std::numeric_limits<std::uint64_t>::max();
  record.server_size = std::uint64_t{1} << 63;
  for (const auto second :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    record.internal_date = at_second(second);
    EXPECT_EQ(decode_record(Uid{1}, encode(record)), record);
  }
}

TEST(Codec, Mailbox_ComesBackWithAndWithoutStamps) {
  auto mailbox = some_mailbox(5, "a.b");
  EXPECT_EQ(decode_mailbox(encode(mailbox)), mailbox);
  mailbox.scanned.reset();
  mailbox.delimiter = '\0';
  EXPECT_EQ(decode_mailbox(encode(mailbox)), mailbox);
}

TEST(Codec, IntentAndBinding_ComeBack) {
  auto intent = some_intent(MailboxId{3});
  intent.id = 12;
  EXPECT_EQ(decode_intent(encode(intent)), intent);
  const Binding binding{"imap.example.org", "me", "/home/me/Mail", "nested", "utf-8"};
  EXPECT_EQ(decode_binding(encode(binding)), binding);
}

TEST(Codec, CutOrLengthenedValue_IsDamaged) {
  expect_every_piece_damaged(encode(some_record(1)), record_from);
  expect_every_piece_damaged(encode(some_mailbox(1, "a")), decode_mailbox);
  expect_every_piece_damaged(encode(some_intent(MailboxId{1})), decode_intent);
  expect_every_piece_damaged(encode(DailyTraffic{20'780, 5'000'000'000, 1}), decode_daily_traffic);
  expect_every_piece_damaged(encode(Binding{"h", "u", "r", "l", "e"}), decode_binding);
}

TEST(Codec, UnknownState_IsDamaged) {
  auto bytes = encode(some_record(1));
  bytes[0] = 4;
  EXPECT_FALSE(is_value(record_from, bytes));
}

TEST(Codec, NumberOfMoreThan64Bits_IsDamaged) {
  const std::string too_large = std::string(9, '\xff') + '\x02';
  EXPECT_FALSE(is_value(record_from, too_large));
  EXPECT_FALSE(is_value(record_from, std::string(100, '\xff')));
}

TEST(Codec, RandomBytes_AreAValueOrDamaged) {
  std::mt19937 random(7);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 8);
    is_value(record_from, bytes);
    is_value(decode_mailbox, bytes);
    is_value(decode_intent, bytes);
    is_value(decode_binding, bytes);
  }
}

TEST(Codec, FlippedBits_AreAValueOrDamaged) {
  const auto whole = encode(some_mailbox(1, "a"));
  int damaged = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    if (!is_value(decode_mailbox, bytes)) ++damaged;
  }
  EXPECT_GT(damaged, 0);
}

TEST(Codec, TextTooLongToKeep_IsRefusedInWords) {
  auto record = some_record(1);
  record.message_id.assign(64 * 1024, 'x');
  EXPECT_EQ(decode_record(Uid{1}, encode(record)), record);
  record.message_id += 'x';
  try {
    encode(record);
    FAIL();
  } catch (const ErrorException& failure) {
    EXPECT_EQ(failure.error().kind, ErrorKind::protocol);
    EXPECT_THAT(failure.error().message, ::testing::HasSubstr("64 KiB"));
  }
}

}  // namespace
}  // namespace mailmirror::store
