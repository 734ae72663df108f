// Uploads: a file's bytes in their wire form, proven to be one state of the file.
//
// All of it BLOCKS.
#pragma once

#include "store/files/maildir.hpp"
#include "store/line_ends.hpp"
#include "sync/base/digest.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace mailmirror::store {

/// A message without the line that mbsync added to its header: as the server has it.
struct UnmarkedForm {
  std::uint64_t wire_size = 0;
  Digest wire_digest;
};

/// A file as it was when it was read once. Stored as served, its wire form would be the file itself: `file_digest`, `before.size`.
struct Outgoing {
  std::uint64_t wire_size = 0;
  Digest file_digest;
  Digest wire_digest;
  FileStamp before;
  std::chrono::sys_seconds mtime{};
  std::string message_id;  ///< the header's Message-ID with its angle brackets, "" if it has none
  LineEnds line_ends = LineEnds::converted;
  bool ends_with_newline = false;
  std::optional<UnmarkedForm> without_tuid;  ///< where the header holds mbsync's mark; the file was read twice then
};

/// Reads the file once. Its wire form: with `converted`, every LF without a CR before it becomes CRLF; with `as_served` (the record
/// of a message says so) the bytes as they stand. Errors: missing, conflict (it is being written to, semantics hard case 14).
Result<Outgoing> inspect(const MaildirFolder& folder, const MaildirFile& file, LineEnds line_ends = LineEnds::converted);

/// Gives a file's wire form piece by piece. Memory: 128 KiB.
class WireReader {
 public:
  /// `form` is what `inspect` told. Errors: missing, conflict (it isn't the file that was inspected).
  static Result<WireReader> open(const MaildirFolder& folder, const MaildirFile& file, const Outgoing& form);
  ~WireReader();
  WireReader(WireReader&&) noexcept;
  WireReader& operator=(WireReader&&) noexcept;

  /// The next piece, valid until the next call; empty at the end. Never more than `form.wire_size` in all. The last piece is given
  /// only once all was read and found to be what was inspected: the same inode, size and mtime, and the digest of the bytes, which
  /// says more than the ctime that a flag's rename changes too. Otherwise Error conflict, and the server lacks the literal's end.
  Result<std::span<const std::byte>> next();

 private:
  struct State;
  explicit WireReader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace mailmirror::store
