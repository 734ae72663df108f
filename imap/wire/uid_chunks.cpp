#include "imap/wire/uid_chunks.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::imap::wire {
namespace {

std::size_t length_of(UidRange range) {
  UidSet one;
  one.insert(range);
  return one.to_string().size();
}

/// At most `most` (> 0) messages from the front of `range`.
UidRange front_of(UidRange range, std::uint64_t most) {
  const std::uint64_t beyond_first = range.last.value() - range.first.value();
  return {range.first, Uid{range.first.value() + static_cast<std::uint32_t>(std::min(beyond_first, most - 1))}};
}

}  // namespace

UidChunks::UidChunks(UidSet uids, std::size_t max_bytes, std::uint64_t max_messages)
    : uids_(std::move(uids)), max_bytes_(max_bytes), max_messages_(max_messages) {}

UidRange UidChunks::rest_of_range() const {
  auto range = uids_.ranges()[next_];
  if (done_ != Uid{0}) range.first = Uid{done_.value() + 1};
  return range;
}

void UidChunks::take_up_to(Uid last) {
  const bool whole = last == uids_.ranges()[next_].last;
  done_ = whole ? Uid{0} : last;
  if (whole) ++next_;
}

UidSet UidChunks::next() {
  UidSet chunk;
  std::size_t length = 0;
  std::uint64_t messages = 0;
  while (!at_end() && messages < max_messages_) {
    const auto range = front_of(rest_of_range(), max_messages_ - messages);
    length += length_of(range) + 1;
    if (!chunk.empty() && length > max_bytes_) break;
    chunk.insert(range);
    messages += std::uint64_t{range.last.value()} - range.first.value() + 1;
    take_up_to(range.last);
  }
  return chunk;
}

}  // namespace mailmirror::imap::wire
