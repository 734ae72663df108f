// A mail address as its owner typed it, and what may stand as a host's name.
#pragma once

#include "sync/base/result.hpp"

#include <string>
#include <string_view>

namespace mailmirror::daemon::setup {

struct MailAddress {
  std::string local;
  std::string domain;  ///< lower case

  [[nodiscard]] std::string text() const { return local + '@' + domain; }

  friend bool operator==(const MailAddress&, const MailAddress&) = default;
};

/// Errors (configuration): why it can't be an address.
Result<MailAddress> parse_address(std::string_view text);

/// Letters, digits, hyphens and underscores between dots, 253 octets at most. What a stranger names (DNS, a web page) has to be one
/// before anything is done with it.
bool is_host_name(std::string_view text);

/// A host name or a literal IP address (IPv6 without brackets).
bool is_host(std::string_view text);

/// "mx1.mail.example.org" belongs to "example.org", "mx.example.co.uk" to "example.co.uk". A guess by the names' lengths.
std::string base_domain(std::string_view host);

std::string lower(std::string_view text);

}  // namespace mailmirror::daemon::setup
