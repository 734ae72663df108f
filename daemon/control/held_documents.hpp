// The document of `held` as values, and its JSON. Scripts rely on these keys: add, never rename.
#pragma once

#include "daemon/control/json_rpc.hpp"
#include "daemon/control/times.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::control {

/// One message that waits.
struct HeldEntry {
  std::string side;  ///< server (it would be deleted there), here (its file would go to the attic), orphan (the server lost it)
  std::uint32_t uid = 0;
  std::string message_id;
  Time date{};  ///< INTERNALDATE
};

/// What waits in one mailbox.
struct HeldMailbox {
  std::string account;
  std::string mailbox;
  std::uint64_t held = 0;      ///< all of it
  std::uint64_t messages = 0;  ///< in the mailbox, those included
  std::optional<Time> since;
  std::string reason;           ///< many, all, mailbox-deleted, server-lost-them; "": not told
  std::uint64_t on_server = 0;  ///< gone here, would go there
  std::uint64_t here = 0;       ///< gone there, would go here
  std::uint64_t orphans = 0;
  std::vector<HeldEntry> entries;  ///< the first thousand
};

/// {"held": […]}.
Json to_json(const std::vector<HeldMailbox>& held);
/// Error (protocol) where it is no such document.
Result<std::vector<HeldMailbox>> held_from_json(const Json& json);

}  // namespace mailmirror::daemon::control
