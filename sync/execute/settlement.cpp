#include "sync/execute/settlement.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/select.hpp"
#include "store/files/outgoing.hpp"
#include "sync/execute/deletions.hpp"
#include "sync/execute/digest_sink.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

using imap::client::MessageSummary;

constexpr Duration kSettleTime = std::chrono::seconds(5);
/// A message that the server accepted so long ago, and doesn't list, was expunged by somebody else before we saw it.
constexpr std::chrono::seconds kExpungedAfter = std::chrono::minutes(1);

struct Match {
  store::Intent intent;
  MessageSummary message;
};

class Settlement {
 public:
  Settlement(MailboxWork work, imap::client::Session& session, std::vector<store::Intent> intents, UidSet recorded)
      : work_(work), session_(session), open_(std::move(intents)), recorded_(std::move(recorded)), begun_(work_.account.clock.system_now()) {}

  Task<Result<SettlementReport>> run() {
    auto first = co_await look();
    MAILMIRROR_CO_TRY(first);
    auto uid_next = *first;
    while (certain_absence_needed()) {
      co_await work_.account.clock.sleep(kSettleTime);
      auto again = co_await look();
      MAILMIRROR_CO_TRY(again);
      const bool stable = uid_next && *again == uid_next;
      uid_next = *again;
      if (stable) break;
    }
    auto written = co_await write_down();
    MAILMIRROR_CO_TRY(written);
    co_return report_;
  }

 private:
  /// A server that said OK has the message: its absence means only that this listing doesn't show it yet.
  [[nodiscard]] bool certain_absence_needed() const {
    return std::any_of(open_.begin(), open_.end(), [this](const auto& i) { return ends_by_absence(i); });
  }

  [[nodiscard]] bool ends_by_absence(const store::Intent& intent) const {
    return intent.state != store::IntentState::confirmed || intent.created + kExpungedAfter <= begun_;
  }

