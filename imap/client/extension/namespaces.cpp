#include "imap/client/extension/namespaces.hpp"

namespace mailmirror::imap::client {

std::string personal_prefix(const wire::Namespace& spaces) {
  return spaces.personal.empty() ? std::string() : spaces.personal.front().prefix;
}

}  // namespace mailmirror::imap::client
