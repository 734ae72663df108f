#include "sync/observe/recent_deletions.hpp"

#include <algorithm>

namespace mailmirror::sync {
namespace {

using store::ChangeKind;
using store::ChangeOrigin;
using store::HistoryEntry;

constexpr std::chrono::hours kWindow{1};

class Window {
 public:
  explicit Window(store::MailboxId mailbox) : mailbox_(mailbox) {}

  void add(const HistoryEntry& entry) {
    if (entry.mailbox != mailbox_) return;
    if (entry.kind == ChangeKind::added || entry.kind == ChangeKind::moved) ++came_;
    if (entry.kind != ChangeKind::removed) return;
    ++went_;
    if (entry.origin == ChangeOrigin::local) ++recent_.on_server;
    if (entry.origin == ChangeOrigin::remote) ++recent_.here;
  }

  [[nodiscard]] RecentDeletions of(std::uint64_t messages_now) const {
    auto recent = recent_;
    const auto all = messages_now + went_;
    recent.messages_then = all - std::min(all, came_);
    return recent;
  }

 private:
  store::MailboxId mailbox_;
  RecentDeletions recent_;
  std::uint64_t came_ = 0;
  std::uint64_t went_ = 0;
};

}  // namespace

RecentDeletions recent_deletions(const store::ReadTxn& read, store::MailboxId mailbox, std::chrono::sys_seconds now) {
  const auto begin = std::max(std::chrono::sys_seconds(now - kWindow), read.deletions_approved(mailbox));
  Window window(mailbox);
  read.for_each_change([&](const HistoryEntry& entry) {
    if (entry.time <= begin) return store::ReadTxn::Visit::enough;
    window.add(entry);
    return store::ReadTxn::Visit::more;
  });
  return window.of(read.count(mailbox));
}

}  // namespace mailmirror::sync
