#include "sync/execute/rematch.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/search.hpp"
#include "sync/execute/digest_sink.hpp"
#include "sync/plan/rematcher.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mailmirror::sync {
namespace {

using imap::client::MessageSummary;

class Rematch {
 public:
  Rematch(MailboxWork work, imap::client::Session& session, UidValidity now) : work_(work), session_(session), now_(now) {}

  Task<Result<RematchReport>> run() {
    auto load = [this] { load_records(); };
    co_await work_.account.pool.run(load);
    const auto listed = co_await list_everything();
    MAILMIRROR_CO_TRY(listed);
    const auto matched = co_await match();
    MAILMIRROR_CO_TRY(matched);
    auto store = [this] { return write_down(); };
    const auto stored = co_await work_.account.pool.run(store);
    MAILMIRROR_CO_TRY(stored);
    co_return report_;
  }

 private:
  /// Blocking. An earlier orphan may be found this time.
  void load_records() {
    const auto read = work_.account.db.read();
    read.for_each_record(work_.state.id, [this](const store::Record& record) { records_.push_back({work_.state.uid_validity, record}); });
    orphans_before_ = read.orphans(work_.state.id);
    records_.insert(records_.end(), orphans_before_.begin(), orphans_before_.end());
    new_uids_.resize(records_.size());
  }

  Task<Result<void>> list_everything() {
    if (records_.empty()) co_return ok();
    auto uids = co_await imap::client::search_all_uids(session_);
    MAILMIRROR_CO_TRY(uids);
    if (uids->empty()) co_return ok();
    auto messages = co_await imap::client::fetch_summaries(session_, std::move(*uids));
    MAILMIRROR_CO_TRY(messages);
    messages_ = std::move(*messages);
    co_return ok();
  }

  Task<Result<void>> match() {
    const bool sizes_count = !session_.has(imap::client::Quirk::estimated_sizes);
    std::vector<MessageTraits> records;
    for (const auto& [validity, r] : records_) records.push_back({r.message_id, sizes_count ? r.server_size : 0, r.internal_date, r.identity});
    std::vector<MessageTraits> messages;
    for (const auto& m : messages_) messages.push_back({m.message_id, sizes_count ? m.size : 0, m.internal_date, m.identity});
    const auto matching = rematch_by_traits(records, messages);
    for (const auto& [record, message] : matching.pairs) take(record, message);
    if (matching.doubtful.empty()) co_return ok();
    auto read = co_await read_doubtful(matching.doubtful);
    co_return read;
  }

  Task<Result<void>> read_doubtful(std::vector<std::size_t> doubtful) {
    UidSet uids;
    for (const auto n : doubtful) uids.insert(messages_[n].uid);
    DigestSink sink;
    const auto fetched = co_await imap::client::fetch_bodies(session_, uids, sink);
    MAILMIRROR_CO_TRY(fetched);
    std::vector<std::optional<Digest>> records;
    for (std::size_t n = 0; n < records_.size(); ++n) {
      const auto& record = records_[n].record;
      records.push_back(!new_uids_[n] && record.served != Digest{} ? std::optional(record.served) : std::nullopt);
    }
    std::vector<std::optional<Digest>> messages(messages_.size());
    for (const auto n : doubtful)
      if (const auto digest = sink.digests().find(messages_[n].uid); digest != sink.digests().end()) messages[n] = digest->second;
    for (const auto& [record, message] : rematch_by_digest(records, messages)) take(record, message);
    co_return ok();
  }

  void take(std::size_t record, std::size_t message) {
    new_uids_[record] = message;
    ++report_.matched;
  }

  /// Blocking.
  Result<void> write_down() {
    auto& state = work_.state;
    auto commit = [&](store::WriteTxn& txn) {
      txn.attribute_to(store::ChangeOrigin::both);
      txn.drop_records(state.id);
      for (const auto& orphan : orphans_before_) txn.erase(state.id, orphan);
      for (std::size_t n = 0; n < records_.size(); ++n) settle(txn, n);
      state.uid_validity = now_;
      state.uid_next = Uid{};
      state.highest_modseq = ModSeq{};
      state.remote_messages = 0;
      txn.put(state);
    };
    return work_.account.db.write(commit);
  }

  /// What was known of the server's side is as it is now, except for the flags: these are still the base.
  void settle(store::WriteTxn& txn, std::size_t n) {
    auto& old = records_[n];
    if (new_uids_[n]) {
      const auto& message = messages_[*new_uids_[n]];
      old.record.uid = message.uid;
      old.record.server_size = message.size;
      old.record.internal_date = message.internal_date;
      old.record.identity = message.identity;
      txn.put(work_.state.id, old.record);
    } else if (old.record.state == store::RecordState::present) {
      ++report_.unmatched;
      txn.put(work_.state.id, old);
    }
  }

  MailboxWork work_;
  imap::client::Session& session_;
  UidValidity now_;
  std::vector<store::Orphan> records_;
  std::vector<store::Orphan> orphans_before_;
  std::vector<MessageSummary> messages_;
  std::vector<std::optional<std::size_t>> new_uids_;  ///< a record's place in `messages_`
  RematchReport report_;
};

}  // namespace

Task<Result<RematchReport>> rematch(MailboxWork work, imap::client::Session& session, UidValidity now) {
  Rematch matching(work, session, now);
  auto report = co_await matching.run();
  co_return report;
}

}  // namespace mailmirror::sync
