// A login for a trial, and what is there.
#pragma once

#include "imap/client/options.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

struct Sight {
  std::vector<std::string> mailboxes;
  std::uint64_t messages = 0;
  std::optional<std::uint64_t> bytes;  ///< where the server tells sizes (STATUS=SIZE)
  std::vector<std::string> capabilities;
};

/// Opens a session as the daemon does, lists the mailboxes, counts, and says goodbye. Errors: as `open_session` and
/// `list_mailboxes`.
Task<Result<Sight>> look_around(imap::client::Environment environment, imap::client::SessionOptions options);

/// "12 mailboxes, 3456 messages, 1.2 GiB".
std::string to_words(const Sight& sight);

/// "1.2 GiB".
std::string size_in_words(std::uint64_t bytes);

}  // namespace mailmirror::daemon::setup
