#include "imap/client/extension/append_limit.hpp"

#include <fmt/format.h>

namespace mailmirror::imap::client {

Result<void> check_append_size(const Capabilities& capabilities, std::uint64_t size) {
  const auto limit = capabilities.number_of(Extension::append_limit);
  if (!limit || size <= *limit) return ok();
  return fail(ErrorKind::refused,
              fmt::format("the message is larger than what the server takes ({} octets, at most {}): it wasn't sent", size, *limit));
}

}  // namespace mailmirror::imap::client
