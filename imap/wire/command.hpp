// What we say, strictly by RFC 3501 §9: a command as a value, encoded into pieces that wait for the server where they must.
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::wire {

/// Which literals the server takes without being asked first (RFC 7888).
enum class LiteralMode : std::uint8_t {
  synchronizing,
  minus,  ///< up to 4096 octets
  plus,
};

/// After a piece's text comes `then`.
struct Piece {
  enum class Then : std::uint8_t {
    nothing,       ///< the next piece follows at once; after the last one the command is complete
    wait,          ///< wait for the continuation request, then the next piece
    literal,       ///< the streamed literal's bytes, at once
    wait_literal,  ///< wait for the continuation request, then the streamed literal's bytes
  };
  std::string text;
  Then then = Then::nothing;
};

/// Built by its member functions, each of which adds one argument, with the space before it. An argument that can't be sent (NUL,
/// a mailbox that isn't UTF-8, a keyword that is no atom) makes the command invalid: `encode` tells.
class Command {
 public:
  explicit Command(std::string_view name);

  /// As it stands: atoms, numbers, fixed syntax. No CR, LF or NUL.
  Command& raw(std::string_view text);
  /// Quoted, or a literal where it holds CR, LF, quotes' limits or 8-bit octets.
  Command& astring(std::string_view text);
  /// The same, cut out of logs.
  Command& secret(std::string_view text);
  /// The same for text that must stand bare (base64 of SASL-IR), cut out of logs.
  Command& secret_raw(std::string_view text);
  Command& mailbox(const MailboxName& name, NameEncoding encoding = NameEncoding::modified_utf7);
  Command& uids(const UidSet& uids);
  /// "(\Seen project-x)". Keywords may come from files: none of them can end the list.
  Command& flags(const FlagSet& flags);
  /// "17-Jul-1996 02:44:25 +0000" with the quotes.
  Command& date_time(std::chrono::sys_seconds when);
  /// The bytes are given while the command is written. Several in one command (MULTIAPPEND, RFC 3502) are given one after the other.
  Command& streamed_literal(std::uint64_t size);

  [[nodiscard]] const std::string& name() const { return name_; }

  /// With tag and CRLF. After a streamed literal the last piece is the CRLF.
  [[nodiscard]] Result<std::vector<Piece>> encode(std::string_view tag, LiteralMode mode) const;

  /// For the wire trace: secrets and literals as "***".
  [[nodiscard]] std::string for_log() const;

 private:
  struct Part {
    enum class Kind : std::uint8_t { text, literal, streamed };
    Kind kind = Kind::text;
    std::string bytes;
    std::uint64_t size = 0;
    bool secret = false;
  };

  Command& add_string(std::string_view text, bool secret);

  std::string name_;
  std::vector<Part> parts_;
  bool invalid_ = false;
};

}  // namespace mailmirror::imap::wire
