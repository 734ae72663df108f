// The documents of the control protocol as values, and their JSON. Scripts rely on these keys: add, never rename.
#pragma once

#include "daemon/control/json_rpc.hpp"
#include "daemon/control/times.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::control {

struct MailboxStatus {
  std::string name;
  std::string path;  ///< relative to the Maildir's root
  std::uint64_t messages = 0;
  std::uint64_t unseen = 0;
  std::uint32_t uidvalidity = 0;
  std::uint64_t pending_remote = 0;
  std::uint64_t pending_local = 0;
  std::uint64_t held = 0;
  std::optional<std::string> error;
};

struct InFlight {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t bytes = 0;
};

struct AccountStatus {
  std::string name;
  std::string state;  ///< idle, syncing, connecting, paused, failed, held
  std::optional<std::string> error;
  std::optional<Time> retry_at;
  std::string push = "poll";  ///< notify, idle, poll
  std::optional<Time> last_sync;
  std::uint64_t connections = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::string maildir;
  std::optional<InFlight> in_flight;
  std::vector<MailboxStatus> mailboxes;
};

struct StatusDocument {
  std::string version;
  std::uint64_t uptime_s = 0;
  std::vector<AccountStatus> accounts;
};

Json to_json(const StatusDocument& status);
/// Missing keys have their defaults. Error (protocol) where it is no such document.
Result<StatusDocument> status_from_json(const Json& json);

/// What happened; `type` is one of interface's words ("message-added").
struct Event {
  std::string type;
  std::string account;
  Time time{};
  std::string mailbox;
  std::optional<std::uint32_t> uid;
  std::string path;
  std::string origin;  ///< remote, local
  std::optional<std::vector<std::string>> flags;
  std::optional<InFlight> progress;
  std::string message;     ///< of `error`, `held`, `disconnected`, `sync-finished`
  std::optional<bool> ok;  ///< of `sync-finished`
};

/// Every event type there is.
const std::vector<std::string>& event_types();

/// Only what is set.
Json to_json(const Event& event);
/// Error (protocol) where it is no event.
Result<Event> event_from_json(const Json& json);

/// What `sync` came to.
struct SyncOutcome {
  bool ok = true;
  std::vector<std::string> problems;  ///< "work/INBOX: …"
  std::uint64_t downloaded = 0;
  std::uint64_t uploaded = 0;
  std::uint64_t removed = 0;
  std::uint64_t flags_changed = 0;
  std::uint64_t held = 0;
};

Json to_json(const SyncOutcome& outcome);
/// Error (protocol) where it is no outcome.
Result<SyncOutcome> outcome_from_json(const Json& json);

}  // namespace mailmirror::daemon::control
