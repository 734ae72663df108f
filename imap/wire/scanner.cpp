#include "imap/wire/scanner.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <limits>

namespace mailmirror::imap::wire {
namespace {

constexpr std::size_t kFewFlags = 32;

}  // namespace

void Scanner::reserve(std::size_t octets) {
  if (octets > rules_.memory) throw TooLarge{"what a response says takes more memory than it may"};
  rules_.memory -= octets;
}

bool Scanner::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void Scanner::expect(char c) {
  if (!take(c)) fail(std::string("'") + c + "'");
}

void Scanner::skip_spaces() {
  while (take(' ')) {
  }
}

std::string_view Scanner::take_rest() {
  const auto rest = text_.substr(at_);
  at_ = text_.size();
  return rest;
}

std::string_view Scanner::word() {
  return until_any(" ()\r\n");
}

std::string_view Scanner::bracketed_word() {
  const auto start = at_;
  until_any(" ()[\r\n");
  if (take('[')) {
    until_any("]");
    expect(']');
    until_any(" ()\r\n");
  }
  return text_.substr(start, at_ - start);
}

std::string_view Scanner::until_any(std::string_view ends) {
  const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
  const auto piece = text_.substr(at_, end - at_);
  at_ = end;
  return piece;
}

std::uint64_t Scanner::number() {
  if (!ascii::is_digit(peek())) fail("a number");
  std::uint64_t value = 0;
  while (ascii::is_digit(peek())) {
    const auto digit = static_cast<std::uint64_t>(text_[at_++] - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) fail("a number of 64 bits");
    value = value * 10 + digit;
  }
  return value;
}

std::uint32_t Scanner::number32() {
  const auto value = number();
  if (value > std::numeric_limits<std::uint32_t>::max()) fail("a number of 32 bits");
  return static_cast<std::uint32_t>(value);
}

ModSeq Scanner::mod_seq() {
  const auto value = number();
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) fail("a MODSEQ of 63 bits");
  return ModSeq{value};
}

std::string Scanner::quoted() {
  auto rest = skip_quoted();
  reserve(rest.size());
  std::string out;
  out.reserve(rest.size());
  for (auto escape = rest.find('\\'); escape != std::string_view::npos; escape = rest.find('\\')) {
    out += rest.substr(0, escape);
    out += rest[escape + 1];
    rest.remove_prefix(escape + 2);
  }
  return out += rest;
}

/// What stands between the quotes, as it stands: each backslash has its character.
std::string_view Scanner::skip_quoted() {
  expect('"');
  const auto start = at_;
  while (!take('"')) {
    until_any("\"\\");
    if (at_end()) fail("the end of a quoted string");
    if (take('\\')) {
      if (at_end()) fail("a quoted character");
      ++at_;
    }
  }
  return text_.substr(start, at_ - 1 - start);
}

std::string_view Scanner::literal() {
  take('~');
  expect('{');
  const auto size = number();
  take('+');
  expect('}');
  expect('\r');
  expect('\n');
  if (size > text_.size() - at_) fail("a whole literal");
  const auto bytes = text_.substr(at_, size);
  at_ += size;
  return bytes;
}

std::string Scanner::copied(std::string_view bytes) {
  reserve(bytes.size());
  return std::string(bytes);
}

std::optional<std::string> Scanner::nstring() {
  if (peek() == '"') return quoted();
  if (peek() == '{' || peek() == '~') return copied(literal());
  if (ascii::equal_ignoring_case(word(), "NIL")) return std::nullopt;
  fail("a string or NIL");
}

std::string Scanner::astring() {
  if (peek() == '"') return quoted();
  if (peek() == '{') return copied(literal());
  const auto atom = word();
  if (atom.empty()) fail("a string");
  return copied(atom);
}

std::optional<UidSet> Scanner::uid_set() {
  const auto text = until_any(" ()]\r\n");
  reserve((static_cast<std::size_t>(std::ranges::count(text, ',')) + 1) * sizeof(UidRange));
  return UidSet::parse(text);
}

void Scanner::skip_value() {
  std::size_t depth = 0;
  do {
    skip_spaces();
    if (take('(')) {
      if (++depth > rules_.depth) fail("fewer nested parentheses");
    } else if (depth > 0 && take(')')) {
      --depth;
    } else if (peek() == '"') {
      skip_quoted();
    } else if (peek() == '{' || text_.substr(at_, 2) == "~{") {
      literal();
    } else if (word().empty()) {
      fail("a value");
    }
  } while (depth > 0);
}

std::vector<std::string_view> Scanner::flag_words() {
  std::vector<std::string_view> words;
  expect('(');
  std::size_t open = 1;
  for (skip_spaces(); open > 0; skip_spaces()) {
    if (take('(')) {
      if (++open > rules_.depth) fail("fewer nested parentheses");
    } else if (take(')')) {
      --open;
    } else {
      const auto flag = word();
      if (flag.empty()) fail("a flag");
      if (words.size() == kMostFlags) throw TooLarge{"more than " + std::to_string(kMostFlags) + " flags in one list"};
      // Twice: here and in the set.
      reserve_item<std::string_view>();
      reserve_item<std::string>(flag.size());
      words.push_back(flag);
    }
  }
  return words;
}

Scanner::FlagList Scanner::flag_list() {
  auto words = flag_words();
  // The set keeps them in this order: one that is inserted at the end moves no other.
  if (words.size() > kFewFlags) std::stable_sort(words.begin(), words.end(), ascii::less_ignoring_case);
  FlagList list;
  for (const auto flag : words) {
    if (flag == "\\*")
      list.any_keyword = true;
    else
      list.flags.insert_wire(flag);
  }
  return list;
}

void Scanner::fail(std::string_view wanted) const {
  throw SyntaxError{std::string(wanted) + " expected at octet " + std::to_string(at_)};
}

}  // namespace mailmirror::imap::wire
