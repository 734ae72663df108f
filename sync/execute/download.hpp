// Bodies from the server into the Maildir: streamed, hashed, made durable, visible, recorded, in that order.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace mailmirror::sync {

/// Files without a record that may turn out to be messages of the server (a first pass over a Maildir that isn't empty): by the
/// digest of their wire form. A download that matches one is dropped and the file recorded in its place.
using AdoptableFiles = std::unordered_multimap<Digest, NewFile>;

struct DownloadReport {
  std::uint64_t downloaded = 0;
  std::vector<std::string> adopted;  ///< unique names of files that were matched
  UidSet unanswered;                 ///< the server didn't give them; recorded as pending
};

/// Told after each batch that became durable: how many messages and bytes.
using DownloadProgress = std::function<void(std::uint64_t messages, std::uint64_t bytes)>;

/// The mailbox is selected on `session`. On return (also with an error) every message that was published has its record; what
/// was on its way is gone from tmp/. Memory: a few MiB, whatever the messages' sizes.
Task<Result<DownloadReport>> download(MailboxWork work, imap::client::Session& session, std::vector<Download> wanted,
                                      AdoptableFiles adoptable, DownloadProgress progress);

}  // namespace mailmirror::sync
