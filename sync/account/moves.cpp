#include "sync/account/moves.hpp"

#include "imap/client/extension/move.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/select.hpp"
#include "store/files/keywords.hpp"
#include "store/files/outgoing.hpp"
#include "sync/account/moved_files.hpp"
#include "sync/execute/edited.hpp"
#include "sync/execute/file_names.hpp"
#include "sync/observe/remote.hpp"
#include "sync/plan/move_matcher.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mailmirror::sync {
namespace {

using imap::client::Session;

/// A message that the server no longer has where its record says, and its file, wherever that is.
struct Departed {
  store::MailboxState from;
  store::Record record;
  std::string directory;  ///< of the file
  store::MaildirFile file;
};

struct Come {
  std::size_t to = 0;
  RemoteMessage message;
  UidValidity uid_validity;
};

constexpr std::uint32_t kMostNewcomers = 10'000;

bool takes_moves(const Policy& policy) { return policy.mode == Mode::two_way; }

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

class Moves {
 public:
  Moves(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue)
      : account_(account), parts_(std::move(parts)), sessions_(sessions), queue_(queue) {}

  Task<Result<MovesReport>> run() {
    auto find = [this] { return find_moved_files(account_, parts_, queue_); };
    auto files = co_await parts_.pool.run(find);
    MAILMIRROR_CO_TRY(files);
    const auto sent = co_await follow_files(std::move(*files));
    MAILMIRROR_CO_TRY(sent);
    const auto brought = co_await follow_messages();
    MAILMIRROR_CO_TRY(brought);
    co_return report_;
  }

 private:
  // Here → there.

  Task<Result<void>> follow_files(std::vector<MovedFile> files) {
    std::map<std::pair<std::uint32_t, std::size_t>, std::vector<MovedFile>> ways;
    for (auto& file : files) {
      const auto way = std::pair(file.from.id.value(), file.to);
      if (file.from.id == queue_[file.to].state.id)
        renamed_.push_back(std::move(file));
      else if (takes_moves(queue_[file.to].policy) && takes_moves(policy_of(file.from)))
        ways[way].push_back(std::move(file));
    }
    auto rebind = [this] { return rebind_renamed(); };
    const auto rebound = co_await parts_.pool.run(rebind);
    MAILMIRROR_CO_TRY(rebound);
    for (auto& [way, moved] : ways) {
      const auto done = co_await follow_way(std::move(moved));
      MAILMIRROR_CO_TRY(done);
    }
    co_return ok();
  }

  [[nodiscard]] Policy policy_of(const store::MailboxState& state) const {
    const auto found = std::find_if(queue_.begin(), queue_.end(), [&](const Candidate& c) { return c.state.id == state.id; });
    if (found != queue_.end()) return found->policy;
    Policy none;
    none.mode = Mode::archive;
    return account_.policy_of(state).value_or(none);
  }

  /// Another name in the same folder: the record follows, nothing else happens. Blocking.
  Result<void> rebind_renamed() {
    if (renamed_.empty()) return ok();
    for (const auto& one : renamed_) {
      auto folder = account_.open_folder(one.from.directory);
      MAILMIRROR_TRY(folder);
      const auto durable = folder->sync();
      MAILMIRROR_TRY(durable);
    }
    auto commit = [this](store::WriteTxn& txn) {
      for (auto& one : renamed_) {
        one.record.unique = one.file.unique;
        txn.put(one.from.id, one.record);
      }
    };
    return account_.db().write(commit);
  }

  /// All from one mailbox to one other.
  Task<Result<void>> follow_way(std::vector<MovedFile> moved) {
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    auto& session = lease->session();
    const auto alive = co_await still_the_same(session, moved);
    MAILMIRROR_CO_TRY(alive);
    UidSet uids;
    for (auto& one : moved) {
      if (alive->contains(one.record.uid))
        uids.insert(one.record.uid);
      else
        departed_.push_back({one.from, one.record, queue_[one.to].state.directory, one.file});
    }
    std::erase_if(moved, [&](const MovedFile& one) { return !uids.contains(one.record.uid); });
    if (moved.empty()) co_return ok();
    auto& to = queue_[moved.front().to];
    auto prepare = [&] { return make_durable_and_note(moved, to); };
    const auto intents = co_await parts_.pool.run(prepare);
    MAILMIRROR_CO_TRY(intents);
    // From here on both have to be looked at, whatever comes of it.
    to.remote = RemoteHint::look;
    for (auto& c : queue_)
      if (c.state.id == moved.front().from.id) c.remote = RemoteHint::look;
    const auto relocated = co_await imap::client::move_messages(session, std::move(uids), to.state.name);
    if (!relocated && relocated.error().kind == ErrorKind::refused) {
      parts_.log.warn("{}: the server refuses to move {} messages to {}: they are uploaded there instead. {}", moved.front().from.name.utf8(),
                      moved.size(), to.state.name.utf8(), relocated.error().message);
      auto give_up = [&] { return note_as_uploads(*intents); };
      const auto noted = co_await parts_.pool.run(give_up);
      co_return noted;
    }
    MAILMIRROR_CO_TRY(relocated);
    auto job = [&] { return record_moved(moved, *relocated, *intents, to); };
    const auto recorded = co_await parts_.pool.run(job);
    MAILMIRROR_CO_TRY(recorded);
    report_.moved_remotely += moved.size();
    for (const auto& one : moved) tell(one.record, to.state, one.file, Origin::local);
    co_return ok();
  }

