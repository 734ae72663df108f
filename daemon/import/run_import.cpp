#include "daemon/import/run_import.hpp"

#include "daemon/import/account_toml.hpp"
#include "daemon/import/mbsync.hpp"
#include "daemon/import/offlineimap.hpp"
#include "daemon/import/place_config.hpp"
#include "daemon/import/survey.hpp"
#include "store/files/real_disk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace mailmirror::daemon::migration {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeFailed = 1;
constexpr int kUnusable = 2;
constexpr std::size_t kLongestFile = 4 << 20;
constexpr std::size_t kMostFolders = 12;

Result<std::string> read_text(const fs::path& file) {
  std::error_code failure;
  if (fs::is_directory(file, failure))
    return fail(ErrorKind::configuration, fmt::format("{} is a directory, not a file", file.string()));
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(ErrorKind::configuration,
                fmt::format("{} can't be read: {}. Name the file, if it is another one", file.string(), std::strerror(errno)));
  std::string text(kLongestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLongestFile)
    return fail(ErrorKind::configuration, fmt::format("{} is far too long to be a configuration", file.string()));
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// A draft, and what lies in its Maildir.
struct Candidate {
  Draft draft;
  Survey survey;
};

class Run {
 public:
  Run(const ImportOptions& options, const Environment& environment, const LookAtServer& look)
      : options_(options), environment_(environment), look_(look) {}

  ImportOutcome run() {
    const bool mbsync = options_.program == "mbsync";
    file_ = options_.file.value_or(mbsync ? default_mbsync_file(environment_) : default_offlineimap_file(environment_));
    const auto text = read_text(file_);
    if (!text) return unusable(text.error().message);
    auto taken =
        mbsync ? import_mbsync(*text, file_.string(), environment_) : import_offlineimap(*text, file_.string(), environment_);
    say("{} {}\n", options_.dry_run ? "Would take over" : "Taking over", file_.string());
    for (const auto& note : taken.notes) say("  {}\n", note.to_string());
    if (taken.unreadable) return unusable(fmt::format("{} can't be understood; nothing was written", file_.string()));
    const auto existing = existing_accounts(options_.config, environment_);
    if (!existing) return unusable(existing.error().message);
    for (auto& draft : taken.drafts) add(std::move(draft), *existing);
    const auto objected = ask_loader_and_servers();
    for (const auto& [draft, survey] : candidates_) describe(draft, survey);
    if (!objected.empty()) return unusable(objected);
    return finish();
  }

 private:
  template <class... T>
  void say(fmt::format_string<T...> format, T&&... values) {
    outcome_.report += fmt::format(format, std::forward<T>(values)...);
  }
  ImportOutcome unusable(const std::string& why) {
    outcome_.status = kUnusable;
    outcome_.errors += fmt::format("mailmirrord: {}\n", why);
    return std::move(outcome_);
  }

  void add(Draft draft, const std::set<std::string>& existing) {
    if (existing.contains(draft.account.name))
      draft.obstacles.push_back(
          {options_.config.string(), 0, fmt::format("there is an account '{}' already; it isn't touched", draft.account.name)});
    auto found = draft.account.maildir.empty() ? Survey{} : survey_maildir(draft, disk_, environment_, file_.string());
    ask_for_the_secret(draft);
    candidates_.push_back({std::move(draft), std::move(found)});
  }

  /// A file that the user has yet to fill: the account can be read and checked, but not log in.
  void ask_for_the_secret(Draft& draft) {
    if (draft.secret_hint.empty() || !draft.obstacles.empty()) return;
    const auto path = options_.config.parent_path() / (draft.account.name + ".password");
    draft.account.secret = {config::SecretSource::Kind::password_file, path.string()};
    draft.notes.push_back(
        {file_.string(), 0,
         fmt::format(
             "{}: before the first pass, put the password into {} (chmod 600), or write 'password_command' into the account",
             draft.secret_hint, path.string())});
  }

  /// Those without obstacles, as they will be written.
  [[nodiscard]] std::vector<NewAccount> accounts() const {
    std::vector<NewAccount> all;
    for (const auto& [draft, survey] : candidates_)
      if (draft.obstacles.empty()) all.push_back({draft.account.name, account_toml(draft, file_.string())});
    return all;
  }

  /// What the loader has against them; empty: nothing. The servers are asked by what it made of them.
  std::string ask_loader_and_servers() {
    const auto all = accounts();
    if (all.empty()) return "";
    const auto loaded = load_with(options_.config, all, environment_);
    if (!loaded) return loaded.error().message;
    std::vector<std::string> errors;
    for (const auto& error : loaded->errors) errors.push_back(error.to_string());
    if (!errors.empty())
      return fmt::format("the accounts wouldn't make a good configuration, so nothing was written:\n  {}",
                         fmt::join(errors, "\n  "));
    for (auto& candidate : candidates_)
      for (const auto& account : loaded->config.accounts)
        if (account.name == candidate.draft.account.name && candidate.draft.obstacles.empty()) ask_server(account, candidate);
    return "";
  }

  void ask_server(const config::Account& account, Candidate& candidate) {
    if (!look_ || !candidate.draft.secret_hint.empty() || account.secret.kind == config::SecretSource::Kind::none) return;
    const auto names = look_(account);
    if (names) {
      const auto before = candidate.draft.account.mailboxes;
      compare_with_server(*names, candidate.survey, account.maildir, file_.string(), candidate.draft);
      if (candidate.draft.account.mailboxes != before && candidate.survey.root_is_there)
        candidate.survey = survey_maildir(candidate.draft, disk_, environment_, file_.string());
      return;
    }
    candidate.draft.notes.push_back(
        {file_.string(), 0,
         fmt::format("the server couldn't be asked whether it calls its mailboxes as the directories here are called: {}",
                     names.error().message)});
  }

  void describe(const Draft& draft, const Survey& survey) {
    const auto& account = draft.account;
    say("\n{} account '{}' ({})\n", draft.obstacles.empty() ? "+" : "-", account.name, draft.origin);
    if (draft.obstacles.empty()) {
      const char* tls = account.tls == config::Tls::implicit ? "TLS" : account.tls == config::Tls::starttls ? "STARTTLS" : "no TLS";
      say("  server    {}:{} ({}), user {}\n", account.host, account.port, tls, account.user);
      const char* layout = account.layout == config::Layout::nested ? "nested"
                           : account.layout == config::Layout::flat ? "flat"
                                                                    : "maildir++";
      say("  Maildir   {}, layout {}{}\n", account.maildir.string(), layout,
          account.inbox == "INBOX" ? "" : fmt::format(", INBOX in '{}'", account.inbox));
      say("  mailboxes {}\n", fmt::join(account.mailboxes, " "));
      say("  adopted   {} with {}, where they are\n", counted(survey.adopted.size(), "mailbox", "mailboxes"),
          counted(survey.messages(), "message", "messages"));
      for (std::size_t n = 0; n < std::min(survey.adopted.size(), kMostFolders); ++n)
        say("            {} ({})\n", survey.adopted[n].mailbox, survey.adopted[n].messages);
      if (survey.adopted.size() > kMostFolders) say("            and {} more\n", survey.adopted.size() - kMostFolders);
      if (!survey.left_alone.empty()) say("  untouched {}: not among the mailboxes\n", fmt::join(survey.left_alone, ", "));
    }
    for (const auto& note : draft.notes) say("  note      {}\n", note.to_string());
    for (const auto& obstacle : draft.obstacles) say("  NOT TAKEN OVER: {}\n", obstacle.to_string());
  }

  ImportOutcome finish() {
    const auto all = accounts();
    if (all.size() < candidates_.size() || all.empty()) outcome_.status = kSomeFailed;
    if (all.empty()) {
      say("\nNothing was written.\n");
      return std::move(outcome_);
    }
    const auto files = files_for(options_.config, all);
    std::vector<std::string> names;
    for (const auto& file : files) names.push_back(file.string());
    if (options_.dry_run) {
      say("\nNothing was written (--dry-run). {} would hold:\n\n", fmt::join(names, ", "));
      for (const auto& candidate : candidates_)
        if (candidate.draft.obstacles.empty()) say("{}\n", shown(candidate.draft));
      return std::move(outcome_);
    }
    const auto placed = place_accounts(options_.config, all);
    if (!placed) return unusable(placed.error().message);
    say("\nWritten: {}\n", fmt::join(names, ", "));
    say("Next:\n"
        "  1. stop {} wherever it is started from (timer, cron, mail reader): two programs in one Maildir would both upload what "
        "is new\n"
        "  2. run 'mailmirrord --once': the first pass matches files and messages, and transfers only what differs\n"
        "  3. run 'mailmirrord', or start the service\n"
        "To go back, remove what was written above and start {} again: no mail was touched.\n",
        options_.program, options_.program);
    return std::move(outcome_);
  }

  /// What is shown on a terminal isn't to hold a password.
  [[nodiscard]] std::string shown(Draft draft) const {
    if (draft.account.secret.kind == config::SecretSource::Kind::password) draft.account.secret.value = "(not shown)";
    return account_toml(draft, file_.string());
  }

  const ImportOptions& options_;
  const Environment& environment_;
  const LookAtServer& look_;
  fs::path file_;
  store::RealDisk disk_;
  std::vector<Candidate> candidates_;
  ImportOutcome outcome_;
};

}  // namespace

ImportOutcome run_import(const ImportOptions& options, const Environment& environment, const LookAtServer& look) {
  return Run(options, environment, look).run();
}

}  // namespace mailmirror::daemon::migration
