#include "sync/history/removals.hpp"

#include <map>

namespace mailmirror::sync {
namespace {

using store::ChangeKind;
using store::HistoryEntry;
using Visit = store::ReadTxn::Visit;

class Search {
 public:
  Search(const store::ReadTxn& read, const UndoRequest& request) : request_(request), pass_(request.pass) {
    for (const auto& state : read.mailboxes()) names_.emplace(state.id, state.name.utf8());
  }

  Visit visit(const HistoryEntry& entry) {
    if (is_behind(entry)) return Visit::enough;
    if (entry.kind == ChangeKind::added || entry.kind == ChangeKind::moved) found_.came_since.insert(entry.unique);
    if (entry.kind != ChangeKind::removed || !is_of_mailbox(entry)) return Visit::more;
    if (!pass_ && !request_.since) pass_ = entry.pass;
    if (!pass_ || entry.pass == *pass_) found_.entries.push_back(entry);
    return Visit::more;
  }

  UndoChoice take() { return std::move(found_); }

 private:
  [[nodiscard]] bool is_behind(const HistoryEntry& entry) const {
    return (pass_ && entry.pass < *pass_) || (request_.since && entry.time < *request_.since);
  }

  [[nodiscard]] bool is_of_mailbox(const HistoryEntry& entry) const {
    if (request_.mailbox.empty() || entry.name == request_.mailbox) return true;
    const auto now = names_.find(entry.mailbox);
    return now != names_.end() && now->second == request_.mailbox;
  }

  const UndoRequest& request_;
  std::optional<std::uint64_t> pass_;
  std::map<store::MailboxId, std::string> names_;
  UndoChoice found_;
};

}  // namespace

UndoChoice removals_meant(const store::ReadTxn& read, const UndoRequest& request) {
  Search search(read, request);
  read.for_each_change([&](const HistoryEntry& entry) { return search.visit(entry); });
  return search.take();
}

}  // namespace mailmirror::sync
