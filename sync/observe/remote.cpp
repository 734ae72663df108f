#include "sync/observe/remote.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/search.hpp"
#include "imap/client/select.hpp"
#include "sync/observe/listing.hpp"

#include <algorithm>

namespace mailmirror::sync {
namespace {

using imap::client::MessageFlags;
using imap::client::MessageSummary;
using imap::client::Selected;
using imap::client::Session;

/// The MODSEQ of a server that has just begun to count.
constexpr ModSeq kForgotten{1};

UidSet uids_of(const std::vector<MessageFlags>& messages) {
  UidSet uids;
  for (const auto& message : messages) uids.insert(message.uid);
  return uids;
}

UidSet from_to(Uid first, std::optional<Uid> end) {
  UidSet range;
  if (!end || first < *end) range.insert(UidRange{first, end ? Uid{end->value() - 1} : Uid{0xffffffff}});
  return range;
}

/// One observation; each step a rung of the ladder.
class Observer {
 public:
  Observer(Session& session, store::MailboxState state, KnownMessages known)
      : session_(session),
        state_(std::move(state)),
        known_(std::move(known.uids)),
        pending_(std::move(known.pending)),
        landmark_(known.landmark) {}

  Task<Result<RemoteObservation>> run() {
    const bool resync = session_.enabled(imap::client::Extension::qresync) && has_delta_point();
    auto selected = co_await open(resync);
    MAILMIRROR_CO_TRY(selected);
    selected_ = std::move(*selected);
    if (const auto upheaval = upheaval_of(state_, selected_, known_); upheaval != Upheaval::none) co_return only(upheaval);
    const bool tracked = selected_.highest_modseq && *selected_.highest_modseq > kForgotten && has_delta_point();
    auto done = resync && tracked ? take_resync() : ok();
    if (!resync || !tracked) {
      auto listed = tracked ? changed_since() : full_listing();
      done = co_await std::move(listed);
    }
    MAILMIRROR_CO_TRY(done);
    auto rest = co_await settle_count_and_summaries();
    MAILMIRROR_CO_TRY(rest);
    if (landmark_is_another_message()) co_return only(Upheaval::went_back);
    co_return finish();
  }

 private:
  [[nodiscard]] bool has_delta_point() const { return state_.highest_modseq != ModSeq{} && state_.uid_next != Uid{}; }

  Task<Result<Selected>> open(bool resync) {
    imap::client::SelectRequest request;
    request.mailbox = state_.name;
    request.access = imap::client::Access::read_write;
    if (resync) {
      request.resync = imap::client::Resync{state_.uid_validity, state_.highest_modseq, std::nullopt};
      // Positions are only right where every message of then has a record; UIDONLY has none (RFC 9586 §3).
      const bool all_known = !known_.empty() && known_.size() == state_.remote_messages;
      if (all_known && !session_.enabled(imap::client::Extension::uidonly)) request.resync->known = known_;
    }
    return imap::client::select(session_, std::move(request));
  }

  /// QRESYNC (RFC 7162 §3.2.5): the SELECT itself told flags and expunges.
  Result<void> take_resync() {
    flags_ = std::move(selected_.changed);
    expunged_ = selected_.vanished & known_;
    return ok();
  }

  /// CONDSTORE (RFC 7162 §3.1.4): changed flags by MODSEQ; expunges only by counting, then listing.
  Task<Result<void>> changed_since() {
    if (selected_.highest_modseq == state_.highest_modseq) co_return ok();
    auto changed = co_await imap::client::fetch_flags(session_, std::nullopt, state_.highest_modseq);
    MAILMIRROR_CO_TRY(changed);
    flags_ = std::move(*changed);
    co_return ok();
  }

  Task<Result<void>> full_listing() {
    if (selected_.exists == 0) {
      expunged_ = known_;
      co_return ok();
    }
    if (known_.empty()) co_return ok();
    auto all = co_await imap::client::fetch_flags(session_, std::nullopt, std::nullopt);
    MAILMIRROR_CO_TRY(all);
    flags_ = std::move(*all);
    expunged_ = proven_absent(known_, uids_of(flags_), selected_.exists, session_.window());
    co_return ok();
  }

  Task<Result<void>> settle_count_and_summaries() {
    auto unknown = (uids_of(flags_) | (selected_.exists > 0 ? new_range() : UidSet{})) - known_;
    // Beside the new ones it costs next to nothing.
    UidSet also;
    if (landmark_ && !unknown.empty() && !expunged_.contains(landmark_->uid)) also.insert(landmark_->uid);
    auto summaries = co_await summaries_of(unknown | pending_ | also);
    MAILMIRROR_CO_TRY(summaries);
    look_at_landmark(*summaries);
    const auto expected = (known_ - expunged_).size() + uids_not_known(*summaries);
    if (expected == selected_.exists) {
      summaries_ = std::move(*summaries);
      co_return ok();
    }
    // The count tells that something was missed (hard case 13): only a full listing of UIDs settles it.
    auto listing = co_await imap::client::search_all_uids(session_);
    MAILMIRROR_CO_TRY(listing);
    // What the listing shows is alive, whatever was said to have vanished.
    expunged_ = (expunged_ | proven_absent(known_, *listing, selected_.exists, session_.window())) - *listing;
    auto all = co_await summaries_of((*listing - known_) | (pending_ & *listing));
    MAILMIRROR_CO_TRY(all);
    summaries_ = std::move(*all);
    co_return ok();
  }

