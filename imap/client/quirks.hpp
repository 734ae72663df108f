// How known servers differ from the RFCs, and what that changes here: one table, in quirks.cpp, with the reason beside each row.
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/wire/response.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::client {

/// What a server tells about itself, as far as it has said so yet.
struct ServerIdentity {
  std::string host;      ///< as configured
  std::string greeting;  ///< its text
  wire::Id id;           ///< the answer to ID (RFC 2971)
  wire::Namespace namespaces;

  /// The value of one field of `id`, "" without it.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Behaviour that an extension's absence can't express. Each is acted on somewhere: `Session::has`.
enum class Quirk : std::uint8_t {
  windowed,               ///< mailboxes show a part of their messages: absence below the lowest listed UID proves nothing
  estimated_sizes,        ///< RFC822.SIZE isn't the size of what FETCH gives
  append_forgets_flagged, ///< APPEND stores the message without \Flagged
  append_wants_newline,   ///< APPEND is refused unless the message ends with CRLF
  mixed_up_copyuid,       ///< COPYUID's pairs are permuted where several messages move at once
  open_range_misses_top,  ///< "1:*" leaves out expunged UIDs at the top: "1:4294967295" doesn't
  garbage_mailbox_ids,    ///< MAILBOXID in STATUS is freed memory, often no IMAP at all; in SELECT it is right
};
inline constexpr std::size_t kQuirkCount = static_cast<std::size_t>(Quirk::garbage_mailbox_ids) + 1;

/// What one command may hold. A session lowers its own copy where the server says "too long".
struct CommandLimits {
  std::size_t octets = 8000;              ///< a command line without its literals (RFC 7162 §4, RFC 9051 §4: at least 8192)
  std::uint32_t messages = 0xffff'ffff;   ///< messages that one FETCH, STORE, … may name
};

struct Quirks {
  std::bitset<kQuirkCount> set;
  CommandLimits limits;
  std::uint32_t window = 0;               ///< `windowed`: mailboxes that show fewer messages show all of them
  std::vector<Extension> broken;          ///< not to be used though offered
  std::vector<std::string_view> families; ///< whose rows applied ("iCloud"), for logs

  [[nodiscard]] bool has(Quirk quirk) const { return set.test(static_cast<std::size_t>(quirk)); }
};

/// The rows that apply.
Quirks quirks_of(const ServerIdentity& server, const Capabilities& capabilities);

}  // namespace mailmirror::imap::client
