#include "sync/execute/purge.hpp"

#include "imap/client/expunge.hpp"
#include "imap/client/fetch.hpp"
#include "sync/execute/file_names.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace mailmirror::sync {
namespace {

class Purge {
 public:
  Purge(MailboxWork work, imap::client::Session& session, UidSet uids) : work_(work), session_(session), uids_(std::move(uids)) {}

  Task<Result<PurgeReport>> run() {
    auto look = [this] { return keep_marked_here(); };
    const auto looked = co_await work_.account.pool.run(look);
    MAILMIRROR_CO_TRY(looked);
    const auto marked = co_await keep_marked_there();
    MAILMIRROR_CO_TRY(marked);
    if (uids_.empty()) co_return std::move(report_);
    const auto expunged = co_await expunge();
    MAILMIRROR_CO_TRY(expunged);
    const auto gone = co_await keep_gone();
    MAILMIRROR_CO_TRY(gone);
    report_.there.deleted = uids_.size();
    auto taken = co_await move_to_attic(work_, uids_);
    MAILMIRROR_CO_TRY(taken);
    report_.to_attic = *taken;
    co_return std::move(report_);
  }

 private:
  /// Blocking.
  Result<void> keep_marked_here() {
    UidSet marked;
    for (const auto& record : work_.account.db.read().records(work_.state.id, uids_)) {
      const auto file = work_.folder.find(record.unique);
      MAILMIRROR_TRY(file);
      if (!*file || !flags_of(**file, work_.keywords, record.flags).contains(Flag::deleted)) continue;
      marked.insert(record.uid);
      records_.emplace(record.uid, record);
    }
    uids_ = std::move(marked);
    return ok();
  }

  Task<Result<void>> keep_marked_there() {
    if (uids_.empty()) co_return ok();
    const auto summaries = co_await imap::client::fetch_summaries(session_, uids_);
    MAILMIRROR_CO_TRY(summaries);
    UidSet marked;
    for (const auto& message : *summaries) {
      const auto& record = records_.at(message.uid);
      const bool same = message.internal_date == record.internal_date && message.size == record.server_size;
      if (same && message.flags.contains(Flag::deleted)) marked.insert(message.uid);
    }
    uids_ = std::move(marked);
    co_return ok();
  }

  Task<Result<void>> expunge() {
    if (session_.capabilities().has(imap::client::Extension::uidplus)) {
      auto done = co_await imap::client::uid_expunge(session_, uids_);
      co_return done;
    }
    const auto outcome = co_await imap::client::expunge_exactly(session_, uids_);
    MAILMIRROR_CO_TRY(outcome);
    if (*outcome == imap::client::ExpungeOutcome::others_are_deleted_too)
      report_.there.notes.push_back(fmt::format("{} message(s) are \\Deleted on both sides but not expunged: the server can't expunge single "
                                                "messages (no UIDPLUS), and others there are \\Deleted too",
                                                uids_.size()));
    co_return ok();
  }

  /// Another client may have taken the mark back in between: what answers stays.
  Task<Result<void>> keep_gone() {
    const auto left = co_await imap::client::fetch_flags(session_, uids_, std::nullopt);
    MAILMIRROR_CO_TRY(left);
    UidSet alive;
    for (const auto& message : *left) alive.insert(message.uid);
    uids_.erase(alive);
    co_return ok();
  }

  MailboxWork work_;
  imap::client::Session& session_;
  UidSet uids_;
  std::map<Uid, store::Record> records_;
  PurgeReport report_;
};

}  // namespace

Task<Result<PurgeReport>> purge(MailboxWork work, imap::client::Session& session, UidSet uids) {
  if (uids.empty()) co_return PurgeReport{};
  Purge purge(work, session, std::move(uids));
  auto report = co_await purge.run();
  co_return std::move(report);
}

}  // namespace mailmirror::sync
