#include "sync/account/account_pass.hpp"

#include "imap/client/extension/namespaces.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/select.hpp"
#include "sync/account/candidate.hpp"
#include "sync/account/directory_deletions.hpp"
#include "sync/account/mailbox_deletions.hpp"
#include "sync/account/mailbox_renames.hpp"
#include "sync/account/moves.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/plan/mailbox_planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

using imap::client::ListedMailbox;

constexpr int kMostLooks = 5;

bool is_transient(const Error& error) { return error.kind == ErrorKind::network || error.kind == ErrorKind::timeout; }

class AccountPass {
 public:
  AccountPass(Account& account, PassObserver& observer, SessionSource& sessions, PassScope scope)
      : account_(account), observer_(observer), sessions_(sessions), scope_(std::move(scope)) {}

  Task<PassReport> run() {
    auto look = [this] {
      account_.db().begin_pass(std::chrono::floor<std::chrono::seconds>(account_.surroundings().clock.system_now()));
      return account_.check_root();
    };
    const auto root = co_await pool().run(look);
    const auto failed = [this](const Error& error) {
      report_.error = error;
      return std::move(report_);
    };
    if (!root) co_return failed(root.error());
    if (scope_.everything) {
      const auto found = co_await find_all();
      if (!found) co_return failed(found.error());
    } else {
      auto find = [this] { find_named(); };
      co_await pool().run(find);
    }
    const auto reach = scope_.everything ? Reach::all_mailboxes : Reach::some;
    auto moved = co_await follow_moves(account_, parts(), sessions_, queue_, reach);
    // What a lost connection left undecided is found as it is now.
    if (!moved && is_transient(moved.error())) moved = co_await follow_moves(account_, parts(), sessions_, queue_, reach);
    if (!moved) co_return failed(moved.error());
    report_.moved += moved->moved_locally + moved->moved_remotely + moved->copied_remotely;
    report_.look_everywhere = moved->look_everywhere;
    co_await pass_over_mailboxes();
    co_await follow_into_trash();
    if (scope_.everything) {
      auto purge = [this] { return account_.purge_attic(); };
      const auto purged = co_await pool().run(purge);
      if (!purged) account_.log().warn("the attic can't be cleared of what is too old: {}", purged.error().message);
    }
    co_return std::move(report_);
  }

 private:
  BlockingPool& pool() { return account_.surroundings().pool; }

  // Which mailboxes.

  Task<Result<void>> find_all() {
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    // Of a selected mailbox STATUS tells what this session has seen so far, not what there is (RFC 3501 §6.3.10).
    if (lease->session().selected()) {
      const auto left = co_await imap::client::unselect(lease->session());
      MAILMIRROR_CO_TRY(left);
    }
    auto listed = co_await imap::client::list_mailboxes(lease->session(), imap::client::StatusItems::counts);
    MAILMIRROR_CO_TRY(listed);
    if (listed->empty()) co_return fail(ErrorKind::protocol, "the server lists no mailbox at all: that can't be right, nothing is done");
    listed_ = std::move(*listed);
    std::map<MailboxName, std::string> uses;
    for (const auto& mailbox : listed_)
      if (mailbox.special_use) uses.emplace(mailbox.name, *mailbox.special_use);
    account_.remember_special_uses(std::move(uses));
    prefix_ = imap::client::personal_prefix(lease->session().namespaces());
    auto look = [this] { return look_at_base_and_disk(); };
    auto looked = co_await pool().run(look);
    MAILMIRROR_CO_TRY(looked);
    const auto renamed = co_await follow_renames(account_, parts(), lease->session(), {listed_, states_, remote_, local_, included_});
    MAILMIRROR_CO_TRY(renamed);
    if (*renamed > 0) {
      auto again = co_await imap::client::list_mailboxes(lease->session(), imap::client::StatusItems::counts);
      MAILMIRROR_CO_TRY(again);
      listed_ = std::move(*again);
      looked = co_await pool().run(look);
      MAILMIRROR_CO_TRY(looked);
      report_.moved += *renamed;
    }
    auto decided = plan_mailboxes({remote_, base_, local_, included_});
    const auto buried = co_await follow_deletions(decided);
    MAILMIRROR_CO_TRY(buried);
    const auto emptied = co_await follow_directory_deletions(decided, lease->session());
    MAILMIRROR_CO_TRY(emptied);
    const auto done = co_await carry_out(decided, lease->session());
    co_return done;
  }

