#include "imap/client/quirks.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace mailmirror::imap::client {
namespace {

bool in_domain(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size()) return false;
  const auto tail = host.substr(host.size() - domain.size());
  const bool whole_label = host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
  return whole_label && ascii::equal_ignoring_case(tail, domain);
}

bool mentions(std::string_view text, std::string_view word) {
  return ascii::to_lower(text).find(word) != std::string::npos;
}

/// How a family of servers is recognized; one sign is enough. Servers behind a company's own host name show themselves by their
/// greeting, their ID or a capability that nobody else has.
struct Signs {
  std::vector<std::string_view> domains;
  std::string_view greeting;    ///< lower case, a part of it
  std::string_view id;          ///< lower case, a part of ID's "name" or "vendor"
  std::string_view capability;  ///< a name that only this family offers

  [[nodiscard]] bool show(const ServerIdentity& server, const Capabilities& capabilities) const {
    const auto here = [&](std::string_view domain) { return in_domain(server.host, domain); };
    if (std::any_of(domains.begin(), domains.end(), here)) return true;
    if (!greeting.empty() && mentions(server.greeting, greeting)) return true;
    if (!id.empty() && (mentions(server.field("name"), id) || mentions(server.field("vendor"), id))) return true;
    return !capability.empty() && capabilities.has_name(capability);
  }
};

struct Row {
  std::string_view family;
  Signs signs;
  std::vector<Quirk> quirks;
  std::vector<Extension> broken;
  CommandLimits limits;
  std::uint32_t window = 0;
};

// Not in the table, since the code does it for everybody: capabilities are asked again after each login (iCloud's proxy, Microsoft,
// Gmail); "Suggested Backoff Time" is obeyed (Microsoft); a mailbox counts as gone only by a complete LIST (NO means little
// anywhere); VANISHED is taken in every state; INBOX' case is folded and repeated LIST lines count once (Zoho, DavMail); an untagged
// COPYUID is taken (many); a set that is too long is halved; ID goes out in quoted strings (Yahoo) and right after the login
// (NetEase refuses SELECT before it); an upload in doubt is looked for after another SELECT (Courier shows its own APPENDs only then), by
// Message-ID and date where the bytes came back changed (Proton Bridge, Microsoft).
const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      // The settings of Gmail's web pages cut mailboxes to 1000 … 10000 messages for IMAP. Expunges show only by comparing UID sets.
      {"Gmail", {{"imap.gmail.com", "imap.googlemail.com"}, "gimap ready", "gimap", "X-GM-EXT-1"}, {Quirk::windowed}, {}, {}, 1000},
      // Sizes are taken from the store's properties, not from the MIME form. \Flagged in APPEND may be dropped.
      {"Microsoft",
       {{"office365.com", "outlook.com"}, "microsoft exchange", "", ""},
       {Quirk::estimated_sizes, Quirk::append_forgets_flagged},
       {},
       {},
       {}},
      // ENABLE QRESYNC is answered without ENABLED, and VANISHED lines are malformed: mail seems to be gone.
      {"iCloud", {{"mail.me.com", "icloud.com"}, "", "", ""}, {}, {Extension::qresync}, {}, {}},
      // 10,000 messages of a mailbox are visible, STATUS and SEARCH follow that. Lines of up to 1000 octets, sets of up to 2000
      // messages. APPEND needs a final CRLF; COPYUID's pairs are permuted when several messages move.
      {"Yahoo",
       {{"mail.yahoo.com", "mail.aol.com", "mail.yahoo.co.jp"}, "", "yahoo", ""},
       {Quirk::windowed, Quirk::append_wants_newline, Quirk::mixed_up_copyuid},
       {},
       {1000, 2000},
       10'000},
      // Through 3.12 "1:*" in UID FETCH … (CHANGEDSINCE … VANISHED) is cut at the highest UID that is alive. 3.6.1 (Debian 12) was
      // seen to send freed memory as MAILBOXID in every STATUS.
      {"Cyrus", {{}, "cyrus imap", "cyrus", ""}, {Quirk::open_range_misses_top, Quirk::garbage_mailbox_ids}, {}, {}, {}},
      // A gateway to Exchange: sizes are those of another representation.
      {"DavMail", {{}, "davmail", "davmail", ""}, {Quirk::estimated_sizes}, {}, {}, {}},
  };
  return rows;
}

void narrow(CommandLimits& limits, const CommandLimits& by) {
  limits.octets = std::min(limits.octets, by.octets);
  limits.messages = std::min(limits.messages, by.messages);
}

}  // namespace

std::string_view ServerIdentity::field(std::string_view name) const {
  for (const auto& [key, value] : id.fields)
    if (ascii::equal_ignoring_case(key, name)) return value;
  return {};
}

Quirks quirks_of(const ServerIdentity& server, const Capabilities& capabilities) {
  Quirks all;
  for (const auto& row : table()) {
    if (!row.signs.show(server, capabilities)) continue;
    all.families.push_back(row.family);
    for (const auto quirk : row.quirks) all.set.set(static_cast<std::size_t>(quirk));
    all.broken.insert(all.broken.end(), row.broken.begin(), row.broken.end());
    narrow(all.limits, row.limits);
    all.window = std::max(all.window, row.window);
  }
  return all;
}

}  // namespace mailmirror::imap::client
