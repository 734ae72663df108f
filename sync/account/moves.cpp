#include "sync/account/moves.hpp"

#include "imap/client/extension/move.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/select.hpp"
#include "sync/account/moved_files.hpp"
#include "sync/account/moved_messages.hpp"
#include "sync/execute/file_names.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mailmirror::sync {
namespace {

using imap::client::Session;

bool takes_moves(const Policy& policy) { return policy.mode == Mode::two_way; }

class Moves {
 public:
  Moves(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue, Reach reach)
      : account_(account), parts_(std::move(parts)), sessions_(sessions), queue_(queue), reach_(reach) {}

  Task<Result<MovesReport>> run() {
    auto find = [this] { return find_moved_files(account_, parts_, queue_); };
    auto files = co_await parts_.pool.run(find);
    MAILMIRROR_CO_TRY(files);
    auto wait = [this] { return wait_for_new_folders(); };
    const auto waited = co_await parts_.pool.run(wait);
    MAILMIRROR_CO_TRY(waited);
    const auto sent = co_await follow_files(std::move(*files));
    MAILMIRROR_CO_TRY(sent);
    const auto brought = co_await bring_files_along(account_, parts_, sessions_, queue_, std::move(departed_), reach_);
    MAILMIRROR_CO_TRY(brought);
    report_.moved_locally += brought->moved.size();
    report_.look_everywhere = report_.look_everywhere || brought->look_everywhere;
    for (const auto& event : brought->moved) told_.push_back(event);
    co_return report_;
  }

 private:
  /// Blocking. What is missing may lie in a directory that isn't a mailbox yet: only a pass over everything makes it one and looks there.
  Result<void> wait_for_new_folders() {
    const auto misses = [](const Candidate& c) { return !c.sought.missing.empty(); };
    if (reach_ == Reach::all_mailboxes || std::none_of(queue_.begin(), queue_.end(), misses)) return ok();
    const auto any = finds_new_folder();
    MAILMIRROR_TRY(any);
    if (!*any) return ok();
    for (auto& candidate : queue_) candidate.sought.missing = {};
    report_.look_everywhere = true;
    return ok();
  }

  [[nodiscard]] Result<bool> finds_new_folder() const {
    const auto folders = store::find_folders(account_.surroundings().disk, account_.settings().maildir, account_.settings().layout);
    MAILMIRROR_TRY(folders);
    std::set<std::string> known;
    char delimiter = '/';
    for (const auto& state : account_.db().read().mailboxes()) {
      known.insert(state.directory);
      delimiter = state.delimiter;
    }
    return std::any_of(folders->begin(), folders->end(), [&](const store::FoundFolder& folder) {
      const auto name = !folder.has_cur || known.contains(folder.path) ? std::nullopt : account_.paths().to_mailbox(folder.path, delimiter);
      return name && account_.policy_of(*name, delimiter).has_value();
    });
  }

  // Here → there.

