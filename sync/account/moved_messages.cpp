#include "sync/account/moved_messages.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/select.hpp"
#include "store/files/keywords.hpp"
#include "sync/execute/digest_sink.hpp"
#include "sync/execute/edited.hpp"
#include "sync/execute/file_names.hpp"
#include "sync/observe/remote.hpp"
#include "sync/plan/move_matcher.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace mailmirror::sync {
namespace {

struct Come {
  std::size_t to = 0;  ///< position in the queue
  RemoteMessage message;
  UidValidity uid_validity;
};

constexpr std::uint32_t kMostNewcomers = 10'000;

/// By STATUS: whether messages may have come, or gone. Without it anything is possible.
bool may_have_gained(const Candidate& c) {
  if (!c.status || !c.status->uid_next) return true;
  if (*c.status->uid_next <= c.state.uid_next) return false;
  // So many at once are a first mirror; to look at all of them twice would cost more than a download.
  return c.status->uid_next->value() - c.state.uid_next.value() <= kMostNewcomers;
}
bool may_have_lost(const Candidate& c) {
  if (c.state.uid_next == Uid{}) return false;
  if (!c.status || !c.status->uid_next || !c.status->messages) return true;
  const auto come = std::uint64_t{c.status->uid_next->value()} - std::min(c.state.uid_next.value(), c.status->uid_next->value());
  return *c.status->messages < c.state.remote_messages + come;
}

class MovedMessages {
 public:
  MovedMessages(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue, std::vector<Departed> departed,
                Reach reach)
      : account_(account), parts_(std::move(parts)), sessions_(sessions), queue_(queue), departed_(std::move(departed)), reach_(reach) {}

  Task<Result<void>> run() {
    if (!departed_.empty()) {
      const auto fresh = co_await ask_anew();
      MAILMIRROR_CO_TRY(fresh);
    }
    const auto gained = [](const Candidate& c) { return c.remote == RemoteHint::look && may_have_gained(c); };
    const auto lost = [](const Candidate& c) { return c.remote == RemoteHint::look && may_have_lost(c); };
    const bool can_be = !departed_.empty() || std::any_of(queue_.begin(), queue_.end(), lost);
    const bool nothing_came = queue_.size() < 2 || !std::any_of(queue_.begin(), queue_.end(), gained);
    if (!can_be || (departed_.empty() && nothing_came)) co_return ok();
    for (std::size_t n = 0; n < queue_.size(); ++n) {
      if (!gained(queue_[n]) && !lost(queue_[n])) continue;
      const auto looked = co_await observe(n);
      MAILMIRROR_CO_TRY(looked);
    }
    auto pairs = match_moves(traits_of_departed(), traits_of_come());
    const auto doubtful = match_moves_without_id(traits_of_departed(), traits_of_come());
    for (const auto& [from, to] : doubtful) {
      const auto compared = co_await pair_if_same(pairs, from, to);
      MAILMIRROR_CO_TRY(compared);
    }
    const auto chosen = co_await choose_for_moved_files(pairs);
    MAILMIRROR_CO_TRY(chosen);
    auto bring = [&] { return bring_files(pairs); };
    const auto brought = co_await parts_.pool.run(bring);
    co_return brought;
  }

 private:
  using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

  /// What left its mailbox after the list was taken arrived after that, too.
  Task<Result<void>> ask_anew() {
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    if (lease->session().selected()) {
      const auto left = co_await imap::client::unselect(lease->session());
      MAILMIRROR_CO_TRY(left);
    }
    auto listed = co_await imap::client::list_mailboxes(lease->session(), imap::client::StatusItems::counts);
    MAILMIRROR_CO_TRY(listed);
    for (auto& candidate : queue_)
      for (auto& mailbox : *listed) {
        if (mailbox.name != candidate.state.name || !mailbox.status) continue;
        candidate.status = mailbox.status;
        if (may_have_gained(candidate) || may_have_lost(candidate)) candidate.remote = RemoteHint::look;
      }
    co_return ok();
  }

