// Which mailboxes a list of patterns means, and what holds for one of them.
#pragma once

#include "daemon/config/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::config {

/// `*` stands for any text, '/' included; `%` for any within one level; `?` for one character. The first level "INBOX" is matched in any case.
bool matches(std::string_view pattern, std::string_view name);

enum class Selection : std::uint8_t { included, excluded };

/// The first pattern that matches decides: "!…" excludes, others include; `\Name` means the mailbox with that special use, in any
/// case. Where none matches, a list with only exclusions includes, any other excludes. `name` has '/' between its levels.
Selection select(const std::vector<std::string>& patterns, const std::string& name, const std::vector<std::string>& special_uses);

/// The account's settings, each replaced by the first override that matches the mailbox and has it.
struct EffectivePolicy {
  Mode mode;
  OnLocalDelete on_local_delete;
  bool delete_mailboxes;
  bool expunge;
  std::uint64_t max_message_size;
  std::uint32_t guard_messages;
  std::uint32_t guard_percent;

  friend bool operator==(const EffectivePolicy&, const EffectivePolicy&) = default;
};
EffectivePolicy policy_for(const Account& account, const std::string& name, const std::vector<std::string>& special_uses);

}  // namespace mailmirror::daemon::config
