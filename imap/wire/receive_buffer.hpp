// The bytes that arrived and aren't understood yet.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace mailmirror::imap::wire {

/// Contiguous; bytes are moved only to make room for more.
class ReceiveBuffer {
 public:
  /// Room for at least `size` bytes. Invalidates what `readable` and `text` gave.
  std::span<std::byte> prepare(std::size_t size);
  /// Precondition: `size` is at most what the last `prepare` gave.
  void commit(std::size_t size);

  [[nodiscard]] std::span<const std::byte> readable() const { return std::span(storage_).subspan(begin_, end_ - begin_); }
  [[nodiscard]] std::string_view text() const;
  /// The first `size` bytes are done with; they stay where they are until the next `prepare`.
  void consume(std::size_t size);

 private:
  std::vector<std::byte> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace mailmirror::imap::wire
