// A set of UIDs in pieces that a command may name.
#pragma once

#include "sync/base/uid_set.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mailmirror::imap::wire {

/// `uids` in sets whose text is at most `max_bytes` long (or one range) and which name at most `max_messages` (> 0) each: servers limit
/// both. They are made one by one: "1:4294967295" is short to say, and could be four billion sets.
class UidChunks {
 public:
  UidChunks(UidSet uids, std::size_t max_bytes, std::uint64_t max_messages);

  [[nodiscard]] bool at_end() const { return next_ == uids_.ranges().size(); }
  /// Precondition: not at the end.
  UidSet next();

 private:
  [[nodiscard]] UidRange rest_of_range() const;
  void take_up_to(Uid last);

  UidSet uids_;
  std::size_t max_bytes_;
  std::uint64_t max_messages_;
  /// The range that comes next, and what of it was given out already (0: nothing).
  std::size_t next_ = 0;
  Uid done_{0};
};

}  // namespace mailmirror::imap::wire
