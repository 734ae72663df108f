// What one channel of mbsync's does, in our words: which mailboxes, in which directions, what becomes of deletions.
#pragma once

#include "daemon/import/mbsync_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration {

/// ":store:box".
struct MbsyncEnd {
  std::string store;
  std::string box;
  std::uint32_t line = 0;
};

struct MbsyncChannel {
  std::string name;
  std::uint32_t line = 0;
  MbsyncEnd far;
  MbsyncEnd near;
  /// Without patterns it is one pair of mailboxes.
  std::optional<std::vector<std::string>> patterns;

  config::Mode mode = config::Mode::two_way;
  config::OnLocalDelete on_local_delete = config::OnLocalDelete::expunge;
  bool expunge = false;
  std::uint64_t max_message_size = 0;
  bool keeps_what_the_server_deletes = false;

  std::vector<Note> notes;
  std::vector<Note> obstacles;
};

/// What the channel doesn't say stands in the global section.
MbsyncChannel read_channel(const MbsyncSection& channel, const MbsyncSection& global, const std::string& file);

/// mbsync's patterns, of which the last match decides, as ours, of which the first does; names come out of modified UTF-7.
std::vector<std::string> our_patterns(const std::vector<std::string>& theirs);

}  // namespace mailmirror::daemon::migration
