#include "sync/account/mailbox_renames.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/select.hpp"
#include "store/files/folder_changes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

using imap::client::Session;

/// One after the other where the server gives all mailboxes the same UIDVALIDITY: not more than these are compared.
constexpr int kMostComparisons = 50;

/// The lowest, the middle and the highest.
UidSet sample_of(const UidSet& uids) {
  UidSet sample;
  if (uids.empty()) return sample;
  auto rest = uids;
  rest.take_front(uids.size() / 2);
  sample.insert(uids.lowest());
  sample.insert(rest.lowest());
  sample.insert(uids.highest());
  return sample;
}

bool is_below(const std::string& path, const std::string& top, char separator) {
  return path.size() > top.size() && path.starts_with(top) && path[top.size()] == separator;
}

class Renames {
 public:
  Renames(Account& account, AccountParts parts, Session& session, MailboxSituation now)
      : account_(account), parts_(std::move(parts)), session_(session), now_(now) {
    for (const auto& mailbox : now_.remote) there_.insert(mailbox.name);
    for (const auto& folder : now_.local)
      if (folder.kind == FolderKind::folder) here_.emplace(folder.directory, &folder);
  }

  Task<Result<std::uint64_t>> run() {
    const auto remotely = co_await renamed_there();
    MAILMIRROR_CO_TRY(remotely);
    const auto locally = co_await renamed_here();
    MAILMIRROR_CO_TRY(locally);
    co_return done_;
  }

 private:
  using State = store::MailboxState;

  // Renamed on the server.

  Task<Result<void>> renamed_there() {
    std::vector<State> gone;
    for (const auto& [name, state] : now_.states)
      if (!there_.contains(name) && !name.is_inbox() && now_.included.contains(name)) gone.push_back(state);
    std::vector<RemoteMailbox> come;
    for (const auto& mailbox : now_.remote)
      if (mailbox.selectable == Selectable::yes && !now_.states.contains(mailbox.name) && now_.included.contains(mailbox.name) &&
          !here_.contains(mailbox.directory))
        come.push_back(mailbox);
    if (gone.empty() || come.empty()) co_return ok();
    // Parents first: what lies below moves along with them.
    std::sort(gone.begin(), gone.end(), [](const auto& a, const auto& b) { return a.directory.size() < b.directory.size(); });
    for (auto& state : gone) {
      const auto match = co_await new_name_of(state, come);
      MAILMIRROR_CO_TRY(match);
      if (!*match) continue;
      const auto target = **match;
      std::erase_if(come, [&](const auto& mailbox) { return mailbox.name == target.name; });
      auto job = [&] { return take_over(state, target); };
      const auto taken = co_await parts_.pool.run(job);
      MAILMIRROR_CO_TRY(taken);
    }
    co_return ok();
  }

  [[nodiscard]] const imap::wire::MailboxStatus* status_of(const MailboxName& name) const {
    for (const auto& mailbox : now_.listed)
      if (mailbox.name == name && mailbox.status) return &*mailbox.status;
    return nullptr;
  }

  Task<Result<std::optional<RemoteMailbox>>> new_name_of(const State& state, const std::vector<RemoteMailbox>& come) {
    std::vector<RemoteMailbox> alike;
    for (const auto& mailbox : come) {
      const auto* status = status_of(mailbox.name);
      if (status == nullptr) continue;
      if (!state.object_id.empty() && status->mailbox_id == state.object_id) co_return std::optional(mailbox);
      if (status->uid_validity && *status->uid_validity == state.uid_validity && state.uid_validity != UidValidity{}) alike.push_back(mailbox);
    }
    auto read = [&] {
      const auto txn = account_.db().read();
      return txn.records(state.id, sample_of(txn.uids(state.id)));
    };
    const auto sample = co_await parts_.pool.run(read);
    // Without a message to compare, only a number that nobody else has will do.
    if (sample.empty() && alike.size() == 1) co_return std::optional(alike.front());
    for (const auto& mailbox : alike) {
      if (sample.empty() || comparisons_++ >= kMostComparisons) break;
      const auto same = co_await holds(mailbox.name, state, sample);
      MAILMIRROR_CO_TRY(same);
      if (*same) co_return std::optional(mailbox);
    }
    co_return std::optional<RemoteMailbox>();
  }

