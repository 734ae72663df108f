#include "imap/client/known_bad.hpp"

#include "sync/base/ascii.hpp"

#include <array>

namespace mailmirror::imap::client {
namespace {

struct KnownBad {
  std::string_view domain;
  Extension extension;
};

constexpr std::array kKnownBad{
    // iCloud answers ENABLE QRESYNC without ENABLED and sends malformed VANISHED: mail seems to be gone.
    KnownBad{"me.com", Extension::qresync},
    KnownBad{"icloud.com", Extension::qresync},
};

bool belongs_to(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size()) return false;
  const auto tail = host.substr(host.size() - domain.size());
  const bool whole_label = host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
  return whole_label && ascii::equal_ignoring_case(tail, domain);
}

}  // namespace

void remove_known_bad(Capabilities& capabilities, std::string_view host) {
  for (const auto& bad : kKnownBad)
    if (belongs_to(host, bad.domain)) capabilities.remove(bad.extension);
}

}  // namespace mailmirror::imap::client
