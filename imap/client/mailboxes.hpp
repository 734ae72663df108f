// The account's mailboxes: LIST, STATUS, CREATE, SUBSCRIBE (RFC 3501 §6.3, RFC 5258, RFC 5819, RFC 6154).
#pragma once

#include "imap/client/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::imap::client {

/// What STATUS is asked for.
enum class StatusItems : std::uint8_t {
  none,
  counts,  ///< MESSAGES UIDNEXT UIDVALIDITY UNSEEN, and HIGHESTMODSEQ, MAILBOXID, APPENDLIMIT where the server has them
  counts_and_size,  ///< SIZE besides (RFC 8438): some servers have to read every message for it
};

/// `no`: \Noselect or \NonExistent.
enum class Selectable : std::uint8_t { yes, no };

struct ListedMailbox {
  MailboxName name;
  char delimiter = '\0';                ///< '\0': no hierarchy
  std::vector<std::string> attributes;  ///< lower case ("\\haschildren")
  Selectable selectable = Selectable::yes;
  std::optional<std::string> special_use;  ///< lower case ("\\trash"), also where the server doesn't advertise SPECIAL-USE
  std::optional<wire::MailboxStatus> status;
};

/// Every mailbox that the user can see, once each. One round trip with LIST-STATUS, else LIST and pipelined STATUS commands. A
/// mailbox whose STATUS fails is listed without one. Complete: without the tagged OK of LIST it is an error.
Task<Result<std::vector<ListedMailbox>>> list_mailboxes(Session& session, StatusItems wanted);

Task<Result<wire::MailboxStatus>> status(Session& session, MailboxName mailbox);

/// CREATE, then SUBSCRIBE. Errors: exists ([ALREADYEXISTS], or the name is listed after a plain NO), refused. A SUBSCRIBE that
/// fails is no error.
Task<Result<void>> create_mailbox(Session& session, MailboxName mailbox);

Task<Result<void>> subscribe(Session& session, MailboxName mailbox);
Task<Result<void>> unsubscribe(Session& session, MailboxName mailbox);

/// RENAME, with the subscription: what lies below goes along (RFC 3501 §6.3.5). Errors: exists, missing, refused.
Task<Result<void>> rename_mailbox(Session& session, MailboxName from, MailboxName to);

/// DELETE, then UNSUBSCRIBE. The server doesn't ask whether messages are left: the caller makes sure of that. Errors: missing, refused
/// (mailboxes below it, …).
Task<Result<void>> delete_mailbox(Session& session, MailboxName mailbox);

}  // namespace mailmirror::imap::client