  void look_at_landmark(std::vector<MessageSummary>& summaries) {
    const auto is_it = [this](const MessageSummary& m) { return landmark_ && m.uid == landmark_->uid; };
    const auto found = std::find_if(summaries.begin(), summaries.end(), is_it);
    if (found == summaries.end() || pending_.contains(found->uid)) return;
    const bool same_size = found->size == landmark_->size || session_.has(imap::client::Quirk::estimated_sizes);
    another_message_ = found->internal_date != landmark_->internal_date || !same_size;
    summaries.erase(found);
  }
  [[nodiscard]] bool landmark_is_another_message() const { return another_message_; }

  /// What no record can stand for yet; at the first pass the whole mailbox.
  [[nodiscard]] UidSet new_range() const {
    if (known_.empty()) return from_to(Uid{1}, selected_.uid_next);
    return state_.uid_next == Uid{} ? UidSet{} : from_to(state_.uid_next, selected_.uid_next);
  }

  [[nodiscard]] std::uint64_t uids_not_known(const std::vector<MessageSummary>& summaries) const {
    return static_cast<std::uint64_t>(
        std::count_if(summaries.begin(), summaries.end(), [this](const MessageSummary& m) { return !known_.contains(m.uid); }));
  }

  Task<Result<std::vector<MessageSummary>>> summaries_of(UidSet uids) {
    if (uids.empty()) co_return std::vector<MessageSummary>{};
    auto summaries = co_await imap::client::fetch_summaries(session_, std::move(uids));
    co_return std::move(summaries);
  }

  [[nodiscard]] RemoteObservation only(Upheaval upheaval) const {
    RemoteObservation seen;
    seen.upheaval = upheaval;
    seen.checkpoint.uid_validity = selected_.uid_validity;
    return seen;
  }

  RemoteObservation finish() {
    RemoteObservation seen;
    for (auto& m : summaries_)
      seen.changes.reported.push_back({m.uid, std::move(m.flags), m.size, m.internal_date, std::move(m.message_id), std::move(m.identity)});
    for (auto& m : flags_)
      if (known_.contains(m.uid) && !pending_.contains(m.uid)) seen.changes.reported.push_back({m.uid, std::move(m.flags), 0, {}, {}, {}});
    auto& all = seen.changes.reported;
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    all.erase(std::unique(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.uid == b.uid; }), all.end());
    seen.changes.expunged = std::move(expunged_);
    seen.changes.writable = selected_.access == imap::client::Access::read_write ? Writable::yes : Writable::no;
    seen.checkpoint = {selected_.uid_validity, selected_.uid_next.value_or(Uid{}), selected_.highest_modseq.value_or(ModSeq{}),
                       selected_.exists};
    seen.settable = selected_.permanent_flags;
    seen.any_keyword_settable = selected_.keywords == imap::client::KeywordPolicy::any;
    return seen;
  }

  Session& session_;
  store::MailboxState state_;
  UidSet known_;
  UidSet pending_;
  std::optional<Landmark> landmark_;
  bool another_message_ = false;
  Selected selected_;
  std::vector<MessageFlags> flags_;
  std::vector<MessageSummary> summaries_;
  UidSet expunged_;
};

}  // namespace

Upheaval upheaval_of(const store::MailboxState& state, const Selected& now, const UidSet& known) {
  if (state.uid_validity == UidValidity{}) return Upheaval::none;
  if (now.uid_validity != state.uid_validity) return Upheaval::renumbered;
  const bool uids_reused = now.uid_next && !known.empty() && *now.uid_next <= known.highest();
  const bool modseq_went_back = now.highest_modseq && *now.highest_modseq > kForgotten && *now.highest_modseq < state.highest_modseq;
  return uids_reused || modseq_went_back ? Upheaval::went_back : Upheaval::none;
}

KnownMessages known_messages(const store::ReadTxn& read, store::MailboxId mailbox) {
  KnownMessages known;
  known.uids = read.uids(mailbox);
  const auto highest = known.uids.empty() ? std::nullopt : read.record(mailbox, known.uids.highest());
  if (highest && highest->state == store::RecordState::present && highest->server_size != 0)
    known.landmark = Landmark{highest->uid, highest->internal_date, highest->server_size};
  return known;
}

Task<Result<RemoteObservation>> observe_remote(Session& session, store::MailboxState state, KnownMessages known) {
  Observer observer(session, std::move(state), std::move(known));
  auto observation = co_await observer.run();
  co_return std::move(observation);
}

}  // namespace mailmirror::sync
