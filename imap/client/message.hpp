// What the server says about one message.
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::imap::client {

struct MessageFlags {
  Uid uid;
  FlagSet flags;
  std::optional<ModSeq> mod_seq;
};

struct MessageSummary {
  Uid uid;
  FlagSet flags;
  std::chrono::sys_seconds internal_date{};
  std::uint64_t size = 0;  ///< RFC822.SIZE: an estimate on some servers
  std::string message_id;  ///< as in the header, "" if there is none
  std::string identity;    ///< EMAILID or X-GM-MSGID: the same in every mailbox; "" where the server has neither
  std::optional<ModSeq> mod_seq;
};

}  // namespace mailmirror::imap::client