  /// At least one of the sampled messages is there, and none is another one.
  Task<Result<bool>> holds(MailboxName mailbox, const State& state, const std::vector<store::Record>& sample) {
    imap::client::SelectRequest request;
    request.mailbox = std::move(mailbox);
    request.access = imap::client::Access::read_only;
    const auto selected = co_await imap::client::select(session_, std::move(request));
    if (!selected && session_.failure()) co_return selected.error();
    if (!selected || selected->uid_validity != state.uid_validity || selected->exists == 0) co_return false;
    UidSet uids;
    for (const auto& record : sample) uids.insert(record.uid);
    const auto summaries = co_await imap::client::fetch_summaries(session_, uids);
    MAILMIRROR_CO_TRY(summaries);
    const auto left = co_await imap::client::unselect(session_);
    MAILMIRROR_CO_TRY(left);
    for (const auto& m : *summaries) {
      const auto record = std::find_if(sample.begin(), sample.end(), [&](const auto& r) { return r.uid == m.uid; });
      if (record->internal_date != m.internal_date || record->server_size != m.size || record->message_id != m.message_id) co_return false;
    }
    co_return !summaries->empty();
  }

  /// Blocking. The directory first; a name that is taken on disk leaves all as it was, and the planner says so.
  Result<void> take_over(State state, const RemoteMailbox& target) {
    const auto standing = moved_along(state.directory, '/', directories_);
    if (standing != target.directory) {
      const auto renamed = store::rename_folder(parts_disk(), account_.settings().maildir, standing, target.directory);
      if (!renamed && (renamed.error().kind == ErrorKind::exists || renamed.error().kind == ErrorKind::missing)) return ok();
      MAILMIRROR_TRY(renamed);
      directories_.emplace_back(standing, target.directory);
    }
    return follow(std::move(state), target.name, target.directory, Origin::remote);
  }

  /// Where a path is after what was renamed so far.
  static std::string moved_along(std::string path, char separator, const std::vector<std::pair<std::string, std::string>>& renames) {
    for (const auto& [from, to] : renames)
      if (is_below(path, from, separator)) path = to + path.substr(from.size());
    return path;
  }

  // Renamed here.

  Task<Result<void>> renamed_here() {
    auto find = [this] { return find_renamed_directories(); };
    const auto pairs = co_await parts_.pool.run(find);
    MAILMIRROR_CO_TRY(pairs);
    for (const auto& pair : *pairs) {
      const auto& state = pair.first;
      const auto& folder = pair.second;
      auto make_durable = [&] { return durable_rename(state.directory, folder.directory); };
      const auto durable = co_await parts_.pool.run(make_durable);
      MAILMIRROR_CO_TRY(durable);
      const auto standing = moved_along(state.name.utf8(), state.delimiter, names_);
      if (standing != folder.name.utf8()) {
        const auto renamed = co_await imap::client::rename_mailbox(session_, MailboxName(standing, state.delimiter), folder.name);
        if (!renamed && session_.failure()) co_return renamed.error();
        if (!renamed) {
          parts_.log.warn("the server refuses to rename a mailbox as its directory was: {}. Its messages are moved instead", renamed.error().message);
          auto stand_in = [&] { return leave_empty_folder(state.directory); };
          const auto left = co_await parts_.pool.run(stand_in);
          MAILMIRROR_CO_TRY(left);
          continue;
        }
        names_.emplace_back(standing, folder.name.utf8());
      }
      auto job = [&] { return follow(state, folder.name, folder.directory, Origin::local); };
      const auto followed = co_await parts_.pool.run(job);
      MAILMIRROR_CO_TRY(followed);
    }
    co_return ok();
  }

  using Pair = std::pair<State, LocalFolder>;

