#include "imap/client/extension/object_id.hpp"

namespace mailmirror::imap::client {

std::string identity_item(const Capabilities& capabilities) {
  if (capabilities.has(Extension::gmail)) return " X-GM-MSGID";
  return capabilities.has(Extension::object_id) ? " EMAILID" : "";
}

std::string identity_in(const wire::Fetch& fetch) {
  if (fetch.gm_msgid) return "gm:" + std::to_string(*fetch.gm_msgid);
  return fetch.email_id ? "id:" + *fetch.email_id : std::string();
}

}  // namespace mailmirror::imap::client
