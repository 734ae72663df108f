// A request's parameters, checked.
#pragma once

#include "daemon/control/json_rpc.hpp"
#include "daemon/control/times.hpp"
#include "daemon/server/handler.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::server {

/// What stands in `params` of any method. Unknown members are left for later versions of the protocol.
struct Params {
  std::optional<std::string> account;  ///< "account": null counts as absent
  /// "targets": ["work", "work/INBOX"], or "account" (which may be "work/INBOX" too) and "mailbox".
  std::vector<Target> targets;
  std::vector<std::string> events;
  std::string mailbox;
  std::optional<std::uint64_t> pass;
  std::optional<control::Time> since;  ///< "2026-01-31T12:00:00Z"
  bool dry_run = false;
  bool removals = false;                ///< of `log`: only passes that removed something
  std::optional<std::uint64_t> limit;   ///< of `log`: so many passes
  enum class Wait { no, yes } wait = Wait::no;
};

/// Untrusted. Error (rejected): a member of the wrong type, or an unknown event.
Result<Params> params_from(const control::Json& json);

}  // namespace mailmirror::daemon::server
