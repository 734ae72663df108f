#include "sync/history/passes.hpp"

namespace mailmirror::sync {
namespace {

using store::ChangeKind;
using store::HistoryEntry;
using Visit = store::ReadTxn::Visit;

void count(PassSummary& pass, const HistoryEntry& entry) {
  pass.mailboxes.insert(entry.name);
  switch (entry.kind) {
    case ChangeKind::added: ++pass.added; return;
    case ChangeKind::removed:
      ++pass.removed;
      if (!entry.restored_as.empty())
        ++pass.restored;
      else if (!entry.resting.empty())
        ++pass.resting;
      return;
    case ChangeKind::flags_changed: ++pass.flags_changed; return;
    case ChangeKind::moved: ++pass.moved; return;
    case ChangeKind::mailbox_created:
    case ChangeKind::mailbox_renamed:
    case ChangeKind::mailbox_removed: ++pass.mailboxes_changed; return;
  }
}

}  // namespace

std::vector<PassSummary> passes_of(const store::ReadTxn& read, const PassQuery& query) {
  std::vector<PassSummary> passes;
  read.for_each_change([&](const HistoryEntry& entry) {
    if (!query.mailbox.empty() && entry.name != query.mailbox) return Visit::more;
    if (query.show == PassQuery::Show::removals && entry.kind != ChangeKind::removed) return Visit::more;
    if (passes.empty() || passes.back().number != entry.pass) {
      if (passes.size() == query.at_most) return Visit::enough;
      passes.push_back({entry.pass, entry.time, 0, 0, 0, 0, 0, 0, 0, {}});
    }
    count(passes.back(), entry);
    return Visit::more;
  });
  return passes;
}

}  // namespace mailmirror::sync
