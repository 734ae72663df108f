#include "daemon/config/patterns.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>

namespace mailmirror::daemon::config {
namespace {

/// Past the character at `n`: "?" means one, not one of its bytes.
std::size_t next_character(std::string_view text, std::size_t n) {
  ++n;
  while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) ++n;
  return n;
}

/// Where to go on when what follows a wildcard doesn't match: behind it in the pattern, with so much more of the name given to it.
struct Retry {
  std::size_t pattern = std::string_view::npos;
  std::size_t name = 0;
  [[nodiscard]] bool possible() const { return pattern != std::string_view::npos; }
};

/// Greedy with a point to come back to for the last "*" and one for the last "%" behind it: linear in practice, quadratic at worst.
bool matches_exactly(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  Retry star, percent;
  while (true) {
    if (p < pattern.size() && (pattern[p] == '*' || pattern[p] == '%')) {
      (pattern[p] == '*' ? star : percent) = {p + 1, n};
      if (pattern[p] == '*') percent = {};
      ++p;
    } else if (p == pattern.size() && n == name.size()) {
      return true;
    } else if (p < pattern.size() && n < name.size() && pattern[p] == '?') {
      ++p;
      n = next_character(name, n);
    } else if (p < pattern.size() && n < name.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (percent.possible() && percent.name < name.size() && name[percent.name] != '/') {
      n = percent.name = next_character(name, percent.name);
      p = percent.pattern;
    } else if (star.possible() && star.name < name.size()) {
      percent = {};
      n = star.name = next_character(name, star.name);
      p = star.pattern;
    } else {
      return false;
    }
  }
}

/// INBOX is one name in any case, also as the top of a hierarchy (RFC 3501 §5.1).
std::string with_inbox_folded(std::string_view text) {
  constexpr std::string_view kInbox = "INBOX";
  std::string result(text);
  const auto top = std::min(text.find('/'), text.size());
  if (ascii::equal_ignoring_case(text.substr(0, top), kInbox)) result.replace(0, top, kInbox);
  return result;
}

bool matches_mailbox(std::string_view pattern, const std::string& name, const std::vector<std::string>& special_uses) {
  if (!pattern.starts_with('\\')) return matches(pattern, name);
  return std::any_of(special_uses.begin(), special_uses.end(),
                     [&](const auto& use) { return ascii::equal_ignoring_case(use, pattern); });
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  return matches_exactly(with_inbox_folded(pattern), with_inbox_folded(name));
}

Selection select(const std::vector<std::string>& patterns, const std::string& name, const std::vector<std::string>& special_uses) {
  bool only_exclusions = true;
  for (std::string_view pattern : patterns) {
    const bool excludes = pattern.starts_with('!');
    if (excludes) pattern.remove_prefix(1);
    only_exclusions = only_exclusions && excludes;
    if (matches_mailbox(pattern, name, special_uses)) return excludes ? Selection::excluded : Selection::included;
  }
  return only_exclusions ? Selection::included : Selection::excluded;
}

EffectivePolicy policy_for(const Account& account, const std::string& name, const std::vector<std::string>& special_uses) {
  EffectivePolicy policy{account.mode,           account.on_local_delete, account.delete_mailboxes, account.expunge, account.max_message_size,
                         account.guard_messages, account.guard_percent};
  for (auto over = account.overrides.rbegin(); over != account.overrides.rend(); ++over) {
    if (over->mailboxes.empty() || select(over->mailboxes, name, special_uses) == Selection::excluded) continue;
    policy.mode = over->mode.value_or(policy.mode);
    policy.on_local_delete = over->on_local_delete.value_or(policy.on_local_delete);
    policy.delete_mailboxes = over->delete_mailboxes.value_or(policy.delete_mailboxes);
    policy.expunge = over->expunge.value_or(policy.expunge);
    policy.max_message_size = over->max_message_size.value_or(policy.max_message_size);
    policy.guard_messages = over->guard_messages.value_or(policy.guard_messages);
    policy.guard_percent = over->guard_percent.value_or(policy.guard_percent);
  }
  return policy;
}

}  // namespace mailmirror::daemon::config
