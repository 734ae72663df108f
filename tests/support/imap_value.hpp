// The probe's reading of one response: atoms, strings and lists, nothing else known of the protocol.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::testing {

struct ImapValue {
  enum class Kind : std::uint8_t { atom, string, list };
  Kind kind = Kind::list;
  /// Of an atom or a string (quoted or literal).
  std::string text{};
  std::vector<ImapValue> items{};

  [[nodiscard]] bool is(std::string_view atom) const;
  /// The value after the atom `key` in this list; throws where there is none.
  [[nodiscard]] const ImapValue& after(std::string_view key) const;
  [[nodiscard]] std::uint64_t number() const;
};

/// Takes a response line by line: a line that ends in a literal's length is followed by the literal, then by the next line.
class ImapValueReader {
 public:
  /// Returns the length of the literal that follows, or -1 when the response is complete.
  long long line(std::string_view text);
  void literal(std::string bytes);
  /// The whole response as a list.
  [[nodiscard]] ImapValue take();

 private:
  void add(ImapValue value);
  std::vector<ImapValue> open_{ImapValue{}};
};

/// "quoted", with what needs it escaped.
std::string imap_quoted(std::string_view text);

/// Mailbox names (RFC 3501 §5.1.3).
std::string to_modified_utf7(std::string_view utf8);
std::string from_modified_utf7(std::string_view name);

/// INTERNALDATE's form, in UTC.
std::string to_imap_date(std::time_t when);
std::time_t from_imap_date(const std::string& text);

}  // namespace mailmirror::testing
