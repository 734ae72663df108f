// What the simulated server keeps: mailboxes, messages, UIDs, MODSEQs and what was expunged (RFC 9051 §2.3, RFC 7162 §3).
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::simulation {

struct StoredMessage {
  std::uint32_t uid = 0;
  std::string bytes;  ///< as on the wire
  FlagSet flags;
  std::chrono::sys_seconds date;
  std::uint64_t mod_seq = 0;
  std::string email_id;
};

struct StoredMailbox {
  std::string name;  ///< UTF-8, levels parted by '/'
  std::uint32_t uid_validity = 0;
  std::uint32_t uid_next = 1;
  std::uint64_t highest_mod_seq = 1;
  std::map<std::uint32_t, StoredMessage> messages;
  std::map<std::uint32_t, std::uint64_t> expunged;  ///< by UID: the MODSEQ of the expunge
  std::string id;
  bool gone = false;
};

using MailboxPtr = std::shared_ptr<StoredMailbox>;

enum class StoreMode : std::uint8_t { replace, add, remove };

class MailStore {
 public:
  MailStore();

  [[nodiscard]] MailboxPtr mailbox(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool has_children(const std::string& name) const;

  /// With its superiors. False: it is there.
  bool create(const std::string& name);
  /// False: INBOX, not there, or it has children.
  bool remove(const std::string& name);
  /// With its children. False: INBOX, not there, or the new name is taken.
  bool rename(const std::string& from, const std::string& to);

  /// An empty `email_id` makes a new one.
  std::uint32_t append(StoredMailbox& mailbox, std::string bytes, FlagSet flags, std::chrono::sys_seconds date, std::string email_id = {});
  /// False: there is no such message.
  bool store_flags(StoredMailbox& mailbox, std::uint32_t uid, StoreMode mode, const FlagSet& flags);
  bool expunge(StoredMailbox& mailbox, std::uint32_t uid);
  /// nullopt: there is no such message.
  std::optional<std::uint32_t> copy(StoredMailbox& from, std::uint32_t uid, StoredMailbox& to);

  /// A new UIDVALIDITY and new UIDs, as after a server's repair.
  enum class Validity : std::uint8_t { changes, stays };
  void renumber(StoredMailbox& mailbox, Validity validity = Validity::changes);

  /// All mailboxes as they are, as a backup has them.
  using Snapshot = std::map<std::string, StoredMailbox>;
  [[nodiscard]] Snapshot snapshot() const;
  /// Puts the backup in place of all there is. Numbers that it doesn't know are given out again; identities aren't.
  void restore(const Snapshot& snapshot);

  /// Told after each change; for connections that wait in IDLE.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }
  /// Grows with each change of anything.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

 private:
  void changed();

  std::map<std::string, MailboxPtr> mailboxes_;
  std::uint32_t next_validity_ = 1000;
  std::uint32_t next_id_ = 1;
  std::uint64_t changes_ = 0;
  std::function<void()> listener_;
};

}  // namespace mailmirror::simulation
