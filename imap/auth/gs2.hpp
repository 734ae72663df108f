// The GS2 header (RFC 5801 §4), with which SCRAM and OAUTHBEARER begin: whether the exchange is tied to the TLS connection below
// it, and on whose behalf.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailmirror::imap::auth {

/// What both ends of one TLS connection know, and nobody in between does (RFC 5056).
struct ChannelBinding {
  std::string type;  ///< "tls-exporter" (RFC 9266), "tls-server-end-point" (RFC 5929)
  std::string data;

  friend bool operator==(const ChannelBinding&, const ChannelBinding&) = default;
};

/// The gs2-cbind-flag. `server_cannot` is a claim that the server checks: it ends the exchange where somebody on the way has taken
/// its -PLUS mechanisms off the list (RFC 5802 §6).
struct Binding {
  enum class Flag : std::uint8_t {
    client_cannot,  ///< "n", or doesn't want to
    server_cannot,  ///< "y": the client could, but the server doesn't offer it
    bound,          ///< "p=TYPE"
  } flag = Flag::client_cannot;
  ChannelBinding channel;  ///< where flag is `bound`
};

/// "," and "=" in a name.
std::string gs2_name(std::string_view name);

/// "n,," and so on; with `authorization`, "n,a=NAME,".
std::string gs2_header(const Binding& binding, std::string_view authorization = {});

}  // namespace mailmirror::imap::auth
