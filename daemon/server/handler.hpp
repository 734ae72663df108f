// What the control server asks of the daemon.
#pragma once

#include "daemon/control/documents.hpp"
#include "daemon/control/held_documents.hpp"
#include "daemon/control/history_documents.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::server {

/// An account, or one mailbox of it.
struct Target {
  std::string account;
  std::string mailbox;  ///< "": all of the account
};

/// What of the history to show.
struct LogOrder {
  std::optional<std::string> account;  ///< nullopt: every account
  std::string mailbox;                 ///< "": every mailbox
  bool only_removals = false;
  std::size_t at_most = 50;  ///< so many passes, the latest ones
};

/// What to bring back. With neither `pass` nor `since`: what the latest pass that removed a message removed.
struct UndoOrder {
  std::optional<std::string> account;  ///< nullopt: the only one
  std::string mailbox;                 ///< "": every mailbox
  std::optional<std::uint64_t> pass;
  std::optional<control::Time> since;
  bool dry_run = false;
};

enum class Decision { approve, reject };

/// Called on the network thread. Errors are told to the client in their own words.
class Handler {
 public:
  virtual ~Handler() = default;

  virtual Result<control::StatusDocument> status(std::optional<std::string> account) = 0;
  /// Returns when the pass is done. No targets: every account.
  virtual Task<Result<control::SyncOutcome>> sync(std::vector<Target> targets) = 0;
  /// Only wakes the passes.
  virtual Result<void> start_sync(std::vector<Target> targets) = 0;
  /// nullopt: every account.
  virtual Task<Result<void>> pause(std::optional<std::string> account) = 0;
  virtual Task<Result<void>> resume(std::optional<std::string> account) = 0;
  /// Returns how many held deletions it was about.
  virtual Result<std::uint64_t> decide(Target target, Decision decision) = 0;
  /// What waits for the user's word; nullopt: in every account that is open.
  virtual Task<Result<std::vector<control::HeldMailbox>>> held(std::optional<std::string> account) = 0;
  virtual Task<Result<std::vector<control::PassEntry>>> log(LogOrder order) = 0;
  /// Returns when the messages are back in the Maildir; a pass that uploads them follows.
  virtual Task<Result<control::UndoOutcome>> undo(UndoOrder order) = 0;
  /// What changed, in words.
  virtual Task<Result<std::string>> reload() = 0;
  virtual void stop() = 0;
};

}  // namespace mailmirror::daemon::server
