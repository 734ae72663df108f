#include "sync/execute/flag_actions.hpp"

#include "imap/client/flag_store.hpp"
#include "sync/execute/file_names.hpp"

#include <map>
#include <string>
#include <utility>

namespace mailmirror::sync {
namespace {

/// Blocking. The base takes just the bits that were carried out.
Result<void> record(const MailboxWork& work, const std::vector<FlagAction>& done, store::ChangeOrigin origin) {
  if (done.empty()) return ok();
  auto commit = [&](store::WriteTxn& txn) {
    txn.attribute_to(origin);
    for (const auto& action : done) {
      auto record = txn.record(work.state.id, action.uid);
      if (!record) continue;
      record->flags = action.delta.apply(record->flags);
      txn.put(work.state.id, *record);
    }
  };
  return work.account.db.write(commit);
}

struct Renamed {
  std::vector<FlagAction> done;
  std::uint64_t missing = 0;
  std::vector<PassEvent> events;
};

/// Blocking.
Result<void> rename_one(const MailboxWork& work, const store::Record& record, const FlagAction& action, Renamed& renamed) {
  const auto file = work.folder.find(record.unique);
  MAILMIRROR_TRY(file);
  if (!*file) {
    ++renamed.missing;
    return ok();
  }
  const auto flags = action.delta.apply(flags_of(**file, work.keywords, record.flags));
  const auto letters = letters_of(work, flags);
  MAILMIRROR_TRY(letters);
  const auto changed = work.folder.change_letters(**file, *letters + work.keywords.unnamed((*file)->letters));
  if (!changed && changed.error().kind == ErrorKind::missing) {
    ++renamed.missing;
    return ok();
  }
  MAILMIRROR_TRY(changed);
  renamed.done.push_back(action);
  auto event = work.event(PassEvent::Kind::flags_changed);
  event.uid = action.uid;
  event.path = path_of(work, *changed);
  event.flags = flags;
  renamed.events.push_back(std::move(event));
  return ok();
}

/// Blocking.
Result<void> rename_all(const MailboxWork& work, const std::vector<FlagAction>& actions, Renamed& renamed) {
  {
    const auto read = work.account.db.read();
    for (const auto& action : actions) {
      const auto record = read.record(work.state.id, action.uid);
      if (!record) continue;
      const auto done = rename_one(work, *record, action, renamed);
      MAILMIRROR_TRY(done);
    }
  }
  const auto synced = work.folder.sync();
  MAILMIRROR_TRY(synced);
  return record(work, renamed.done, store::ChangeOrigin::remote);
}

enum class Direction { add, remove };

}  // namespace

Task<Result<LocallyFlagged>> flag_locally(MailboxWork work, std::vector<FlagAction> actions) {
  if (actions.empty()) co_return LocallyFlagged{};
  Renamed renamed;
  auto job = [&] { return rename_all(work, actions, renamed); };
  const auto done = co_await work.account.pool.run(job);
  MAILMIRROR_CO_TRY(done);
  for (const auto& event : renamed.events) work.tell(event);
  co_return LocallyFlagged{renamed.done.size(), renamed.missing};
}

FlagSet SettableFlags::only_settable(const FlagSet& wanted) const {
  if (!any_keyword) return wanted & flags;
  auto result = FlagSet::from_bits(wanted.bits()) & (flags | FlagSet{Flag::forwarded});
  for (const auto& keyword : wanted.keywords()) result.insert_keyword(keyword);
  return result;
}

Task<Result<std::uint64_t>> flag_remotely(MailboxWork work, imap::client::Session& session, std::vector<FlagAction> actions,
                                          SettableFlags settable) {
  if (actions.empty()) co_return std::uint64_t{0};
  std::map<std::pair<Direction, std::string>, std::pair<FlagSet, UidSet>> commands;
  const auto plan_command = [&](Direction direction, Uid uid, const FlagSet& flags) {
    if (flags.empty()) return;
    auto& [same_flags, uids] = commands[{direction, flags.to_string()}];
    same_flags = flags;
    uids.insert(uid);
  };
  std::vector<FlagAction> done;
  for (const auto& action : actions) {
    const FlagDelta possible{settable.only_settable(action.delta.added), settable.only_settable(action.delta.removed)};
    plan_command(Direction::add, action.uid, possible.added);
    plan_command(Direction::remove, action.uid, possible.removed);
    if (!possible.empty()) done.push_back({action.uid, possible});
  }
  for (const auto& [key, command] : commands) {
    const auto change = key.first == Direction::add ? imap::client::FlagChange::add : imap::client::FlagChange::remove;
    const auto stored = co_await imap::client::store_flags(session, command.second, change, command.first);
    MAILMIRROR_CO_TRY(stored);
  }
  auto job = [&] { return record(work, done, store::ChangeOrigin::local); };
  const auto recorded = co_await work.account.pool.run(job);
  MAILMIRROR_CO_TRY(recorded);
  for (const auto& action : done) {
    auto event = work.event(PassEvent::Kind::flags_changed);
    event.origin = Origin::local;
    event.uid = action.uid;
    event.flags = action.delta.added;
    work.tell(event);
  }
  co_return done.size();
}

Task<Result<void>> record_flags(MailboxWork work, std::vector<FlagAction> actions) {
  if (actions.empty()) co_return ok();
  auto job = [&] { return record(work, actions, store::ChangeOrigin::both); };
  const auto done = co_await work.account.pool.run(job);
  co_return done;
}

}  // namespace mailmirror::sync