  /// The UIDs that are alive and, by INTERNALDATE and size, the recorded messages (hard case 7). The mailbox is selected afterwards.
  Task<Result<UidSet>> still_the_same(Session& session, const std::vector<MovedFile>& moved) {
    imap::client::SelectRequest request;
    request.mailbox = moved.front().from.name;
    const auto selected = co_await imap::client::select(session, std::move(request));
    if (!selected && (selected.error().kind == ErrorKind::refused || selected.error().kind == ErrorKind::missing)) co_return UidSet{};
    MAILMIRROR_CO_TRY(selected);
    UidSet wanted;
    for (const auto& one : moved) wanted.insert(one.record.uid);
    if (selected->uid_validity != moved.front().from.uid_validity || selected->exists == 0) co_return UidSet{};
    const auto summaries = co_await imap::client::fetch_summaries(session, wanted);
    MAILMIRROR_CO_TRY(summaries);
    std::map<Uid, const store::Record*> records;
    for (const auto& one : moved) records.emplace(one.record.uid, &one.record);
    UidSet alive;
    for (const auto& m : *summaries) {
      const auto& record = *records.at(m.uid);
      const bool same_size = m.size == record.server_size || session.has(imap::client::Quirk::estimated_sizes);
      if (same_size && m.internal_date == record.internal_date) alive.insert(m.uid);
    }
    co_return alive;
  }

  /// Blocking. What the server hears of survives a power cut here (hard case 2), and what it was asked for is known after one: else a
  /// copy whose answer was lost would be made again. Returns the intents, in the order of `moved`.
  Result<std::vector<store::Intent>> make_durable_and_note(const std::vector<MovedFile>& moved, const Candidate& to) {
    for (const auto& directory : {to.state.directory, moved.front().from.directory}) {
      auto folder = account_.open_folder(directory);
      MAILMIRROR_TRY(folder);
      const auto durable = folder->sync();
      MAILMIRROR_TRY(durable);
    }
    std::vector<store::Intent> intents;
    for (const auto& one : moved) intents.push_back(intent_of(one, to.state));
    auto commit = [&](store::WriteTxn& txn) {
      for (auto& intent : intents) intent.id = txn.put(intent);
    };
    const auto noted = account_.db().write(commit);
    MAILMIRROR_TRY(noted);
    return intents;
  }

  /// Blocking. Without MOVE something may have been copied all the same: that is settled before anything is sent.
  Result<void> note_as_uploads(const std::vector<store::Intent>& intents) {
    auto commit = [&](store::WriteTxn& txn) {
      for (auto intent : intents) {
        intent.state = store::IntentState::open;
        txn.put(intent);
      }
    };
    return account_.db().write(commit);
  }

  [[nodiscard]] store::Intent intent_of(const MovedFile& one, const store::MailboxState& to) const {
    store::Intent intent;
    intent.mailbox = to.id;
    intent.uid_validity = to.uid_validity;
    intent.uid_next_then = to.uid_next;
    intent.unique = one.file.unique;
    intent.wire_digest = one.record.served;
    intent.wire_size = one.record.server_size;
    intent.flags = one.record.flags;
    intent.internal_date = one.record.internal_date;
    intent.message_id = one.record.message_id;
    intent.created = std::chrono::floor<std::chrono::seconds>(parts_.clock.system_now());
    intent.state = store::IntentState::moving;
    return intent;
  }

