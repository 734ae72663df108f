// mbsync's mark: an "X-TUID: …" line that it adds to the header of messages it stores. The server's message lacks it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mailmirror::store {

/// On the wire: "X-TUID: ", twelve characters, CRLF.
inline constexpr std::size_t kTuidWireSize = 22;

struct HeaderLine {
  std::size_t offset = 0;
  std::size_t length = 0;  ///< with its line end
};

/// Where that line stands in a header, which is given from its beginning; LF or CRLF. The first one, if there are several.
std::optional<HeaderLine> find_tuid_line(std::string_view header);

}  // namespace mailmirror::store