  /// A mailbox that comes again is a directory of ours without a mailbox.
  Task<Result<void>> follow_deletions(MailboxPlan& plan) {
    for (const auto& name : plan.deleted_there) {
      const auto state = states_.at(name);
      MailboxReport report;
      report.name = name;
      report.directory = state.directory;
      GuardDecisions decisions;
      if (const auto word = scope_.decisions.find(name); word != scope_.decisions.end()) decisions = word->second;
      const auto fate = co_await follow_deletion(account_, parts(), state, *policies_.at(name), std::move(decisions), report);
      MAILMIRROR_CO_TRY(fate);
      if (*fate == MailboxFate::comes_again) {
        states_.erase(name);
        plan.create_mailbox.push_back({state.directory, FolderKind::folder, name});
        plan.synchronize.push_back({name, Selectable::yes, state.directory});
      } else {
        report_.mailboxes.push_back(std::move(report));
      }
    }
    co_return ok();
  }

  /// From the lowest level up: a mailbox with others below it can't go.
  Task<Result<void>> follow_directory_deletions(MailboxPlan& plan, imap::client::Session& session) {
    auto& names = plan.deleted_here;
    std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.utf8().size() > b.utf8().size(); });
    for (const auto& name : names) {
      const auto state = states_.at(name);
      MailboxReport report;
      report.name = name;
      report.directory = state.directory;
      const auto word = scope_.decisions.find(name);
      auto decisions = word == scope_.decisions.end() ? GuardDecisions{} : word->second;
      const auto fate = co_await follow_directory_deletion(account_, parts(), state, *policies_.at(name), std::move(decisions),
                                                           children_of(name), session, report);
      MAILMIRROR_CO_TRY(fate);
      if (*fate == MailboxFate::comes_again) {
        mirror_again(plan, name, state.directory);
      } else {
        report_.mailboxes.push_back(std::move(report));
        if (*fate == MailboxFate::gone) std::erase_if(listed_, [&](const ListedMailbox& mailbox) { return mailbox.name == name; });
      }
    }
    co_return ok();
  }

  [[nodiscard]] Children children_of(const MailboxName& name) const {
    const auto prefix = name.utf8() + delimiter_;
    const auto below = [&](const ListedMailbox& mailbox) { return mailbox.name.utf8().starts_with(prefix); };
    return delimiter_ != '\0' && std::any_of(listed_.begin(), listed_.end(), below) ? Children::some : Children::none;
  }

  /// Its base is gone already.
  void mirror_again(MailboxPlan& plan, const MailboxName& name, const std::string& directory) {
    states_.erase(name);
    plan.create_folder.push_back({name, Selectable::yes, directory});
    plan.synchronize.push_back({name, Selectable::yes, directory});
  }

  /// Blocking.
  Result<void> look_at_base_and_disk() {
    remote_.clear();
    base_.clear();
    local_.clear();
    included_.clear();
    states_.clear();
    policies_.clear();
    delimiter_ = listed_.front().delimiter;
    for (const auto& mailbox : listed_)
      if (mailbox.delimiter != '\0') delimiter_ = mailbox.delimiter;
    const auto read = account_.db().read();
    for (auto& state : read.mailboxes()) {
      include(state.name);
      const auto& policy = policies_.at(state.name);
      const bool deletable = policy && policy->delete_mailboxes && policy->mode == Mode::two_way;
      base_.push_back({state.name, state.directory, read.count(state.id), deletable});
      const auto name = state.name;
      states_.emplace(name, std::move(state));
    }
    for (const auto& mailbox : listed_) {
      const auto known = states_.find(mailbox.name);
      const auto directory = known != states_.end() ? known->second.directory : account_.paths().to_directory(mailbox.name, mailbox.delimiter);
      remote_.push_back({mailbox.name, mailbox.selectable == imap::client::Selectable::yes ? Selectable::yes : Selectable::no, directory});
      include(mailbox.name);
    }
    return look_at_folders();
  }

  Result<void> look_at_folders() {
    const auto folders = settled_folders();
    MAILMIRROR_TRY(folders);
    for (const auto& folder : *folders) {
      const auto name = name_of(folder.path);
      if (!name.empty()) include(name);
      const auto policy = policies_.find(name);
      const bool told = policy != policies_.end() && policy->second && policy->second->mode == Mode::two_way;
      local_.push_back({folder.path, folder.has_cur ? FolderKind::folder : FolderKind::container, name, told ? Upward::yes : Upward::no});
    }
    return ok();
  }

  /// A directory that is renamed while we look may show under neither name: one that is missed counts as gone only when two looks
  /// agree (semantics, hard case 1).
  Result<std::vector<store::FoundFolder>> settled_folders() {
    const auto look = [this] {
      return store::find_folders(account_.surroundings().disk, account_.settings().maildir, account_.settings().layout);
    };
    auto found = look();
    for (int again = 0; found && misses_one(*found); ++again) {
      auto second = look();
      if (!second || *second == *found) return second;
      if (again == kMostLooks) return fail(ErrorKind::conflict, "the Maildir's folders are being renamed all the time: the next pass looks again");
      found = std::move(second);
    }
    return found;
  }

  [[nodiscard]] bool misses_one(const std::vector<store::FoundFolder>& found) const {
    return std::any_of(states_.begin(), states_.end(), [&](const auto& entry) {
      const auto is_it = [&](const store::FoundFolder& folder) { return folder.path == entry.second.directory; };
      return std::none_of(found.begin(), found.end(), is_it);
    });
  }

  [[nodiscard]] MailboxName name_of(const std::string& directory) const {
    for (const auto& [name, state] : states_)
      if (state.directory == directory) return name;
    const auto name = account_.paths().to_mailbox(directory, delimiter_);
    return name ? below_prefix(*name) : MailboxName();
  }

  /// Where the server wants the user's mailboxes below a prefix ("INBOX." on Courier), a directory without it goes there, too; the
  /// mapping is stored with the mailbox' state.
  [[nodiscard]] MailboxName below_prefix(const MailboxName& name) const {
    const auto listed = [&](const auto& mailbox) { return mailbox.name == name; };
    const bool there = std::any_of(listed_.begin(), listed_.end(), listed);
    if (prefix_.empty() || there || name.utf8().starts_with(prefix_)) return name;
    return MailboxName(prefix_ + name.utf8(), delimiter_);
  }

  void include(const MailboxName& name) {
    auto& policy = policies_[name];
    policy = account_.policy_of(name, delimiter_);
    if (policy)
      included_.insert(name);
    else
      included_.erase(name);
  }

  Task<Result<void>> carry_out(MailboxPlan plan, imap::client::Session& session) {
    for (const auto& problem : plan.held) hold(problem);
    auto forget = [&] { return forget_bases(plan); };
    const auto forgotten = co_await pool().run(forget);
    MAILMIRROR_CO_TRY(forgotten);
    for (const auto& folder : plan.create_mailbox) {
      const auto created = co_await create_remotely(folder, session);
      MAILMIRROR_CO_TRY(created);
    }
    auto prepare = [&] { return prepare_states(plan); };
    const auto prepared = co_await pool().run(prepare);
    MAILMIRROR_CO_TRY(prepared);
    for (const auto& mailbox : plan.create_folder)
      if (!failed_.contains(mailbox.name)) tell_created(mailbox.name, Origin::remote, mailbox.directory);
    co_return ok();
  }

  void hold(const MailboxProblem& problem) {
    MailboxReport held;
    held.name = problem.name;
    held.error = fail(ErrorKind::conflict, problem.reason);
    report_.mailboxes.push_back(std::move(held));
  }

  /// Blocking. No file is touched.
  Result<void> forget_bases(const MailboxPlan& plan) {
    auto commit = [&](store::WriteTxn& txn) {
      for (const auto* names : {&plan.forget, &plan.mirror_again})
        for (const auto& name : *names) txn.erase_mailbox(states_.at(name).id);
    };
    const auto done = account_.db().write(commit);
    for (const auto* names : {&plan.forget, &plan.mirror_again})
      for (const auto& name : *names) states_.erase(name);
    return done;
  }

  Task<Result<void>> create_remotely(LocalFolder folder, imap::client::Session& session) {
    auto make_durable = [&] { return account_.make_durable(folder.directory); };
    const auto durable = co_await pool().run(make_durable);
    if (!durable) {
      fail_mailbox(folder.name, folder.directory, durable.error());
      co_return ok();
    }
    const auto created = co_await imap::client::create_mailbox(session, folder.name);
    if (!created && (created.error().kind == ErrorKind::refused || created.error().kind == ErrorKind::rejected)) {
      failed_.insert(folder.name);
      MailboxReport refused;
      refused.name = folder.name;
      refused.directory = folder.directory;
      refused.error = created.error().in("the server refuses to create this mailbox for the local directory " + folder.directory);
      report_.mailboxes.push_back(std::move(refused));
      co_return ok();
    }
    if (!created && created.error().kind != ErrorKind::exists) co_return created.error();
    tell_created(folder.name, Origin::local, folder.directory);
    co_return ok();
  }

  /// Blocking. Directories first, then the states that name them.
  Result<void> prepare_states(const MailboxPlan& plan) {
    for (const auto& mailbox : plan.create_folder) {
      const auto made = account_.create_folder(mailbox.directory);
      if (!made) fail_mailbox(mailbox.name, mailbox.directory, made.error());
    }
    for (const auto& mailbox : plan.synchronize) {
      if (failed_.contains(mailbox.name) || states_.contains(mailbox.name)) continue;
      const auto durable = account_.make_durable(mailbox.directory);
      if (!durable) fail_mailbox(mailbox.name, mailbox.directory, durable.error());
    }
    auto commit = [&](store::WriteTxn& txn) {
      for (const auto& mailbox : plan.synchronize) {
        // A state without its folder would be a folder that has lost its cur/.
        if (failed_.contains(mailbox.name)) continue;
        if (!states_.contains(mailbox.name)) states_.emplace(mailbox.name, new_state(txn, mailbox));
        remember_id(txn, states_.at(mailbox.name));
      }
    };
    const auto done = account_.db().write(commit);
    MAILMIRROR_TRY(done);
    for (const auto& mailbox : plan.synchronize)
      if (!failed_.contains(mailbox.name))
        queue_.push_back({states_.at(mailbox.name), *policies_.at(mailbox.name), hint_for(mailbox.name), status_of(mailbox.name), {}});
    return ok();
  }

  store::MailboxState new_state(store::WriteTxn& txn, const RemoteMailbox& mailbox) const {
    store::MailboxState state;
    state.id = txn.new_mailbox_id();
    state.name = mailbox.name;
    state.delimiter = delimiter_;
    state.directory = mailbox.directory;
    txn.put(state);
    return state;
  }

  /// MAILBOXID (RFC 8474): what a renamed mailbox is known by.
  void remember_id(store::WriteTxn& txn, store::MailboxState& state) const {
    const auto status = status_of(state.name);
    if (!status || !status->mailbox_id || *status->mailbox_id == state.object_id) return;
    state.object_id = *status->mailbox_id;
    txn.put(state);
  }

  void fail_mailbox(const MailboxName& name, const std::string& directory, Error error) {
    failed_.insert(name);
    MailboxReport report;
    report.name = name;
    report.directory = directory;
    report.error = std::move(error);
    report_.mailboxes.push_back(std::move(report));
  }

  /// STATUS equal to the checkpoint in all of UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ and MESSAGES: nothing changed there. Without a
  /// MODSEQ a flag change would stay unseen: then the mailbox is looked at.
  [[nodiscard]] RemoteHint hint_for(const MailboxName& name) const {
    const auto state = states_.find(name);
    const auto listed = std::find_if(listed_.begin(), listed_.end(), [&](const ListedMailbox& m) { return m.name == name; });
    if (state == states_.end() || listed == listed_.end() || !listed->status) return RemoteHint::look;
    return matches_checkpoint(state->second, *listed->status) ? RemoteHint::unchanged : RemoteHint::look;
  }

  [[nodiscard]] std::optional<imap::wire::MailboxStatus> status_of(const MailboxName& name) const {
    const auto listed = std::find_if(listed_.begin(), listed_.end(), [&](const ListedMailbox& m) { return m.name == name; });
    return listed == listed_.end() ? std::nullopt : listed->status;
  }

  static bool matches_checkpoint(const store::MailboxState& state, const imap::wire::MailboxStatus& status) {
    const bool same_messages = status.uid_next == state.uid_next && status.uid_validity == state.uid_validity &&
                               status.messages == state.remote_messages && state.uid_next != Uid{};
    const bool same_flags = state.highest_modseq != ModSeq{} && status.highest_modseq == state.highest_modseq;
    return same_messages && (same_flags || status.messages == 0U);
  }

  void tell_created(const MailboxName& name, Origin origin, const std::string& directory) {
    PassEvent event{PassEvent::Kind::mailbox_created, name, origin, {}, {}, {}, 0, 0, 0, {}};
    event.path = (account_.settings().maildir / directory).string();
    observer_.on_event(event);
  }

  /// Blocking.
  void find_named() {
    const auto read = account_.db().read();
    for (auto& state : read.mailboxes()) {
      if (!scope_.mailboxes.contains(state.name)) continue;
      delimiter_ = state.delimiter;
      include(state.name);
      const auto told = scope_.statuses.find(state.name);
      const bool same = told != scope_.statuses.end() && matches_checkpoint(state, told->second);
      const auto& policy = policies_.at(state.name);
      if (!policy) continue;
      queue_.push_back({std::move(state), *policy, same ? RemoteHint::unchanged : RemoteHint::look, {}, {}});
      if (told != scope_.statuses.end()) queue_.back().status = told->second;
    }
  }

  // Their messages.

  Task<void> pass_over_mailboxes() {
    const auto workers = std::min(sessions_.capacity(), queue_.size());
    auto body = [&](TaskGroup& group) -> Task<void> {
      for (std::size_t n = 0; n < workers; ++n) group.spawn(work_off());
      co_return;
    };
    co_await run_in_group(body);
  }

  /// What went there is seen there in the same pass.
  Task<void> follow_into_trash() {
    const auto filled = [](const MailboxReport& report) { return report.trashed > 0; };
    const auto trash = account_.trash();
    if (!trash || std::none_of(report_.mailboxes.begin(), report_.mailboxes.end(), filled)) co_return;
    auto find = [&] {
      const auto read = account_.db().read();
      for (auto& state : read.mailboxes())
        if (const auto policy = account_.policy_of(state); policy && state.name == *trash) queue_.push_back({std::move(state), *policy, RemoteHint::look, {}, {}});
    };
    co_await pool().run(find);
    co_await pass_over_mailboxes();
  }

  Task<void> work_off() {
    while (!queue_.empty()) {
      auto candidate = std::move(queue_.front());
      queue_.pop_front();
      auto report = co_await pass_over(candidate);
      // A connection that was lost may come back at once; what was done stays done.
      if (report.error && is_transient(*report.error)) report = co_await pass_over(candidate);
      if (report.error) account_.log().warn("{}: {}", candidate.state.name.utf8(), report.error->message);
      report_.mailboxes.push_back(std::move(report));
    }
  }

  Task<MailboxReport> pass_over(Candidate& candidate) {
    MailboxReport report;
    report.name = candidate.state.name;
    report.directory = candidate.state.directory;
    auto open = [&] { return account_.open_folder(candidate.state.directory); };
    auto folder = co_await pool().run(open);
    if (!folder) {
      report.error = folder.error();
      co_return report;
    }
    auto read_keywords = [&] { return store::KeywordTable::read(*folder); };
    auto keywords = co_await pool().run(read_keywords);
    if (!keywords) {
      report.error = keywords.error();
      co_return report;
    }
    auto shared = parts();
    MailboxPassInput input{MailboxWork{shared, candidate.state, *folder, *keywords, candidate.policy}, candidate.remote, {}, {}, candidate.sought, {}, {}, {}};
    if (const auto hint = scope_.local.find(candidate.state.name); hint != scope_.local.end()) input.local = hint->second;
    if (const auto word = scope_.decisions.find(candidate.state.name); word != scope_.decisions.end()) input.decisions = word->second;
    input.trash = account_.trash();
    input.expected = [this](std::uint64_t messages, std::uint64_t) { progress(0, messages, 0); };
    input.progress = [this](std::uint64_t messages, std::uint64_t bytes) { progress(messages, 0, bytes); };
    report = co_await run_mailbox_pass(std::move(input), sessions_);
    co_return report;
  }

  [[nodiscard]] AccountParts parts() {
    const auto& around = account_.surroundings();
    return {around.disk,    account_.db(), account_.attic(), around.pool,    around.clock,         around.random,
            account_.log(), observer_,     claims_,          account_.tag(), account_.host_name(), account_.settings().maildir.string()};
  }

  void progress(std::uint64_t done, std::uint64_t more, std::uint64_t bytes) {
    progress_.done += done;
    progress_.total += more;
    progress_.bytes += bytes;
    observer_.on_event(progress_);
  }

  Account& account_;
  PassObserver& observer_;
  SessionSource& sessions_;
  PassScope scope_;
  PassReport report_;
  DownloadClaims claims_;

  char delimiter_ = '/';
  std::string prefix_;  ///< of new mailboxes, "" for none
  std::vector<ListedMailbox> listed_;
  std::vector<RemoteMailbox> remote_;
  std::vector<BaseMailbox> base_;
  std::vector<LocalFolder> local_;
  std::set<MailboxName> included_;
  std::set<MailboxName> failed_;
  std::map<MailboxName, store::MailboxState> states_;
  std::map<MailboxName, std::optional<Policy>> policies_;
  std::deque<Candidate> queue_;
  PassEvent progress_{PassEvent::Kind::progress, {}, Origin::remote, {}, {}, {}, 0, 0, 0, {}};
};

}  // namespace

Task<PassReport> run_pass(Account& account, PassObserver& observer, SessionSource& sessions, PassScope scope) {
  AccountPass pass(account, observer, sessions, std::move(scope));
  PassReport report;
  try {
    report = co_await pass.run();
  } catch (const ErrorException& failure) {
    report.error = failure.error();
  }
  co_return std::move(report);
}

}  // namespace mailmirror::sync
