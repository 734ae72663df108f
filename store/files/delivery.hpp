// Downloads: a message's wire bytes become a file in tmp/, then durable, then visible.
//
// All of it BLOCKS. One message is used by one thread at a time; many messages by many threads.
#pragma once

#include "store/files/maildir.hpp"
#include "store/line_ends.hpp"
#include "sync/base/digest.hpp"
#include "sync/base/random.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace mailmirror::store {

/// What was stored of a message.
struct Received {
  Digest file_digest;
  Digest wire_digest;
  std::uint64_t file_size = 0;
  std::uint64_t wire_size = 0;
  LineEnds line_ends = LineEnds::converted;
};

/// A message on its way in. Order: begin, write…, finish, sync, publish. Destroyed without `publish`, it leaves nothing behind.
/// Memory: 64 KiB, whatever the message's size.
class IncomingMessage {
 public:
  /// Makes the file in the folder's tmp/. `folder` must outlive the message.
  static Result<IncomingMessage> begin(const MaildirFolder& folder, Random& random);
  ~IncomingMessage();
  IncomingMessage(IncomingMessage&&) noexcept;
  IncomingMessage& operator=(IncomingMessage&&) noexcept;

  /// Bytes as the server sends them. CRLF becomes LF; at the first bare CR or LF, however late, the file is made anew as it is
  /// served, octet by octet. After an Error the message is spent.
  Result<void> write(std::span<const std::byte> wire);

  /// No more bytes; the file gets `internal_date` as its mtime. Nothing is durable yet.
  Result<Received> finish(std::chrono::sys_seconds internal_date);

  /// After `finish`. The bytes are on stable storage afterwards, and the file is closed: any number of messages may wait to be
  /// published.
  Result<void> sync();

 private:
  friend Result<MaildirFile> publish(MaildirFolder& folder, IncomingMessage& message, std::string_view unique,
                                     std::string_view letters, Random& random);
  struct State;
  explicit IncomingMessage(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Makes a finished and synced message visible: by a rename into new/ where it has no letters, else into cur/. Where the name is
/// taken by another file, `unique` gets a discriminator: the result tells. The rename is durable after `folder.sync()`: publish a
/// batch, then sync once. Precondition: `message` was begun in `folder`.
Result<MaildirFile> publish(MaildirFolder& folder, IncomingMessage& message, std::string_view unique, std::string_view letters,
                            Random& random);

}  // namespace mailmirror::store
