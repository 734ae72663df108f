#include "sync/account/account.hpp"

#include "store/files/folder_changes.hpp"
#include "sync/execute/file_names.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>

namespace mailmirror::sync {
namespace {

/// The history is kept so long whatever the attic's retention: the mass-deletion guard looks back.
constexpr std::chrono::days kShortestHistory{2};
/// Other writers needn't wait for long.
constexpr std::uint64_t kPurgedAtOnce = 10'000;

std::string this_host() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

/// As the binding keeps it.
std::string layout_of(const AccountSettings& settings) {
  if (settings.layout == store::Layout::maildir_plus_plus) return "maildir++";
  const std::string layout = settings.layout == store::Layout::nested ? "nested" : "flat";
  return settings.inbox == "INBOX" ? layout : fmt::format("{}, inbox {}", layout, settings.inbox);
}

std::string slashed(const MailboxName& name, char delimiter) {
  auto text = name.utf8();
  if (delimiter != '\0') std::replace(text.begin(), text.end(), delimiter, '/');
  return text;
}

/// Every value of it.
bool readable(const store::StateDb& db) {
  try {
    const auto read = db.read();
    static_cast<void>(read.binding());
    read.for_each_change([](const store::HistoryEntry&) { return store::ReadTxn::Visit::more; });
    for (const auto& mailbox : read.mailboxes()) {
      read.for_each_record(mailbox.id, [](const store::Record&) {});
      static_cast<void>(read.intents(mailbox.id));
      static_cast<void>(read.orphans(mailbox.id));
    }
    return true;
  } catch (const ErrorException& failure) {
    if (failure.error().kind != ErrorKind::damaged) throw;
    return false;
  }
}

std::string to_string(store::FolderEncoding encoding) { return encoding == store::FolderEncoding::utf8 ? "utf-8" : "mutf-7"; }

}  // namespace

Account::Account(AccountSettings settings, Surroundings surroundings, LogPtr log)
    : settings_(std::move(settings)),
      surroundings_(surroundings),
      log_(std::move(log)),
      paths_(settings_.layout, settings_.folder_encoding, settings_.inbox),
      tag_(tag_of(settings_.user + "@" + settings_.host)),
      host_name_(this_host()) {}

Result<std::unique_ptr<Account>> Account::open(AccountSettings settings, Surroundings surroundings, LogPtr log) {
  std::unique_ptr<Account> account(new Account(std::move(settings), surroundings, std::move(log)));
  const auto opened = account->open_all();
  MAILMIRROR_TRY(opened);
  return account;
}

Result<void> Account::open_all() {
  auto lock = store::AccountLock::take(settings_.state_dir, settings_.name);
  MAILMIRROR_TRY(lock);
  lock_.emplace(std::move(*lock));
  const auto ready = open_db();
  MAILMIRROR_TRY(ready);
  auto attic = store::Attic::open(surroundings_.disk, settings_.state_dir / "attic");
  MAILMIRROR_TRY(attic);
  attic_ = std::make_unique<store::Attic>(std::move(*attic));
  const auto bound = bind();
  MAILMIRROR_TRY(bound);
  const auto root = check_root();
  MAILMIRROR_TRY(root);
  return lock_->take_root(settings_.maildir);
}

/// A damaged base is kept aside; without one files and messages are matched again, and nothing is transferred twice.
Result<void> Account::open_db() {
  auto db = store::StateDb::open(settings_.state_dir);
  if (db && readable(**db)) {
    db_ = std::move(*db);
    return ok();
  }
  if (!db && db.error().kind != ErrorKind::damaged) return db.error();
  if (db) db->reset();
  const auto kept = store::StateDb::set_aside(settings_.state_dir);
  MAILMIRROR_TRY(kept);
  log_->warn("the state database was damaged: it is kept as {}, and made anew from what the Maildir and the server hold. Nothing is lost "
             "by that but what was paused or held",
             kept->string());
  auto fresh = store::StateDb::open(settings_.state_dir);
  MAILMIRROR_TRY(fresh);
  db_ = std::move(*fresh);
  return ok();
}

/// The base belongs to one host, user, root, layout and encoding (semantics, hard case 3): with another it would tell lies. An empty
/// one can't: whoever mends a typo in the host's name before anything was mirrored begins anew.
Result<void> Account::bind() {
  const store::Binding now{settings_.host, settings_.user, settings_.maildir.string(), layout_of(settings_),
                           to_string(settings_.folder_encoding)};
  const auto before = db_->read().binding();
  if (before && *before == now) return ok();
  if (before && !db_->read().mailboxes().empty())
    return fail(ErrorKind::configuration,
                fmt::format("the state in {} was made for {} on {} with the Maildir {} (layout {}, folder_encoding {}), which the "
                            "configuration no longer says. Put the setting back, or move that directory away to begin anew "
                            "(your mail stays; it is downloaded again)",
                            settings_.state_dir.string(), before->user, before->host, before->root, before->layout,
                            before->folder_encoding));
  const auto made = surroundings_.disk.make_root(settings_.maildir);
  MAILMIRROR_TRY(made);
  auto commit = [&](store::WriteTxn& txn) { txn.put(now); };
  return db_->write(commit);
}

std::optional<Policy> Account::policy_of(const MailboxName& name, char delimiter) const {
  const auto use = special_uses_.find(name);
  auto policy = settings_.policy(slashed(name, delimiter), use == special_uses_.end() ? std::vector<std::string>{} : std::vector{use->second});
  const bool is_trash = name == trash();
  if (policy && is_trash && policy->on_local_delete == OnLocalDelete::trash) policy->on_local_delete = OnLocalDelete::expunge;
  return policy;
}

std::optional<MailboxName> Account::trash() const {
  if (!settings_.trash_mailbox.empty()) return MailboxName(settings_.trash_mailbox, '/');
  for (const auto& [name, use] : special_uses_)
    if (use == "\\trash") return name;
  return std::nullopt;
}

Result<void> Account::check_root() const {
  const auto read = db_->read();
  const auto mailboxes = read.mailboxes();
  std::uint64_t recorded = 0;
  for (const auto& mailbox : mailboxes) recorded += read.count(mailbox.id);
  const auto folders = store::find_folders(surroundings_.disk, settings_.maildir, settings_.layout);
  if (!folders && folders.error().kind != ErrorKind::missing) return folders.error();
  const bool nothing_there = !folders || folders->empty();
  if (recorded == 0 || !nothing_there) return folders ? ok() : surroundings_.disk.make_root(settings_.maildir);
  return fail(ErrorKind::conflict,
              fmt::format("the Maildir {} is {}, though {} message(s) were mirrored there: is its disk mounted? Nothing is changed on "
                          "the server. To mirror everything again into an empty Maildir, move {} away",
                          settings_.maildir.string(), folders ? "empty" : "gone", recorded, settings_.state_dir.string()));
}

Result<void> Account::purge_attic() {
  const auto today = std::chrono::floor<std::chrono::days>(surroundings_.clock.system_now());
  if (!settings_.attic_retention || purged_ == today) return ok();
  const auto purged = attic_->purge(today - *settings_.attic_retention);
  MAILMIRROR_TRY(purged);
  const auto forgotten = purge_history(today - std::max(*settings_.attic_retention, kShortestHistory));
  MAILMIRROR_TRY(forgotten);
  if (*purged > 0) log_->info("{} message(s) left the attic: older than {} days", *purged, settings_.attic_retention->count());
  purged_ = today;
  return ok();
}

Result<void> Account::purge_history(std::chrono::sys_days before) {
  for (std::uint64_t gone = kPurgedAtOnce; gone == kPurgedAtOnce;) {
    auto commit = [&](store::WriteTxn& txn) { gone = txn.purge_history(before, kPurgedAtOnce); };
    const auto done = db_->write(commit);
    MAILMIRROR_TRY(done);
  }
  return ok();
}

Result<store::MaildirFolder> Account::open_folder(const std::string& directory) const {
  return store::MaildirFolder::open(surroundings_.disk, settings_.maildir, directory);
}

Result<store::MaildirFolder> Account::create_folder(const std::string& directory) const {
  return store::MaildirFolder::create(surroundings_.disk, settings_.maildir, directory);
}

Result<void> Account::make_durable(const std::string& directory) const {
  return store::make_folder_durable(surroundings_.disk, settings_.maildir, directory);
}

}  // namespace mailmirror::sync
