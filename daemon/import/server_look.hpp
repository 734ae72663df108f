// What the server calls its mailboxes: another program may leave a part of those names out.
#pragma once

#include "daemon/import/draft.hpp"
#include "daemon/import/survey.hpp"
#include "sync/base/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration {

struct ServerNames {
  /// Of the user's own mailboxes, with '/' behind it ("INBOX/"); "": there is none.
  std::string prefix;
  /// Those that hold messages, with '/' between the levels.
  std::vector<std::string> mailboxes;
};

using LookAtServer = std::function<Result<ServerNames>(const config::Account& account)>;

/// Logs in, lists, logs out; half a minute at most, besides what a password command takes. BLOCKS. Reads nothing else.
Result<ServerNames> look_at_server(const config::Account& account);

/// The draft's patterns get the prefix where its program leaves that out; a directory that stands for no mailbox of the server is
/// told, and is an obstacle where the server has that mailbox below its prefix.
void compare_with_server(const ServerNames& server, const Survey& survey, const std::filesystem::path& root,
                         const std::string& file, Draft& draft);

}  // namespace mailmirror::daemon::migration
