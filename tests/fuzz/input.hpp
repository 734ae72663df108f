// The fuzzer's bytes, taken apart. The same bytes always give the same values; when they run out, zeros follow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailmirror::fuzz {

/// The bytes outlive it.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  /// Up to `mark`, which is taken too; all of the rest where there is none.
  std::string_view until(char mark) {
    const auto end = rest_.find(mark);
    const auto piece = rest_.substr(0, end);
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    return piece;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace mailmirror::fuzz
