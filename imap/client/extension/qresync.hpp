// QRESYNC (RFC 7162 §3.2.5): what changed and what vanished since the last look, told by SELECT itself.
#pragma once

#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <optional>
#include <string>

namespace mailmirror::imap::client {

/// What the last look at this mailbox knew. Both numbers not 0.
struct Resync {
  UidValidity uid_validity;
  ModSeq mod_seq;
  /// All UIDs that the mailbox held then (not empty): they make the sequence match data of RFC 7162 §3.2.5.2, by which a server that
  /// forgot old expunges finds out which messages are still where they were. nullopt: not known for sure.
  std::optional<UidSet> known;
};

/// "(QRESYNC (uidvalidity modseq known-uids (sequences uids)))".
std::string qresync_parameter(const Resync& resync);

}  // namespace mailmirror::imap::client
