// SELECT and EXAMINE (RFC 3501 §6.3.1), with CONDSTORE and QRESYNC (RFC 7162), and the way out again.
#pragma once

#include "imap/client/extension/qresync.hpp"
#include "imap/client/message.hpp"
#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::imap::client {

enum class Access : std::uint8_t { read_write, read_only };

struct SelectRequest {
  MailboxName mailbox;
  Access access = Access::read_write;
  /// Needs `session.enabled(Extension::qresync)`.
  std::optional<Resync> resync;
};

/// Whether PERMANENTFLAGS holds \* (RFC 3501 §7.1).
enum class KeywordPolicy : std::uint8_t { listed_only, any };

struct Selected {
  UidValidity uid_validity;  ///< 0: the server has none
  std::optional<Uid> uid_next;
  std::optional<ModSeq> highest_modseq;  ///< nullopt: NOMODSEQ, none, or 1 ("not tracked yet"): no delta is possible
  std::uint32_t exists = 0;
  FlagSet permanent_flags;  ///< without PERMANENTFLAGS: what FLAGS lists, as the RFC says
  KeywordPolicy keywords = KeywordPolicy::listed_only;
  Access access = Access::read_write;     ///< what was granted
  UidSet vanished;                        ///< QRESYNC: expunged since, possibly more than was ever known
  std::vector<MessageFlags> changed;      ///< QRESYNC: flags changed since
  std::optional<std::string> mailbox_id;  ///< RFC 8474
};

/// Errors: refused or missing ([NONEXISTENT]; no proof that it is gone), and those of the connection. After an error no mailbox is
/// selected.
Task<Result<Selected>> select(Session& session, SelectRequest request);

/// Leaves the mailbox without expunging anything: UNSELECT, else an EXAMINE that fails. CLOSE is never sent.
Task<Result<void>> unselect(Session& session);

}  // namespace mailmirror::imap::client