  Result<std::vector<Pair>> find_renamed_directories() {
    std::vector<Pair> pairs;
    std::set<std::string> owned;
    for (const auto& [name, state] : now_.states) owned.insert(state.directory);
    for (const auto& [name, state] : now_.states) {
      if (here_.contains(state.directory) || !there_.contains(name) || name.is_inbox() || !now_.included.contains(name)) continue;
      const auto policy = account_.policy_of(state);
      if (!policy || policy->mode != Mode::two_way) continue;
      for (const auto& [directory, folder] : here_) {
        const bool free = !owned.contains(directory) && !folder->name.empty();
        if (!free || !is_that_folder(state, directory)) continue;
        owned.insert(directory);
        if (!there_.contains(folder->name)) {
          pairs.emplace_back(state, *folder);
          break;
        }
        // The server has a mailbox of that name: nothing can be renamed, but the messages can be moved.
        const auto left = leave_empty_folder(state.directory);
        MAILMIRROR_TRY(left);
        break;
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first.directory.size() < b.first.directory.size(); });
    return pairs;
  }

  /// Blocking. Then the mailbox keeps its base, and its files are found as moved ones where they are now.
  Result<void> leave_empty_folder(const std::string& directory) {
    const auto made = account_.create_folder(directory);
    if (!made) return made.error();
    ++done_;
    return ok();
  }

  /// Blocking. The old name may be gone with all that was above it.
  Result<void> durable_rename(const std::string& from, const std::string& to) {
    const auto there = account_.make_durable(to);
    MAILMIRROR_TRY(there);
    const auto slash = from.rfind('/');
    const auto here = account_.make_durable(slash == std::string::npos ? std::string() : from.substr(0, slash));
    return !here && here.error().kind != ErrorKind::missing ? here : ok();
  }

  /// The same cur/, or most of the sampled files: our names are unique, but some files may have gone since.
  bool is_that_folder(const State& state, const std::string& directory) {
    const auto folder = account_.open_folder(directory);
    if (!folder) return false;
    const auto stamps = folder->stamps();
    if (stamps && state.scanned && stamps->cur.inode == state.scanned->cur.inode && stamps->cur.birth_ns == state.scanned->cur.birth_ns)
      return true;
    const auto read = account_.db().read();
    int asked = 0;
    int found = 0;
    for (const auto& record : read.records(state.id, sample_of(read.uids(state.id)))) {
      if (record.unique.empty()) continue;
      ++asked;
      const auto file = folder->find(record.unique);
      if (file && *file) ++found;
    }
    return found > 0 && found * 2 >= asked;
  }

  /// Blocking.
  Result<void> follow(State state, const MailboxName& name, const std::string& directory, Origin origin) {
    const auto before = state.name;
    state.name = name;
    state.directory = directory;
    auto commit = [&](store::WriteTxn& txn) {
      txn.attribute_to(origin == Origin::local ? store::ChangeOrigin::local : store::ChangeOrigin::remote);
      txn.put(state);
    };
    const auto written = account_.db().write(commit);
    MAILMIRROR_TRY(written);
    ++done_;
    PassEvent event{PassEvent::Kind::mailbox_renamed, name, origin, {}, {}, {}, 0, 0, 0, before.utf8()};
    event.path = (account_.settings().maildir / directory).string();
    told_.push_back(std::move(event));
    return ok();
  }

  store::Disk& parts_disk() { return account_.surroundings().disk; }

 public:
  std::vector<PassEvent> take_events() { return std::move(told_); }

 private:
  Account& account_;
  AccountParts parts_;
  Session& session_;
  MailboxSituation now_;
  std::set<MailboxName> there_;
  std::map<std::string, const LocalFolder*> here_;
  std::vector<std::pair<std::string, std::string>> directories_;
  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<PassEvent> told_;
  int comparisons_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace

Task<Result<std::uint64_t>> follow_renames(Account& account, AccountParts parts, imap::client::Session& session, MailboxSituation now) {
  auto& observer = parts.observer;
  Renames renames(account, std::move(parts), session, now);
  auto done = co_await renames.run();
  for (const auto& event : renames.take_events()) observer.on_event(event);
  co_return done;
}

}  // namespace mailmirror::sync
