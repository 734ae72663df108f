// Lexical level of a response whose bytes are all here: atoms, numbers, strings, lists (RFC 3501 §9). Literals stand in the text as
// "{n}", CRLF and their n octets.
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

/// Thrown by the scanner and its users inside this folder only; the parser makes it an Error.
struct SyntaxError {
  std::string words;
};

/// Reads from the front of a text that outlives it. Tolerates more than one space where one belongs.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_depth, NameEncoding names = NameEncoding::modified_utf7)
      : text_(text), max_depth_(max_depth), names_(names) {}

  /// How mailbox names stand in this text.
  [[nodiscard]] NameEncoding names() const { return names_; }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  /// Takes `c` if it is next.
  bool take(char c);
  void expect(char c);
  void skip_spaces();
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  std::string_view take_rest();

  /// Everything up to a space, parenthesis, or the end; "" where one of these is next.
  std::string_view word();
  /// The same, but a part in brackets belongs to it, spaces and parentheses inside included ("BODY[HEADER.FIELDS (DATE)]<0>").
  std::string_view bracketed_word();
  /// Up to one of `ends` (not taken) or the end.
  std::string_view until_any(std::string_view ends);

  /// Checked against the type's range.
  std::uint64_t number();
  std::uint32_t number32();
  /// 63 bits (RFC 7162 §7).
  ModSeq mod_seq();

  /// Quoted or literal; nullopt for NIL.
  std::optional<std::string> nstring();
  /// Quoted, literal or atom.
  std::string astring();
  /// A value of any shape: atom, string, or list of such, however deep (up to the limit), without recursion.
  void skip_value();

  /// "(\Seen $x)". Tolerates ']' in flags and parentheses within the list (Domino), and tells whether \* was among them.
  struct FlagList {
    FlagSet flags;
    bool any_keyword = false;
  };
  FlagList flag_list();

 private:
  std::string quoted();
  std::string literal();
  /// Tells the place, but not the text there: it may be a part of someone's mail.
  [[noreturn]] void fail(std::string_view wanted) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t max_depth_;
  NameEncoding names_;
};

}  // namespace mailmirror::imap::wire
