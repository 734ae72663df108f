// The two forms in which a server takes an OAuth2 access token.
#pragma once

#include "imap/auth/mechanism.hpp"

namespace mailmirror::imap::auth {

/// RFC 7628.
std::unique_ptr<Mechanism> make_oauthbearer(Credentials credentials);

/// Google's and Microsoft's form, from before the RFC.
std::unique_ptr<Mechanism> make_xoauth2(Credentials credentials);

}  // namespace mailmirror::imap::auth
