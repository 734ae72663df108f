// Base64 (RFC 4648 §4), as SASL exchanges carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::auth {

std::string encode_base64(std::string_view bytes);

/// nullopt where the text isn't canonical base64 with its padding.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace mailmirror::imap::auth
