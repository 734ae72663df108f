// The arguments of a command as the simulated server reads them. It trusts its clients: they are ours.
#pragma once

#include "sync/base/flags.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mailmirror::simulation {

/// Reads one whole command, its literals included ("{5}\r\nhello" stands in the text).
class Words {
 public:
  explicit Words(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size() || text_[at_] == '\r'; }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  /// An atom, a quoted string or a literal, with the space after it.
  std::string string();
  /// The same in upper case.
  std::string keyword();
  /// What stands between a parenthesis and the one that closes it; "" where there is none.
  std::string list();

 private:
  void skip_space();

  std::string text_;
  std::size_t at_ = 0;
};

/// "\Seen $Forwarded x" as flags.
FlagSet flags_in(std::string_view words);
std::string flags_text(const FlagSet& flags);

}  // namespace mailmirror::simulation
