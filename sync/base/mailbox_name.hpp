// A mailbox's name as the server knows it, decoded to UTF-8.
#pragma once

#include "sync/base/ascii.hpp"

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror {

/// A value. "INBOX" is one name in any case (RFC 3501 §5.1), also as the first level of a hierarchy.
class MailboxName {
 public:
  MailboxName() = default;
  explicit MailboxName(std::string_view utf8, char delimiter = '\0') : utf8_(utf8) {
    const auto top = delimiter == '\0' ? utf8_.size() : std::min(utf8_.find(delimiter), utf8_.size());
    if (ascii::equal_ignoring_case(std::string_view(utf8_).substr(0, top), "INBOX")) utf8_.replace(0, top, "INBOX");
  }

  [[nodiscard]] const std::string& utf8() const { return utf8_; }
  [[nodiscard]] bool is_inbox() const { return utf8_ == "INBOX"; }
  [[nodiscard]] bool empty() const { return utf8_.empty(); }

  /// The levels of the hierarchy, top first; one level where the server has none (`delimiter` '\0').
  [[nodiscard]] std::vector<std::string> levels(char delimiter) const {
    std::vector<std::string> parts{""};
    for (const char c : utf8_)
      if (delimiter != '\0' && c == delimiter) parts.emplace_back(); else parts.back() += c;
    return parts;
  }

  friend auto operator<=>(const MailboxName&, const MailboxName&) = default;

 private:
  std::string utf8_;
};

}  // namespace mailmirror

template <>
struct std::hash<mailmirror::MailboxName> {
  std::size_t operator()(const mailmirror::MailboxName& name) const noexcept { return std::hash<std::string>{}(name.utf8()); }
};
