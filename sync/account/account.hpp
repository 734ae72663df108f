// One account's local half: the Maildir's root, the state database, the attic, the lock. Opened once, kept while it is mirrored.
#pragma once

#include "store/files/attic.hpp"
#include "store/files/disk.hpp"
#include "store/files/folder_paths.hpp"
#include "store/files/maildir.hpp"
#include "store/state/account_lock.hpp"
#include "store/state/state_db.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/log.hpp"
#include "sync/base/random.hpp"
#include "sync/plan/policy.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// The part of an account's configuration that synchronization needs.
struct AccountSettings {
  std::string name;
  std::string host;
  std::string user;
  std::filesystem::path maildir;
  std::filesystem::path state_dir;  ///< STATE_DIR/ACCOUNT
  store::Layout layout = store::Layout::nested;
  store::FolderEncoding folder_encoding = store::FolderEncoding::utf8;
  std::string inbox = "INBOX";  ///< its directory's name; maildir++ has none
  std::string trash_mailbox;  ///< its levels parted by '/'; "": by special use
  std::optional<std::chrono::days> attic_retention = std::chrono::days(30);  ///< nullopt: for ever

  /// The policy for a mailbox, by its name with '/' between the levels and its special uses ("\\Trash"); nullopt: not mirrored.
  std::function<std::optional<Policy>(const std::string& name, const std::vector<std::string>& special_uses)> policy;
};

/// The seams and threads that all accounts of a process share; outlives them.
struct Surroundings {
  store::Disk& disk;
  BlockingPool& pool;
  Clock& clock;
  Random& random;
};

/// Not copied or moved. Its blocking members run on the pool's threads.
class Account {
 public:
  /// Blocking. Makes missing directories (the Maildir's root only at the very first time), takes the locks, opens the database.
  /// Errors: `locked` (another instance), `configuration` (the database belongs to another account or Maildir), `missing` (the
  /// Maildir's root has vanished though messages are recorded), `permission`, `disk_full`, `io`.
  static Result<std::unique_ptr<Account>> open(AccountSettings settings, Surroundings surroundings, LogPtr log);

  [[nodiscard]] const AccountSettings& settings() const { return settings_; }
  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
  [[nodiscard]] store::StateDb& db() { return *db_; }
  [[nodiscard]] store::Attic& attic() { return *attic_; }
  [[nodiscard]] const store::FolderPaths& paths() const { return paths_; }
  [[nodiscard]] Log& log() const { return *log_; }
  [[nodiscard]] const std::string& tag() const { return tag_; }
  [[nodiscard]] const std::string& host_name() const { return host_name_; }

  /// What LIST told last (RFC 6154): "\\trash" and the like, in lower case. Network thread.
  void remember_special_uses(std::map<MailboxName, std::string> uses) { special_uses_ = std::move(uses); }

  /// The policy for a mailbox; nullopt: it isn't mirrored (any more). Inside \Trash `on_local_delete = "trash"` means expunge (hard case 20).
  [[nodiscard]] std::optional<Policy> policy_of(const MailboxName& name, char delimiter) const;
  [[nodiscard]] std::optional<Policy> policy_of(const store::MailboxState& state) const { return policy_of(state.name, state.delimiter); }

  /// The \Trash mailbox: as configured, else by special use; nullopt: there is none.
  [[nodiscard]] std::optional<MailboxName> trash() const;

  /// Blocking. Fails where the root has vanished or lost all its folders while the base isn't empty (an unmounted disk): that
  /// never looks like a deletion.
  Result<void> check_root() const;

  /// Blocking. Once a day: what rested in the attic longer than its retention goes for good, and so does the history of that time.
  Result<void> purge_attic();

  /// Blocking.
  [[nodiscard]] Result<store::MaildirFolder> open_folder(const std::string& directory) const;
  [[nodiscard]] Result<store::MaildirFolder> create_folder(const std::string& directory) const;

  /// Blocking. What another program did to a directory is durable before the server is told (semantics, hard case 2).
  [[nodiscard]] Result<void> make_durable(const std::string& directory) const;

 private:
  Account(AccountSettings settings, Surroundings surroundings, LogPtr log);
  Result<void> open_all();
  Result<void> open_db();
  Result<void> bind();
  Result<void> purge_history(std::chrono::sys_days before);

  AccountSettings settings_;
  Surroundings surroundings_;
  LogPtr log_;
  store::FolderPaths paths_;
  std::string tag_;
  std::string host_name_;
  std::optional<store::AccountLock> lock_;
  std::unique_ptr<store::StateDb> db_;
  std::unique_ptr<store::Attic> attic_;
  std::chrono::sys_days purged_{};
  std::map<MailboxName, std::string> special_uses_;
};

}  // namespace mailmirror::sync
