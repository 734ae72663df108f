// After UIDs lost their meaning: which recorded message is which of the server's now (semantics, hard case 6). Pure functions.
#pragma once

#include "sync/base/digest.hpp"
#include "sync/plan/move_matcher.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace mailmirror::sync {

/// Positions of a record and of the message that it is.
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

struct Rematching {
  Pairs pairs;                         ///< same Message-ID, size and INTERNALDATE, and nobody else has these
  std::vector<std::size_t> doubtful;   ///< messages that may be one of the other records: their bytes decide
};

/// What is alike enough to be worth reading: the same Message-ID or the same size.
Rematching rematch_by_traits(const std::vector<MessageTraits>& records, const std::vector<MessageTraits>& messages);

/// One to one, by the digest of the bytes as served; of several with equal bytes it doesn't matter which is which. nullopt: not to be
/// matched (any more), or not known.
Pairs rematch_by_digest(const std::vector<std::optional<Digest>>& records, const std::vector<std::optional<Digest>>& messages);

}  // namespace mailmirror::sync
