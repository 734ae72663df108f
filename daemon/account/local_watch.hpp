// News from the Maildir: which mailbox may have changed, once a burst of changes is over.
#pragma once

#include "daemon/account/watch_hub.hpp"
#include "store/watch/settle.hpp"
#include "sync/account/mailbox_pass.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/event.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace mailmirror::daemon {

struct LocalWatchListener {
  std::function<void(const MailboxName&, sync::LocalHint)> on_mailbox;
  std::function<void()> on_folders;     ///< directories came or went: the list of mailboxes may have changed
  std::function<void()> on_everything;  ///< events were lost
};

/// Network thread only. A burst is over after 200 ms of quiet, or 2 s after it began. Several removals in one folder are told only
/// when 10 s passed without a further one (semantics, hard case 4): until then the mailbox' hint says so.
class LocalWatch {
 public:
  LocalWatch(WatchHub& hub, Clock& clock, Log& log, asio::any_io_executor executor, std::filesystem::path root, LocalWatchListener listener);
  ~LocalWatch();
  LocalWatch(const LocalWatch&) = delete;
  LocalWatch& operator=(const LocalWatch&) = delete;

  /// What to watch from now on: these mailboxes' folders, and the directories above them. Blocks no longer than look-ups take.
  void watch(const std::map<MailboxName, std::string>& directories);

  /// We are about to make (or have made) this file ourselves: its appearance is no news.
  void expect(const std::string& path);

  /// Mailboxes where files went, and perhaps more are about to go.
  [[nodiscard]] std::set<MailboxName> losing() const;

  /// Tells what was gathered; until cancelled.
  Task<void> run();

 private:
  struct Folder {
    MailboxName mailbox;
    store::Settle settle;
    std::set<std::string> arrived_whole;
    std::set<std::string> written;
    std::set<std::string> removed;
    std::optional<SteadyTime> last_removal;
  };

  void watch_messages(const MailboxName& mailbox, const std::filesystem::path& directory);
  void watch_folders(const std::filesystem::path& directory);
  void on_message_event(Folder& folder, const store::WatchEvent& event);
  void on_folder_event(const std::filesystem::path& directory, const store::WatchEvent& event);
  void forget(std::filesystem::path directory);
  void tell_due();
  void tell(Folder& folder);
  [[nodiscard]] std::optional<SteadyTime> next_due() const;

  WatchHub& hub_;
  Clock& clock_;
  Log& log_;
  std::filesystem::path root_;
  LocalWatchListener listener_;
  Event news_;
  std::map<MailboxName, Folder> folders_;
  std::map<std::filesystem::path, store::WatchId> watched_;
  std::multiset<std::string> expected_;
};

}  // namespace mailmirror::daemon
