// What is known of an account at any time, for `status`: kept up to date by its supervisor, rendered by the control server.
#pragma once

#include "daemon/account/remote_watch.hpp"
#include "sync/account/pass_report.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/uid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace mailmirror::daemon {

enum class AccountState : std::uint8_t { connecting, syncing, idle, paused, held, failed };

struct MailboxView {
  std::string directory;
  std::uint64_t messages = 0;
  std::uint64_t unseen = 0;
  UidValidity uid_validity;
  std::uint64_t held = 0;
  std::optional<std::string> error;
};

struct InFlight {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t bytes = 0;
};

struct AccountView {
  AccountState state = AccountState::connecting;
  std::optional<std::string> error;
  std::optional<SystemTime> retry_at;
  std::optional<SystemTime> last_sync;  ///< when a pass over everything last ended without an error
  Push push = Push::poll;
  InFlight in_flight;
  std::map<MailboxName, MailboxView> mailboxes;
};

}  // namespace mailmirror::daemon
