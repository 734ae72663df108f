// Records, mailboxes and intents with a value in every field, and a database in a temporary directory.
#pragma once

#include "store/state/state_db.hpp"
#include "tests/unit/store/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace mailmirror::store {

inline Digest digest_of(std::uint8_t first) {
  Digest digest;
  for (auto& byte : digest.bytes) byte = first++;
  return digest;
}

inline std::chrono::sys_seconds at_second(std::int64_t second) {
  return std::chrono::sys_seconds(std::chrono::seconds(second));
}

inline Record some_record(std::uint32_t uid) {
  Record record;
  record.uid = Uid{uid};
  record.flags = {Flag::seen, Flag::answered};
  record.flags.insert_keyword("project-x");
  record.unique = "1700000000.M" + std::to_string(uid) + "P1.host,S=4321";
  record.digest = digest_of(1);
  record.served = digest_of(100);
  record.file_size = 4321;
  record.server_size = 4400 + uid;
  record.internal_date = at_second(1'700'000'000);
  record.message_id = "<" + std::to_string(uid) + "@example.org>";
  record.line_ends = LineEnds::as_served;
  return record;
}

inline MailboxState some_mailbox(std::uint32_t id, const std::string& name) {
  MailboxState mailbox;
  mailbox.id = MailboxId{id};
  mailbox.name = MailboxName(name, '.');
  mailbox.delimiter = '.';
  mailbox.directory = "Lists/" + name;
  mailbox.uid_validity = UidValidity{4'000'000'000};
  mailbox.uid_next = Uid{77};
  mailbox.highest_modseq = ModSeq{std::uint64_t{1} << 62};
  mailbox.remote_messages = 12;
  mailbox.scanned = FolderStamps{{1, 2, 3, 4}, {5, 6, 7, 0}};
  mailbox.object_id = "F2212ea87-6097-4256-9d51-71338625";
  return mailbox;
}

inline Intent some_intent(MailboxId mailbox) {
  Intent intent;
  intent.mailbox = mailbox;
  intent.uid_validity = UidValidity{9};
  intent.uid_next_then = Uid{78};
  intent.unique = "1700000000.M1P1.host";
  intent.wire_digest = digest_of(7);
  intent.wire_size = 99;
  intent.flags = {Flag::draft};
  intent.internal_date = at_second(-5);
  intent.message_id = "<draft@example.org>";
  intent.created = at_second(1'700'000'001);
  intent.state = IntentState::confirmed;
  return intent;
}

class StateTest : public ::testing::Test {
 protected:
  void write(const std::function<void(WriteTxn&)>& change) {
    const auto done = db->write(change);
    ASSERT_TRUE(done) << done.error().message;
  }
  void reopen() {
    db.reset();
    db = StateDb::open(directory()).value();
  }
  [[nodiscard]] std::filesystem::path directory() const { return temporary.path() / "work"; }
  [[nodiscard]] std::filesystem::path file() const { return directory() / "state.mdb"; }

  mailmirror::testing::TemporaryDirectory temporary;
  std::unique_ptr<StateDb> db = StateDb::open(directory()).value();
  const MailboxId inbox{1};
  const MailboxId other{2};
};

}  // namespace mailmirror::store
