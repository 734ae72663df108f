// The large providers, by heart.
#pragma once

#include "daemon/setup/address.hpp"
#include "daemon/setup/offer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::daemon::setup {

/// The provider whose own domain this is.
std::optional<Offer> provider_of_domain(const MailAddress& address);

/// The provider that takes in the mail of the address' domain, by the name of that mail exchanger.
std::optional<Offer> provider_of_exchanger(const MailAddress& address, std::string_view exchanger);

/// What is known of a server that was found otherwise is added: how one signs in there.
void add_what_is_known(Offer& offer);

/// The provider has no IMAP at all: in words, "" for all others.
std::string why_no_imap(const MailAddress& address);

}  // namespace mailmirror::daemon::setup