  /// One complete look; matched intents leave `open_`. Returns UIDNEXT as the SELECT told it.
  Task<Result<std::optional<Uid>>> look() {
    imap::client::SelectRequest request;
    request.mailbox = work_.state.name;
    request.access = imap::client::Access::read_write;
    auto selected = co_await imap::client::select(session_, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    const auto uid_next = selected->uid_next;
    auto candidates = candidate_uids(*selected);
    if (candidates.empty() || open_.empty()) co_return uid_next;
    auto summaries = co_await imap::client::fetch_summaries(session_, candidates);
    MAILMIRROR_CO_TRY(summaries);
    auto matched = co_await match(std::move(*summaries));
    MAILMIRROR_CO_TRY(matched);
    co_return uid_next;
  }

  /// After a UIDVALIDITY change, or where UIDNEXT wasn't known, the whole mailbox.
  [[nodiscard]] UidSet candidate_uids(const imap::client::Selected& selected) const {
    auto first = Uid{0xffffffff};
    for (const auto& intent : open_) {
      const bool same = intent.uid_validity == selected.uid_validity && intent.uid_next_then != Uid{};
      first = std::min(first, same ? intent.uid_next_then : Uid{1});
    }
    UidSet range;
    const auto end = selected.uid_next.value_or(Uid{0xffffffff});
    if (selected.exists > 0 && first < end) range.insert(UidRange{first, Uid{end.value() - 1}});
    return range - recorded_ - claimed_;
  }

  Task<Result<void>> match(std::vector<MessageSummary> summaries) {
    UidSet worth_reading;
    for (const auto& message : summaries)
      if (plausible(message)) worth_reading.insert(message.uid);
    DigestSink sink;
    if (!worth_reading.empty()) {
      auto fetched = co_await imap::client::fetch_bodies(session_, worth_reading, sink);
      MAILMIRROR_CO_TRY(fetched);
    }
    claim(summaries, [&](const store::Intent& intent, const MessageSummary& message) {
      const auto digest = sink.digests().find(message.uid);
      return digest != sink.digests().end() && digest->second == intent.wire_digest;
    });
    // A server that rewrites what it stores: the bytes differ, but nobody else gave this Message-ID with exactly this date.
    claim(summaries, [](const store::Intent& intent, const MessageSummary& message) {
      return !intent.message_id.empty() && message.message_id == intent.message_id && message.internal_date == intent.internal_date;
    });
    co_return ok();
  }

  [[nodiscard]] bool plausible(const MessageSummary& message) const {
    if (session_.has(imap::client::Quirk::estimated_sizes)) return true;
    return std::any_of(open_.begin(), open_.end(), [&](const store::Intent& intent) {
      return message.size == intent.wire_size || message.message_id == intent.message_id;
    });
  }

  template <class Same>
  void claim(const std::vector<MessageSummary>& summaries, Same same) {
    for (const auto& message : summaries) {
      if (claimed_.contains(message.uid)) continue;
      const auto found = std::find_if(open_.begin(), open_.end(), [&](const auto& intent) { return same(intent, message); });
      if (found == open_.end()) continue;
      claimed_.insert(message.uid);
      matches_.push_back({*found, message});
      open_.erase(found);
    }
  }

  Task<Result<void>> write_down() {
    const auto buried = co_await bury_expunged();
    MAILMIRROR_CO_TRY(buried);
    auto job = [this] {
      auto commit = [this](store::WriteTxn& txn) {
        for (const auto& one : matches_) bind(txn, one);
        for (const auto& intent : open_)
          if (ends_by_absence(intent)) txn.erase_intent(intent.id);
      };
      return work_.account.db.write(commit);
    };
    auto done = co_await work_.account.pool.run(job);
    MAILMIRROR_CO_TRY(done);
    report_.found = matches_.size();
    for (const auto& one : matches_)
      if (one.intent.state != store::IntentState::moving) ++report_.uploads;
    for (const auto& intent : open_) {
      ++(ends_by_absence(intent) ? report_.absent : report_.open);
      if (intent.state == store::IntentState::moving) report_.unmoved.insert(intent.unique);
    }
    co_return ok();
  }

  /// The deletion wins, and the attic keeps the bytes; before the intent goes, else the file would be a new one.
  Task<Result<void>> bury_expunged() {
    std::vector<NewFile> files;
    for (const auto& intent : open_)
      if (intent.state == store::IntentState::confirmed && ends_by_absence(intent)) files.emplace_back().unique = intent.unique;
    const auto buried = co_await move_files_to_attic(work_, std::move(files));
    MAILMIRROR_CO_TRY(buried);
    report_.buried = *buried;
    co_return ok();
  }

  /// The file, if it is still there, is this message now; if it is gone, the record lets the deletion follow.
  void bind(store::WriteTxn& txn, const Match& one) {
    store::Record record;
    record.uid = one.message.uid;
    record.state = store::RecordState::present;
    record.flags = one.intent.flags & one.message.flags;
    record.unique = one.intent.unique;
    record.server_size = one.message.size;
    record.internal_date = one.message.internal_date;
    record.message_id = one.message.message_id;
    record.identity = one.message.identity;
    record.served = one.intent.wire_digest;
    describe_file(record, one.intent.wire_digest);
    txn.attribute_to(store::ChangeOrigin::local);
    txn.put(work_.state.id, record);
    txn.erase_intent(one.intent.id);
  }

  /// A file that was edited since it was sent isn't described: the next scan finds that it holds other bytes (hard case 14).
  void describe_file(store::Record& record, const Digest& sent) {
    const auto file = work_.folder.find(record.unique);
    if (!file || !*file) return;
    const auto form = store::inspect(work_.folder, **file);
    if (!form) return;
    const bool converted = form->wire_digest == sent || (form->without_tuid && form->without_tuid->wire_digest == sent);
    if (!converted && form->file_digest != sent) return;
    record.digest = form->file_digest;
    record.file_size = form->before.size;
    record.line_ends = converted ? form->line_ends : store::LineEnds::as_served;
  }

  MailboxWork work_;
  imap::client::Session& session_;
  std::vector<store::Intent> open_;
  UidSet recorded_;
  SystemTime begun_;
  UidSet claimed_;
  std::vector<Match> matches_;
  SettlementReport report_;
};

}  // namespace

Task<Result<SettlementReport>> settle_uploads(MailboxWork work, imap::client::Session& session, std::vector<store::Intent> intents,
                                              UidSet recorded) {
  if (intents.empty()) co_return SettlementReport{};
  Settlement settlement(work, session, std::move(intents), std::move(recorded));
  auto report = co_await settlement.run();
  co_return std::move(report);
}

}  // namespace mailmirror::sync
