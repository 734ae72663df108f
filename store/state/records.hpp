// The base tree as values: what both sides agreed on last. The stored form is in store/README.md.
#pragma once

#include "store/line_ends.hpp"
#include "store/stamps.hpp"
#include "sync/base/digest.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::store {

/// A mailbox's number in one state database; never used again.
using MailboxId = Strong<struct MailboxIdTag, std::uint32_t>;

struct MailboxState {
  MailboxId id;
  MailboxName name;
  char delimiter = '/';
  std::string directory;                ///< relative to the Maildir's root; "" is the root itself
  UidValidity uid_validity;             ///< 0: never selected
  Uid uid_next;                         ///< checkpoint; 0: none
  ModSeq highest_modseq;                ///< checkpoint; 0: none, or the server has none
  std::uint32_t remote_messages = 0;    ///< EXISTS at the checkpoint
  std::optional<FolderStamps> scanned;  ///< local checkpoint: unchanged directories needn't be scanned
  std::string object_id;                ///< MAILBOXID (RFC 8474), "" if not told

  friend bool operator==(const MailboxState&, const MailboxState&) = default;
};

enum class RecordState : std::uint8_t {
  present,    ///< on both sides
  skipped,    ///< stays on the server alone, on purpose
  tombstone,  ///< deleted here, marked \Deleted there, not expunged yet
  pending,    ///< listed by the server, not delivered so far
};

/// One message of the base tree. Without `present` only `uid` and what was known before count.
struct Record {
  Uid uid;
  RecordState state = RecordState::present;
  FlagSet flags;
  std::string unique;  ///< the file's name before ":2,"
  Digest digest;       ///< of the file's bytes
  Digest served;       ///< of the wire's bytes
  std::uint64_t file_size = 0;
  std::uint64_t server_size = 0;  ///< RFC822.SIZE
  std::chrono::sys_seconds internal_date{};
  std::string message_id;
  std::string identity;  ///< EMAILID or X-GM-MSGID: the same in every mailbox; "" where it isn't known
  LineEnds line_ends = LineEnds::converted;

  friend bool operator==(const Record&, const Record&) = default;
};

/// A message that the server no longer has under any UID though nobody deleted it there (its mailbox was numbered anew, or went back in
/// time): its file waits for the user's word (semantics, hard case 6). `record.uid` is of the UIDVALIDITY of then.
struct Orphan {
  UidValidity uid_validity;
  Record record;

  friend bool operator==(const Orphan&, const Orphan&) = default;
};

enum class HeldReason : std::uint8_t {
  many,             ///< more than the guard's limits allow
  all,              ///< nothing would be left in the mailbox
  mailbox_deleted,  ///< the whole mailbox went
};

/// Deletions in a mailbox that wait for the user's word (semantics, "Mass-deletion guard").
struct HeldDeletions {
  UidValidity uid_validity;  ///< the UIDs' meaning
  std::chrono::sys_seconds since{};
  HeldReason reason = HeldReason::many;
  std::uint64_t messages = 0;  ///< in the mailbox, those included
  UidSet on_server;            ///< gone here: they would go there
  UidSet here;                 ///< gone there: their files would go to the attic

  [[nodiscard]] bool empty() const { return on_server.empty() && here.empty(); }
  friend bool operator==(const HeldDeletions&, const HeldDeletions&) = default;
};

enum class IntentState : std::uint8_t {
  open,        ///< the APPEND may or may not have been executed
  confirmed,   ///< the server said OK, but not as which UID
  sent_twice,  ///< absence was proven and the APPEND sent again: a late twin may still come (semantics, hard case 12)
  moving,      ///< the file was moved here: the MOVE or COPY that brings its message may or may not have been executed
};

/// An upload, or a move into `mailbox`, that was begun; written before its first byte is sent.
struct Intent {
  std::uint64_t id = 0;  ///< 0: not stored yet
  MailboxId mailbox;
  UidValidity uid_validity;
  Uid uid_next_then;
  std::string unique;
  Digest wire_digest;
  std::uint64_t wire_size = 0;
  FlagSet flags;
  std::chrono::sys_seconds internal_date{};
  std::string message_id;
  std::chrono::sys_seconds created{};
  IntentState state = IntentState::open;

  friend bool operator==(const Intent&, const Intent&) = default;
};

/// Bytes of the wire that an account moved on a day.
struct DailyTraffic {
  std::int64_t day = 0;  ///< since 1970-01-01, UTC
  std::uint64_t download = 0;
  std::uint64_t upload = 0;

  friend bool operator==(const DailyTraffic&, const DailyTraffic&) = default;
};

/// Whose base it is (semantics, hard case 3).
struct Binding {
  std::string host;
  std::string user;
  std::string root;
  std::string layout;
  std::string folder_encoding;

  friend bool operator==(const Binding&, const Binding&) = default;
};

}  // namespace mailmirror::store
