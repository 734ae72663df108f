#include "imap/wire/command.hpp"

#include "imap/wire/date_time.hpp"
#include "imap/wire/modified_utf7.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace mailmirror::imap::wire {
namespace {

constexpr std::uint64_t kMinusLimit = 4096;
constexpr std::size_t kLongestQuoted = 1000;

enum class Form { quoted, literal, impossible };

/// Quoted strings hold 7-bit text without CR and LF; everything but NUL fits in a literal.
Form form_of(std::string_view text) {
  bool quotable = text.size() <= kLongestQuoted;
  for (const char c : text) {
    if (c == '\0') return Form::impossible;
    if (c == '\r' || c == '\n' || static_cast<unsigned char>(c) >= 0x80) quotable = false;
  }
  return quotable ? Form::quoted : Form::literal;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// An atom (RFC 3501 §9). ']' is let through: some servers offer keywords with it.
bool is_keyword(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c <= ' ' || c == 0x7f || std::string_view("(){%*\"\\").find(c) != std::string_view::npos;
  });
}

bool needs_to_wait(LiteralMode mode, std::uint64_t size) {
  return mode == LiteralMode::synchronizing || (mode == LiteralMode::minus && size > kMinusLimit);
}

std::string literal_head(std::uint64_t size, LiteralMode mode) {
  return '{' + std::to_string(size) + (needs_to_wait(mode, size) ? "}\r\n" : "+}\r\n");
}

}  // namespace

Command::Command(std::string_view name) : name_(name) {}

Command& Command::raw(std::string_view text) {
  invalid_ = invalid_ || text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
  parts_.push_back({Part::Kind::text, std::string(text), 0, false});
  return *this;
}

Command& Command::astring(std::string_view text) {
  return add_string(text, false);
}
Command& Command::secret(std::string_view text) {
  return add_string(text, true);
}

Command& Command::secret_raw(std::string_view text) {
  raw(text);
  parts_.back().secret = true;
  return *this;
}

Command& Command::add_string(std::string_view text, bool secret) {
  switch (form_of(text)) {
    case Form::quoted: parts_.push_back({Part::Kind::text, quoted(text), 0, secret}); break;
    case Form::literal: parts_.push_back({Part::Kind::literal, std::string(text), text.size(), secret}); break;
    case Form::impossible: invalid_ = true; break;
  }
  return *this;
}

Command& Command::mailbox(const MailboxName& name, NameEncoding encoding) {
  if (encoding == NameEncoding::utf8) {
    // RFC 6855 §3: UTF-8 may stand in a quoted string.
    const bool plain = name.utf8().find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos &&
                       with_valid_utf8(name.utf8()) == name.utf8();
    invalid_ = invalid_ || !plain;
    parts_.push_back({Part::Kind::text, quoted(name.utf8()), 0, false});
    return *this;
  }
  const auto encoded = encode_modified_utf7(name.utf8());
  invalid_ = invalid_ || !encoded;
  return encoded ? astring(*encoded) : *this;
}

Command& Command::uids(const UidSet& uids) {
  BOOST_ASSERT_MSG(!uids.empty(), "a command can't carry an empty set");
  return raw(uids.to_string());
}

Command& Command::flags(const FlagSet& flags) {
  invalid_ = invalid_ || !std::all_of(flags.keywords().begin(), flags.keywords().end(), is_keyword);
  std::string text = "(";
  for (const auto& name : flags.wire_names()) text += (text.size() > 1 ? " " : "") + name;
  return raw(text + ")");
}

Command& Command::date_time(std::chrono::sys_seconds when) {
  return raw('"' + format_date_time(when) + '"');
}

Command& Command::streamed_literal(std::uint64_t size) {
  parts_.push_back({Part::Kind::streamed, {}, size, false});
  return *this;
}

Result<std::vector<Piece>> Command::encode(std::string_view tag, LiteralMode mode) const {
  if (invalid_)
    return fail(ErrorKind::unsupported,
                "the command " + name_ + " has an argument that IMAP can't carry (NUL, not UTF-8, or a keyword that is no atom)");
  std::vector<Piece> pieces{{std::string(tag) + ' ' + name_, Piece::Then::nothing}};
  for (const auto& part : parts_) {
    auto& text = pieces.back().text;
    text += ' ';
    if (part.kind == Part::Kind::text) {
      text += part.bytes;
      continue;
    }
    text += literal_head(part.size, mode);
    const bool wait = needs_to_wait(mode, part.size);
    if (part.kind == Part::Kind::streamed) {
      pieces.back().then = wait ? Piece::Then::wait_literal : Piece::Then::literal;
      pieces.emplace_back();
    } else if (wait) {
      pieces.back().then = Piece::Then::wait;
      pieces.push_back({part.bytes, Piece::Then::nothing});
    } else {
      text += part.bytes;
    }
  }
  pieces.back().text += "\r\n";
  return pieces;
}

std::string Command::for_log() const {
  std::string text = name_;
  for (const auto& part : parts_) text += part.secret || part.kind != Part::Kind::text ? " ***" : ' ' + part.bytes;
  return text;
}

}  // namespace mailmirror::imap::wire