  static bool is_paired(const Pairs& pairs, std::size_t Pairs::value_type::*side, std::size_t place) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.*side == place; });
  }

  Task<Result<void>> pair_if_same(Pairs& pairs, std::size_t from, std::size_t to) {
    if (is_paired(pairs, &Pairs::value_type::first, from) || is_paired(pairs, &Pairs::value_type::second, to)) co_return ok();
    const auto same = co_await has_bytes_of(come_[to], departed_[from].record);
    MAILMIRROR_CO_TRY(same);
    if (*same) pairs.emplace_back(from, to);
    co_return ok();
  }

  /// A file that was moved here can't be left where it is: uploaded, it would be doubled. Which of several equal messages it
  /// becomes doesn't matter.
  Task<Result<void>> choose_for_moved_files(Pairs& pairs) {
    const auto gone = traits_of_departed();
    const auto come = traits_of_come();
    for (std::size_t from = 0; from < gone.size(); ++from) {
      if (departed_[from].directory == departed_[from].from.directory) continue;
      for (std::size_t to = 0; to < come.size(); ++to) {
        const bool alike = gone[from].message_id == come[to].message_id && gone[from].size == come[to].size &&
                           gone[from].internal_date == come[to].internal_date;
        if (!alike) continue;
        const auto compared = co_await pair_if_same(pairs, from, to);
        MAILMIRROR_CO_TRY(compared);
      }
    }
    co_return ok();
  }

  /// An error of one mailbox is told by its own pass.
  Task<Result<void>> observe(std::size_t n) {
    const auto& state = queue_[n].state;
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    auto read = [&] {
      const auto txn = account_.db().read();
      return known_messages(txn, state.id);
    };
    auto base = co_await parts_.pool.run(read);
    const auto known = base.uids;
    auto seen = co_await observe_remote(lease->session(), state, std::move(base));
    if (!seen && lease->session().failure()) co_return seen.error();
    if (!seen || seen->upheaval != Upheaval::none) co_return ok();
    for (auto& message : seen->changes.reported)
      if (!known.contains(message.uid) && !seen->changes.expunged.contains(message.uid))
        come_.push_back({n, std::move(message), seen->checkpoint.uid_validity});
    if (!takes_files(queue_[n].policy)) co_return ok();
    auto gather = [&] { gather_departed(state, seen->changes.expunged); };
    co_await parts_.pool.run(gather);
    co_return ok();
  }

  /// In archive mode nothing is ever taken out of a folder.
  static bool takes_files(const Policy& policy) { return policy.mode != Mode::archive; }

  /// Blocking.
  void gather_departed(const store::MailboxState& state, const UidSet& expunged) {
    if (expunged.empty()) return;
    auto folder = account_.open_folder(state.directory);
    if (!folder) return;
    const auto read = account_.db().read();
    for (auto& record : read.records(state.id, expunged)) {
      if (record.state != store::RecordState::present) continue;
      const auto file = folder->find(record.unique);
      if (file && *file) departed_.push_back({state, std::move(record), state.directory, **file});
    }
  }

  [[nodiscard]] std::vector<MessageTraits> traits_of_departed() const {
    std::vector<MessageTraits> all;
    for (const auto& one : departed_) all.push_back({one.record.message_id, one.record.server_size, one.record.internal_date, one.record.identity});
    return all;
  }
  [[nodiscard]] std::vector<MessageTraits> traits_of_come() const {
    std::vector<MessageTraits> all;
    for (const auto& one : come_) all.push_back({one.message.message_id, one.message.size, one.message.internal_date, one.message.identity});
    return all;
  }

  /// Reads the message: without a Message-ID nothing less proves it.
  Task<Result<bool>> has_bytes_of(Come come, store::Record record) {
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    imap::client::SelectRequest request;
    request.mailbox = queue_[come.to].state.name;
    request.access = imap::client::Access::read_only;
    const auto selected = co_await imap::client::select(lease->session(), std::move(request));
    if (!selected && lease->session().failure()) co_return selected.error();
    if (!selected || selected->uid_validity != come.uid_validity) co_return false;
    DigestSink sink;
    UidSet uids;
    uids.insert(come.message.uid);
    const auto fetched = co_await imap::client::fetch_bodies(lease->session(), std::move(uids), sink);
    if (!fetched && lease->session().failure()) co_return fetched.error();
    const auto digest = sink.digests().find(come.message.uid);
    co_return digest != sink.digests().end() && digest->second == record.served;
  }

  /// Blocking.
  Result<void> bring_files(const std::vector<std::pair<std::size_t, std::size_t>>& pairs) {
    std::set<std::size_t> matched;
    for (const auto& [from, to] : pairs) {
      matched.insert(from);
      const auto brought = bring(departed_[from], come_[to]);
      MAILMIRROR_TRY(brought);
    }
    for (std::size_t n = 0; n < departed_.size(); ++n) {
      const bool moved_here = departed_[n].directory != departed_[n].from.directory;
      if (matched.contains(n) || !moved_here) continue;
      if (reach_ == Reach::some) {
        leave_to_a_wider_pass(departed_[n]);
        continue;
      }
      if (!arrived_already(departed_[n].record)) continue;
      const auto buried = bury(departed_[n]);
      MAILMIRROR_TRY(buried);
    }
    return ok();
  }

  void leave_to_a_wider_pass(const Departed& one) {
    for (auto& candidate : queue_)
      if (candidate.state.directory == one.directory) candidate.sought.files.erase(one.file.unique);
    look_everywhere_ = true;
  }

  /// The message stands in another mailbox, from where a pass before brought it: it was moved there, and its old file here.
  [[nodiscard]] bool arrived_already(const store::Record& record) const {
    const auto read = account_.db().read();
    bool found = false;
    for (const auto& state : read.mailboxes())
      read.for_each_record(state.id, [&](const store::Record& other) {
        const bool itself = other.uid == record.uid && other.unique == record.unique;
        found = found || (!itself && other.state == store::RecordState::present && other.served == record.served &&
                          other.message_id == record.message_id && other.internal_date == record.internal_date);
      });
    return found;
  }

  /// Blocking. Uploaded it would be doubled.
  Result<void> bury(const Departed& one) {
    auto folder = account_.open_folder(one.directory);
    if (!folder) return ok();
    const auto today = std::chrono::floor<std::chrono::days>(parts_.clock.system_now());
    const auto taken = account_.attic().take(*folder, one.file, one.directory, today);
    if (!taken && taken.error().kind == ErrorKind::missing) return ok();
    MAILMIRROR_TRY(taken);
    return folder->sync();
  }

  /// Blocking. Rename, directories made durable, then one commit. A file that isn't there any more, or an error of its folder: the
  /// ordinary passes deal with it.
  Result<void> bring(const Departed& gone, const Come& come) {
    auto& to = queue_[come.to];
    auto source = account_.open_folder(gone.directory);
    auto target = account_.open_folder(to.state.directory);
    if (!source || !target) return ok();
    auto source_keywords = store::KeywordTable::read(*source);
    auto target_keywords = store::KeywordTable::read(*target);
    if (!source_keywords || !target_keywords) return ok();
    if (to.state.uid_validity == UidValidity{}) to.state.uid_validity = come.uid_validity;
    const MailboxWork work{parts_, to.state, *target, *target_keywords, to.policy};
    auto from = gone.from;
    const MailboxWork origin{parts_, from, *source, *source_keywords, to.policy};
    const EditedFiles edited(origin, {});
    const auto verdict = edited.look_at(gone.file, KnownBytes(gone.record));
    MAILMIRROR_TRY(verdict);
    if (*verdict != EditedFiles::Verdict::same) return ok();
    // Keyword letters mean what the origin's table says (hard case 16).
    const auto flags = flags_of(gone.file, *source_keywords, gone.record.flags);
    const auto letters = letters_of(work, flags);
    MAILMIRROR_TRY(letters);
    const auto unique = name_for(work, come.message.uid, come.message.internal_date, gone.record.file_size);
    const auto moved = source->move_into(*target, gone.file, unique, *letters);
    if (!moved) return ok();
    for (const auto* folder : {&*target, &*source}) {
      const auto durable = folder->sync();
      MAILMIRROR_TRY(durable);
    }
    auto record = gone.record;
    record.uid = come.message.uid;
    record.unique = moved->unique;
    auto commit = [&](store::WriteTxn& txn) {
      txn.put(to.state);
      txn.erase(gone.from.id, gone.record.uid);
      txn.put(to.state.id, record);
    };
    const auto done = account_.db().write(commit);
    MAILMIRROR_TRY(done);
    tell(record, to.state, *moved);
    return ok();
  }

  void tell(const store::Record& record, const store::MailboxState& to, const store::MaildirFile& file) {
    PassEvent event{PassEvent::Kind::message_moved, to.name, Origin::remote, record.uid, {}, record.flags, 0, 0, 0, {}};
    event.path = path_in(parts_, to, file);
    told_.push_back(std::move(event));
  }

 public:
  Brought take_result() { return {std::move(told_), look_everywhere_}; }

 private:
  Account& account_;
  AccountParts parts_;
  SessionSource& sessions_;
  std::deque<Candidate>& queue_;
  std::vector<Departed> departed_;
  Reach reach_;
  bool look_everywhere_ = false;
  std::vector<Come> come_;
  std::vector<PassEvent> told_;
};

}  // namespace

Task<Result<Brought>> bring_files_along(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue,
                                        std::vector<Departed> departed, Reach reach) {
  MovedMessages moved(account, std::move(parts), sessions, queue, std::move(departed), reach);
  const auto done = co_await moved.run();
  MAILMIRROR_CO_TRY(done);
  co_return moved.take_result();
}

}  // namespace mailmirror::sync
