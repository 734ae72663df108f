#include "imap/client/extension/condstore.hpp"

namespace mailmirror::imap::client {

std::string changed_since_modifier(std::optional<ModSeq> since) {
  return since ? " (CHANGEDSINCE " + std::to_string(since->value()) + ')' : std::string();
}

bool select_asks_for_condstore(const Session& session) {
  return session.capabilities().has(Extension::condstore) && !session.enabled(Extension::condstore);
}

std::optional<ModSeq> usable_modseq(std::uint64_t highest) {
  constexpr std::uint64_t kNotTrackedYet = 1;
  return highest > kNotTrackedYet ? std::optional(ModSeq{highest}) : std::nullopt;
}

}  // namespace mailmirror::imap::client
