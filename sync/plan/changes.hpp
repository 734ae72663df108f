// The two trees' differences from the base tree, in one mailbox: what the planner is given. Plain values.
#pragma once

#include "sync/base/digest.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// What the base tree holds of a message, as far as a decision needs it. See store::RecordState for the states.
struct BaseMessage {
  enum class State : std::uint8_t {
    present,    ///< on both sides
    skipped,    ///< only on the server, on purpose (too large, or deleted here under `on_local_delete = "keep"`)
    tombstone,  ///< deleted here; marked \Deleted on the server but not expunged yet
    pending,    ///< on the server; it couldn't be fetched so far
  };
  State state = State::present;
  FlagSet flags;
};

/// The base tree of one mailbox, restricted to the messages that either side reports a change of, and those not `present`.
using Base = std::map<Uid, BaseMessage>;

/// A message that the server told about. For one without a record the summary is filled in.
struct RemoteMessage {
  Uid uid;
  FlagSet flags;
  std::uint64_t size = 0;
  std::chrono::sys_seconds internal_date{};
  std::string message_id;
  std::string identity = {};  ///< EMAILID or X-GM-MSGID, "" where the server has neither
};

enum class Writable : std::uint8_t { yes, no };

/// What changed on the server since the base.
struct RemoteChanges {
  std::vector<RemoteMessage> reported;  ///< new messages, and known ones whose flags may have changed; ascending by UID
  UidSet expunged;                      ///< proven: VANISHED, or absent from a complete listing
  Writable writable = Writable::yes;    ///< no: the mailbox was opened READ-ONLY
};

/// A file without a record.
struct NewFile {
  std::string unique;  ///< the name before ":2,"; identifies the file in its folder
  FlagSet flags;
  std::uint64_t wire_size = 0;
  Digest wire_digest;
  std::chrono::sys_seconds modified{};
  std::string message_id;
  std::uint64_t served_size = 0;  ///< of the wire form without mbsync's mark, if the file bears it; else as `wire_size`
  Digest served_digest;
  std::uint64_t file_size = 0;  ///< as it stands: the wire form of a message that was stored as served
  Digest file_digest;
  std::optional<Uid> ours;    ///< its name says: our own download of this UID, under the UIDVALIDITY of the base
  std::optional<Uid> hint;    ///< the UID that its name carries, ours or another program's
  std::optional<Uid> claims;  ///< the message that it is: `match_files` found them to agree
};

struct LocalFlagChange {
  Uid uid;
  FlagDelta delta;  ///< against the base
};

/// What changed in the Maildir folder since the base.
struct LocalChanges {
  std::vector<NewFile> appeared;
  std::vector<LocalFlagChange> flagged;
  UidSet gone;  ///< proven absent (semantics, hard case 1)
};

}  // namespace mailmirror::sync
