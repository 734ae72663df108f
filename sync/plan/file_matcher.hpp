// Which files without a record are messages of the server already (semantics, "Identity", hard cases 10 and 15). A pure function.
#pragma once

#include "sync/plan/changes.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace mailmirror::sync {

enum class Trust : std::uint8_t {
  strict,   ///< the mailbox is mirrored: Message-ID, size and INTERNALDATE have to agree
  adoption  ///< it never was: other programs give files times of their own, mbsync adds a line to some on either side
};

/// Pairs of positions in `files` and `messages`, one to one: first by the UID in a file's name where the rest agrees, then by traits that
/// nobody else has. What isn't found has to be told by its bytes.
std::vector<std::pair<std::size_t, std::size_t>> match_files(const std::vector<NewFile>& files, const std::vector<RemoteMessage>& messages,
                                                             Trust trust);

}  // namespace mailmirror::sync
