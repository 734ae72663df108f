// In which bytes mailbox names travel.
#pragma once

#include <cstdint>

namespace mailmirror::imap::wire {

enum class NameEncoding : std::uint8_t {
  modified_utf7,  ///< RFC 3501 §5.1.3
  utf8,           ///< after ENABLE UTF8=ACCEPT (RFC 6855 §3) or IMAP4rev2 (RFC 9051 §5.1)
};

}  // namespace mailmirror::imap::wire
