#include "imap/client/extension/id.hpp"

namespace mailmirror::imap::client {

wire::Command id_command() {
  wire::Command command("ID");
  command.raw("(\"name\" \"mailmirror\" \"version\" \"" MAILMIRROR_VERSION "\")");
  return command;
}

}  // namespace mailmirror::imap::client
