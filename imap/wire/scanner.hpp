// Lexical level of a response whose bytes are all here: atoms, numbers, strings, lists (RFC 3501 §9). Literals stand in the text as
// "{n}", CRLF and their n octets.
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::wire {

/// Thrown by the scanner and its users inside this folder only; the parser makes it an Error.
struct SyntaxError {
  std::string words;
};

/// Thrown likewise where a server makes us keep too much: the response is understood, and refused.
struct TooLarge {
  std::string words;
};

/// What a scanner needs to know besides the text.
struct ScanRules {
  std::size_t depth = 64;                                         ///< parentheses within each other
  NameEncoding names = NameEncoding::modified_utf7;               ///< how mailbox names stand in this text
  std::size_t memory = std::numeric_limits<std::size_t>::max();  ///< octets that the values made from the text may take
};

/// Reads from the front of a text that outlives it. Tolerates more than one space where one belongs.
class Scanner {
 public:
  explicit Scanner(std::string_view text, ScanRules rules = {}) : text_(text), rules_(rules) {}

  [[nodiscard]] NameEncoding names() const { return rules_.names; }

  /// Asked before something of `octets` is made: an item of a list, a copy of a part of the text. Strings that the scanner itself
  /// hands out are accounted for. Throws TooLarge.
  void reserve(std::size_t octets);
  std::string copied(std::string_view bytes);
  /// The same for an item of a list: while it grows, it holds its items twice.
  template <class Item>
  void reserve_item(std::size_t more = 0) {
    reserve(2 * sizeof(Item) + more);
  }

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
  /// "1:3,7", up to a space, bracket or parenthesis; nullopt where that is no such set.
  std::optional<UidSet> uid_set();
  /// A value of any shape: atom, string, or list of such, however deep (up to the limit), without recursion.
  void skip_value();

  /// "(\Seen $x)". Tolerates ']' in flags and parentheses within the list (Domino), and tells whether \* was among them. At most
  /// kMostFlags: no message has that many.
  static constexpr std::size_t kMostFlags = 10'000;
  struct FlagList {
    FlagSet flags;
    bool any_keyword = false;
  };
  FlagList flag_list();

 private:
  std::vector<std::string_view> flag_words();
  std::string quoted();
  std::string_view skip_quoted();
  std::string_view literal();
  /// Tells the place, but not the text there: it may be a part of someone's mail.
  [[noreturn]] void fail(std::string_view wanted) const;

  std::string_view text_;
  std::size_t at_ = 0;
  ScanRules rules_;
};

}  // namespace mailmirror::imap::wire
