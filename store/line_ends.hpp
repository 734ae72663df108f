// How a file's line ends stand to the wire's.
#pragma once

#include <cstdint>

namespace mailmirror::store {

enum class LineEnds : std::uint8_t {
  converted,  ///< CRLF on the wire, LF in the file
  as_served,  ///< the wire form holds a bare CR or LF: the file holds it octet by octet
};

}  // namespace mailmirror::store