  Task<Result<void>> follow_files(std::vector<MovedFile> files) {
    std::map<std::tuple<std::uint32_t, std::size_t, MovedFile::Way>, std::vector<MovedFile>> ways;
    for (auto& file : files) {
      const auto way = std::tuple(file.from.id.value(), file.to, file.way);
      const bool copied = file.way == MovedFile::Way::copied;
      if (file.from.id == queue_[file.to].state.id)
        renamed_.push_back(std::move(file));
      else if (takes_moves(queue_[file.to].policy) && (copied || takes_moves(policy_of(file.from))))
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

  /// All from one mailbox to one other, in the same way.
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
      else if (one.known == MovedFile::Known::by_record && one.way == MovedFile::Way::moved)
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
    const bool copied = moved.front().way == MovedFile::Way::copied;
    auto asked = copied ? imap::client::copy_messages(session, std::move(uids), to.state.name)
                        : imap::client::move_messages(session, std::move(uids), to.state.name);
    const auto relocated = co_await std::move(asked);
    if (!relocated && relocated.error().kind == ErrorKind::refused) {
      parts_.log.warn("{}: the server refuses to {} {} messages to {}: they are uploaded there instead. {}", moved.front().from.name.utf8(),
                      copied ? "copy" : "move", moved.size(), to.state.name.utf8(), relocated.error().message);
      auto give_up = [&] { return note_as_uploads(*intents); };
      const auto noted = co_await parts_.pool.run(give_up);
      co_return noted;
    }
    MAILMIRROR_CO_TRY(relocated);
    auto job = [&] { return record_moved(moved, *relocated, *intents, to); };
    const auto recorded = co_await parts_.pool.run(job);
    MAILMIRROR_CO_TRY(recorded);
    (copied ? report_.copied_remotely : report_.moved_remotely) += moved.size();
    for (const auto& one : moved) tell(one, to.state);
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
    std::map<Uid, const MovedFile*> files;
    for (const auto& one : moved) files.emplace(one.record.uid, &one);
    UidSet alive;
    for (const auto& m : *summaries) {
      const auto& file = *files.at(m.uid);
      const auto& record = file.record;
      const bool same_size = m.size == record.server_size || session.has(imap::client::Quirk::estimated_sizes);
      // What only a name tells must be the same message in every respect (hard case 10).
      const bool same_id = file.known == MovedFile::Known::by_record || m.message_id == record.message_id;
      if (same_size && same_id && m.internal_date == record.internal_date) alive.insert(m.uid);
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
    for (const auto& one : moved) {
      if (one.way == MovedFile::Way::copied) take_date_on(one, to);
      intents.push_back(intent_of(one, to.state));
    }
    auto commit = [&](store::WriteTxn& txn) {
      for (auto& intent : intents) intent.id = txn.put(intent);
    };
    const auto noted = account_.db().write(commit);
    MAILMIRROR_TRY(noted);
    return intents;
  }

  /// Blocking. The server's copy has the message's INTERNALDATE, and a file's mtime is that. A file that went is dealt with later.
  void take_date_on(const MovedFile& one, const Candidate& to) {
    const auto folder = account_.open_folder(to.state.directory);
    if (!folder) return;
    const auto opened = folder->open_read(one.file);
    if (!opened) return;
    const auto dated = (*opened)->set_mtime(one.record.internal_date);
    if (!dated) parts_.log.warn("{}: {}", to.state.name.utf8(), dated.error().message);
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
        const auto place = places.find(one.record.uid);
        // Where its new place isn't known yet, its going is no deletion all the same.
        txn.attribute_to(place == places.end() ? store::ChangeOrigin::both : store::ChangeOrigin::local);
        if (one.way == MovedFile::Way::moved) leave_origin(txn, one, relocated.left_behind);
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

  void tell(const MovedFile& one, const store::MailboxState& to) {
    const auto kind = one.way == MovedFile::Way::copied ? PassEvent::Kind::message_added : PassEvent::Kind::message_moved;
    PassEvent event{kind, to.name, Origin::local, one.record.uid, {}, one.record.flags, 0, 0, 0, {}};
    event.path = path_in(parts_, to, one.file);
    told_.push_back(std::move(event));
  }

 public:
  /// To be told on the network thread.
  std::vector<PassEvent> take_events() { return std::move(told_); }

 private:
  Account& account_;
  AccountParts parts_;
  SessionSource& sessions_;
  std::deque<Candidate>& queue_;
  Reach reach_;
  std::vector<MovedFile> renamed_;
  std::vector<Departed> departed_;
  std::vector<PassEvent> told_;
  MovesReport report_;
};

}  // namespace

Task<Result<MovesReport>> follow_moves(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue,
                                       Reach reach) {
  auto& observer = parts.observer;
  Moves moves(account, std::move(parts), sessions, queue, reach);
  auto report = co_await moves.run();
  for (const auto& event : moves.take_events()) observer.on_event(event);
  co_return report;
}

}  // namespace mailmirror::sync
