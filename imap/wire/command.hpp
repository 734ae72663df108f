// A client's command as a value, and its bytes (RFC 3501 §6 and §9).
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::wire {

/// Which literals the server takes without being asked first (RFC 7888).
enum class LiteralMode : std::uint8_t {
  synchronizing,  ///< none: each waits for "+"
  minus,          ///< LITERAL-: those of up to 4096 octets
  plus,           ///< LITERAL+: all
};

/// Whether logs may show an argument.
enum class Secrecy : std::uint8_t { open, secret };

/// A stretch of a command's bytes, and what has to happen before the next one may be sent.
struct Piece {
  enum class Then : std::uint8_t {
    send_next,              ///< nothing: it goes on at once, or is complete
    await_continuation,     ///< the server must say "+ …" first; a tagged NO or BAD ends the command instead
    send_streamed_literal,  ///< put exactly `streamed` octets of the literal here
  };
  std::string bytes;
  Then then = Then::send_next;
  std::uint64_t streamed = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};

/// Built argument by argument, each set apart by a space:
///   Command command("UID FETCH");
///   command.uids(set).raw("(UID FLAGS)");
/// An argument that can't be sent (a NUL in a string, an impossible keyword or date) is remembered, and `encode` refuses.
class Command {
 public:
  /// `name`: atoms, as "NOOP" or "UID FETCH".
  explicit Command(std::string name);

  /// Syntax that this program wrote itself: "(UID FLAGS)", "RETURN". Never data from elsewhere.
  Command& raw(std::string_view text, Secrecy secrecy = Secrecy::open);
  /// Any octets but NUL: quoted, or as a literal if it holds CR, LF or 8-bit octets.
  Command& string(std::string_view text, Secrecy secrecy = Secrecy::open);
  Command& mailbox(const MailboxName& name, NameEncoding encoding);
  Command& number(std::uint64_t value);
  /// Precondition: not empty.
  Command& uids(const UidSet& set);
  /// "(\Seen project-x)".
  Command& flags(const FlagSet& flags);
  /// INTERNALDATE, always in UTC.
  Command& date_time(std::chrono::sys_seconds when);
  /// A parenthesis around what follows up to `end_list`.
  Command& begin_list();
  Command& end_list();
  /// A literal of `size` octets that come from elsewhere while the command is sent (APPEND).
  Command& streamed_literal(std::uint64_t size);

  /// The bytes. `tag`: letters and digits. Errors: `unsupported`, naming the argument that can't be sent.
  [[nodiscard]] Result<std::vector<Piece>> encode(std::string_view tag, LiteralMode mode) const;

  /// One printable line without tag: secrets are "***", literals tell their size alone.
  [[nodiscard]] std::string for_log() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Part {
    enum class Kind : std::uint8_t { text, literal, streamed_literal };
    Kind kind = Kind::text;
    std::string bytes;
    Secrecy secrecy = Secrecy::open;
    std::uint64_t size = 0;
  };

  Command& add(Part part);
  Command& refuse(std::string why);

  std::string name_;
  std::vector<Part> parts_;
  bool after_parenthesis_ = false;
  std::optional<Error> refusal_;
};

/// The set in pieces whose text (UidSet::to_string) has at most `max_bytes` octets each: servers bound their command lines
/// (RFC 7162 §4: 8192). Precondition: max_bytes >= 21, the longest range.
std::vector<UidSet> chunk(const UidSet& set, std::size_t max_bytes = 8000);

}  // namespace mailmirror::imap::wire
