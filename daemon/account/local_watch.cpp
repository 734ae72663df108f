#include "daemon/account/local_watch.hpp"

#include "store/files/maildir_name.hpp"
#include "sync/base/timeout.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::daemon {
namespace {

using store::WatchEvent;
using store::WatchKind;

constexpr Duration kRemovalsSettle = std::chrono::seconds(10);
constexpr std::size_t kMostExpected = 100'000;

}  // namespace

LocalWatch::LocalWatch(WatchHub& hub, Clock& clock, Log& log, asio::any_io_executor executor, std::filesystem::path root,
                       LocalWatchListener listener)
    : hub_(hub), clock_(clock), log_(log), root_(std::move(root)), listener_(std::move(listener)), news_(executor) {}

LocalWatch::~LocalWatch() {
  for (const auto& [path, id] : watched_) hub_.unwatch(id);
}

void LocalWatch::watch(const std::map<MailboxName, std::string>& directories) {
  watch_folders(root_);
  for (const auto& [mailbox, directory] : directories) {
    folders_[mailbox].mailbox = mailbox;
    const auto folder = directory.empty() ? root_ : root_ / directory;
    watch_folders(folder);
    for (auto above = folder.parent_path(); above.string().size() > root_.string().size(); above = above.parent_path()) watch_folders(above);
    for (const auto* place : {"new", "cur"}) watch_messages(mailbox, folder / place);
  }
}

void LocalWatch::watch_messages(const MailboxName& mailbox, const std::filesystem::path& directory) {
  if (watched_.contains(directory)) return;
  const auto listener = [this, mailbox, directory](const WatchEvent& event) {
    if (event.kind == WatchKind::overflow) return listener_.on_everything();
    if (event.kind == WatchKind::self_gone) {
      watched_.erase(directory);
      return listener_.on_folders();
    }
    on_message_event(folders_[mailbox], event);
  };
  const auto id = hub_.watch(directory, store::WatchFor::messages, listener);
  if (id)
    watched_.emplace(directory, *id);
  else if (id.error().kind != ErrorKind::missing)
    log_.warn("can't watch {}: {}; changes there are found by polling", directory.string(), id.error().message);
}

void LocalWatch::watch_folders(const std::filesystem::path& directory) {
  if (watched_.contains(directory)) return;
  const auto listener = [this, directory](const WatchEvent& event) { on_folder_event(directory, event); };
  const auto id = hub_.watch(directory, store::WatchFor::folders, listener);
  if (id) watched_.emplace(directory, *id);
}

void LocalWatch::on_folder_event(const std::filesystem::path& directory, const WatchEvent& event) {
  if (event.kind == WatchKind::self_gone) forget(directory);
  if (event.kind != WatchKind::self_gone && event.kind != WatchKind::overflow && event.name == "tmp") return;
  listener_.on_folders();
}

/// The watches below a directory go along with it when it is renamed: what happens there would be told of the old name.
void LocalWatch::forget(std::filesystem::path directory) {
  watched_.erase(directory);
  const auto below = directory.string() + '/';
  std::erase_if(watched_, [&](const auto& entry) {
    const bool gone = entry.first.string().starts_with(below);
    if (gone) hub_.unwatch(entry.second);
    return gone;
  });
}

void LocalWatch::expect(const std::string& path) {
  if (expected_.size() < kMostExpected) expected_.insert(std::filesystem::path(path).filename().string());
}

void LocalWatch::on_message_event(Folder& folder, const WatchEvent& event) {
  if (event.name.starts_with('.')) return;
  if (event.kind == WatchKind::moved_in) {
    if (const auto ours = expected_.find(event.name); ours != expected_.end()) {
      expected_.erase(ours);
      return;
    }
  }
  const std::string unique(store::split_name(event.name).unique);
  const auto now = clock_.steady_now();
  if (event.kind == WatchKind::gone) {
    folder.removed.insert(unique);
    folder.last_removal = now;
  } else {
    folder.removed.erase(unique);
  }
  if (event.kind == WatchKind::moved_in) folder.arrived_whole.insert(unique);
  if (event.kind == WatchKind::written) folder.written.insert(unique);
  folder.settle.happened(now);
  news_.notify();
}

std::set<MailboxName> LocalWatch::losing() const {
  std::set<MailboxName> mailboxes;
  for (const auto& [name, folder] : folders_)
    if (!folder.removed.empty()) mailboxes.insert(name);
  return mailboxes;
}

std::optional<SteadyTime> LocalWatch::next_due() const {
  std::optional<SteadyTime> first;
  for (const auto& [name, folder] : folders_)
    if (const auto due = folder.settle.due(); due && (!first || *due < *first)) first = due;
  return first;
}

/// A file that went from one folder may have come into another one: that one is told along with it (semantics, hard case 1).
void LocalWatch::tell_due() {
  const auto now = clock_.steady_now();
  const auto is_due = [&](const Folder& folder) { return folder.settle.due() && *folder.settle.due() <= now; };
  const bool lost = std::any_of(folders_.begin(), folders_.end(),
                                [&](const auto& entry) { return is_due(entry.second) && !entry.second.removed.empty(); });
  for (auto& [name, folder] : folders_) {
    const bool with_the_others = lost && !folder.arrived_whole.empty();
    if (with_the_others ? folder.settle.take_early() : folder.settle.take(now)) tell(folder);
  }
}

void LocalWatch::tell(Folder& folder) {
  sync::LocalHint hint;
  hint.arrived_whole = std::exchange(folder.arrived_whole, {});
  hint.written = std::exchange(folder.written, {});
  const auto now = clock_.steady_now();
  if (folder.removed.size() > 1 && folder.last_removal && now < *folder.last_removal + kRemovalsSettle) {
    hint.removals = sync::Removals::later;
    // Looked at again when the time has passed; a further removal begins it anew.
    store::Settle wait({kRemovalsSettle, kRemovalsSettle});
    wait.happened(*folder.last_removal);
    folder.settle = wait;
  } else {
    folder.removed.clear();
    folder.last_removal.reset();
    folder.settle = store::Settle();
  }
  listener_.on_mailbox(folder.mailbox, std::move(hint));
}

Task<void> LocalWatch::run() {
  while (true) {
    const auto due = next_due();
    if (!due) {
      co_await news_.wait();
      continue;
    }
    co_await clock_.sleep_until(*due);
    tell_due();
  }
}

}  // namespace mailmirror::daemon