  /// Blocking. The message whose new UID wasn't told is there: its intent says so, and the pass over its new mailbox finds it.
  Result<void> record_moved(const std::vector<MovedFile>& moved, const imap::client::Relocation& relocated,
                            const std::vector<store::Intent>& intents, Candidate& to) {
    std::map<Uid, Uid> places;
    const bool known = to.state.uid_validity == UidValidity{} || to.state.uid_validity == relocated.uid_validity;
    if (known && relocated.uid_validity != UidValidity{})
      for (const auto& pair : relocated.pairs) places.emplace(pair.from, pair.to);
    auto commit = [&](store::WriteTxn& txn) {
      if (!places.empty() && to.state.uid_validity == UidValidity{}) {
        to.state.uid_validity = relocated.uid_validity;
        txn.put(to.state);
      }
      for (std::size_t n = 0; n < moved.size(); ++n) {
        const auto& one = moved[n];
        leave_origin(txn, one, relocated.left_behind);
        const auto place = places.find(one.record.uid);
        if (place == places.end()) {
          auto confirmed = intents[n];
          confirmed.state = store::IntentState::confirmed;
          txn.put(confirmed);
          continue;
        }
        auto record = one.record;
        record.uid = place->second;
        record.unique = one.file.unique;
        txn.put(to.state.id, record);
        txn.erase_intent(intents[n].id);
      }
    };
    return account_.db().write(commit);
  }

  /// What couldn't be expunged there is remembered, so that it isn't taken for a new message.
  static void leave_origin(store::WriteTxn& txn, const MovedFile& one, const UidSet& left_behind) {
    if (!left_behind.contains(one.record.uid)) return txn.erase(one.from.id, one.record.uid);
    store::Record tombstone = one.record;
    tombstone.state = store::RecordState::tombstone;
    txn.put(one.from.id, tombstone);
  }

  // There → here.

  Task<Result<void>> follow_messages() {
    const auto gained = [](const Candidate& c) { return c.remote == RemoteHint::look && may_have_gained(c); };
    const auto lost = [](const Candidate& c) { return c.remote == RemoteHint::look && may_have_lost(c); };
    const bool can_be = !departed_.empty() || std::any_of(queue_.begin(), queue_.end(), lost);
    if (!can_be || queue_.size() < 2 || !std::any_of(queue_.begin(), queue_.end(), gained)) co_return ok();
    for (std::size_t n = 0; n < queue_.size(); ++n) {
      if (!gained(queue_[n]) && !lost(queue_[n])) continue;
      const auto looked = co_await observe(n);
      MAILMIRROR_CO_TRY(looked);
    }
    auto bring = [this] { return bring_files(); };
    const auto brought = co_await parts_.pool.run(bring);
    co_return brought;
  }

  /// An error of one mailbox is told by its own pass.
  Task<Result<void>> observe(std::size_t n) {
    const auto& state = queue_[n].state;
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    UidSet pending;
    auto read = [&] {
      const auto txn = account_.db().read();
      return txn.uids(state.id);
    };
    auto known = co_await parts_.pool.run(read);
    auto seen = co_await observe_remote(lease->session(), state, known, std::move(pending));
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

  /// Blocking.
  Result<void> bring_files() {
    std::vector<MessageTraits> gone;
    for (const auto& one : departed_) gone.push_back({one.record.message_id, one.record.server_size, one.record.internal_date});
    std::vector<MessageTraits> come;
    for (const auto& one : come_) come.push_back({one.message.message_id, one.message.size, one.message.internal_date});
    for (const auto& [from, to] : match_moves(gone, come)) {
      const auto brought = bring(departed_[from], come_[to]);
      MAILMIRROR_TRY(brought);
    }
    return ok();
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
    ++report_.moved_locally;
    tell(record, to.state, *moved, Origin::remote);
    return ok();
  }

  void tell(const store::Record& record, const store::MailboxState& to, const store::MaildirFile& file, Origin origin) {
    PassEvent event{PassEvent::Kind::message_moved, to.name, origin, record.uid, {}, record.flags, 0, 0, 0, {}};
    event.path = path_in(to, file);
    told_.push_back(std::move(event));
  }

  [[nodiscard]] std::string path_in(const store::MailboxState& to, const store::MaildirFile& file) const {
    const auto* place = file.place == store::Place::new_ ? "new" : "cur";
    const auto folder = to.directory.empty() ? parts_.root : parts_.root + "/" + to.directory;
    return folder + "/" + place + "/" + file.name();
  }

 public:
  /// To be told on the network thread.
  std::vector<PassEvent> take_events() { return std::move(told_); }

 private:
  Account& account_;
  AccountParts parts_;
  SessionSource& sessions_;
  std::deque<Candidate>& queue_;
  std::vector<MovedFile> renamed_;
  std::vector<Departed> departed_;
  std::vector<Come> come_;
  std::vector<PassEvent> told_;
  MovesReport report_;
};

}  // namespace

Task<Result<MovesReport>> follow_moves(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue) {
  auto& observer = parts.observer;
  Moves moves(account, std::move(parts), sessions, queue);
  auto report = co_await moves.run();
  for (const auto& event : moves.take_events()) observer.on_event(event);
  co_return report;
}

}  // namespace mailmirror::sync
