#include "imap/client/extension/message_limit.hpp"

#include <algorithm>
#include <limits>

namespace mailmirror::imap::client {

std::optional<UidSet> left_over(const wire::TaggedStatus& answer, const UidSet& asked) {
  const auto* const limit = answer.code ? std::get_if<wire::MessageLimit>(&answer.code->value) : nullptr;
  if (limit == nullptr || !limit->lowest_done || answer.condition == wire::Condition::bad) return std::nullopt;
  UidSet below;
  if (limit->lowest_done->value() > 1) below.insert(UidRange{Uid{1}, Uid{limit->lowest_done->value() - 1}});
  auto rest = asked & below;
  // A UID above all that was asked for would make us ask the same again, for ever.
  if (rest == asked) return std::nullopt;
  return rest;
}

std::uint32_t messages_per_command(const Capabilities& capabilities) {
  constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint32_t>::max();
  if (!capabilities.has(Extension::message_limit)) return kUnlimited;
  const auto told = capabilities.number_of(Extension::message_limit).value_or(kUnlimited);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(told, 1, kUnlimited));
}

}  // namespace mailmirror::imap::client
