// Which message that went from one mailbox is the one that came into another (semantics, hard case 15). A pure function.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::sync {

/// What a message keeps on its way from mailbox to mailbox.
struct MessageTraits {
  std::string message_id;
  std::uint64_t size = 0;  ///< RFC822.SIZE
  std::chrono::sys_seconds internal_date{};
  std::string identity = {};  ///< EMAILID or X-GM-MSGID, "" where it isn't known
};

/// Pairs of positions in `gone` and `come` that have the same identity and size: of several it doesn't matter which, since an identity
/// stands for the bytes. Of the rest those that have the same Message-ID, size and INTERNALDATE, where that is true of no other
/// message on either side: ambiguity means a download, never a guess. With neither nothing matches.
std::vector<std::pair<std::size_t, std::size_t>> match_moves(const std::vector<MessageTraits>& gone,
                                                             const std::vector<MessageTraits>& come);

/// The same for messages without a Message-ID, by size and INTERNALDATE alone: not certain before their bytes were compared.
std::vector<std::pair<std::size_t, std::size_t>> match_moves_without_id(const std::vector<MessageTraits>& gone,
                                                                        const std::vector<MessageTraits>& come);

}  // namespace mailmirror::sync
