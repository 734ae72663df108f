// The framing of the control socket: a stream of bytes cut into lines, each of bounded length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mailmirror::daemon::control {

/// Stands for a line beyond the bound; its bytes weren't kept.
struct LineTooLong {
  friend bool operator==(const LineTooLong&, const LineTooLong&) = default;
};

/// Untrusted bytes; holds `longest` of them plus one piece, at most. After a line that is too long the next one is read as usual.
class LineSplitter {
 public:
  using Line = std::variant<std::string, LineTooLong>;

  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  /// Call `next` until it has nothing more before the following piece.
  void append(std::string_view piece);
  /// Without its newline; nullopt: the rest has yet to come.
  std::optional<Line> next();

 private:
  std::size_t longest_;
  std::string buffer_;
  std::size_t start_ = 0;
  std::size_t searched_ = 0;
  bool dropping_ = false;
};

}  // namespace mailmirror::daemon::control
