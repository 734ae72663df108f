#include "daemon/import/offlineimap.hpp"

#include "daemon/import/ini_file.hpp"
#include "daemon/import/offlineimap_server.hpp"
#include "daemon/import/python_forms.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>

namespace mailmirror::daemon::migration {
namespace {

using config::OnLocalDelete;

constexpr std::size_t kLongestModule = 1 << 20;
constexpr std::uint32_t kFewestConnections = 2;
constexpr std::uint32_t kMostConnections = 8;

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items{""};
  for (const char c : text)
    if (c == ',')
      items.emplace_back();
    else if (c != ' ' && c != '\t' && c != '\n')
      items.back() += c;
  std::erase(items, "");
  return items;
}

std::optional<std::uint32_t> number(const std::optional<std::string>& text) {
  std::uint32_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  return failure == std::errc() && end == text->data() + text->size() ? std::optional(value) : std::nullopt;
}

/// One account: its section and those of its repositories.
class AccountReader {
 public:
  AccountReader(const IniSection& account, const IniSection& local, const IniSection& remote, const std::string& file, Draft& draft)
      : account_(account), local_(local), remote_(remote), file_(file), draft_(draft) {}

  void run() {
    maildir();
    mailboxes();
    policy();
    limits();
    differences();
  }

 private:
  static bool has(const IniSection& section, const std::string& key) { return section.line_of(key) != 0; }
  void note(const IniSection& section, const std::string& key, std::string message) {
    draft_.notes.push_back({file_, section.line_of(key), std::move(message)});
  }
  void obstacle(const IniSection& section, const std::string& key, std::string message) {
    draft_.obstacles.push_back({file_, section.line_of(key), std::move(message)});
  }

  void maildir() {
    auto path = local_.get("localfolders").value_or("");
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    draft_.account.maildir = path;
    if (path.empty()) draft_.obstacles.push_back({file_, local_.line, fmt::format("[{}] has no localfolders", local_.name)});
    const auto separator = local_.get("sep").value_or(".");
    draft_.account.layout = separator == "/" ? config::Layout::nested : config::Layout::flat;
    if (separator != "/" && separator != ".")
      obstacle(local_, "sep",
               fmt::format("mailmirror parts the levels of names by '.' or '/', not by '{}': rename the directories, write sep = . "
                           "here, and import again",
                           separator));
    draft_.account.folder_encoding =
        is_yes(account_.get("utf8foldernames"), false) ? config::FolderEncoding::utf8 : config::FolderEncoding::mutf7;
    const auto type = ascii::to_lower(local_.get("type").value_or(""));
    if (type != "maildir" && type != "gmailmaildir")
      obstacle(local_, "type", fmt::format("mailmirror mirrors into a Maildir; this repository is '{}'", type));
    for (const auto* section : {&local_, &remote_})
      if (has(*section, "nametrans"))
        obstacle(*section, "nametrans",
                 "mailmirror keeps the server's names, and doesn't run code: rename the directories to the server's names, remove "
                 "nametrans, and "
                 "import again (for names such as '.Sent' beside the INBOX's cur, layout = \"maildir++\" of an account written by "
                 "hand fits)");
    if (has(remote_, "reference"))
      obstacle(remote_, "reference", "mailmirror mirrors all personal mailboxes by their whole names, not those below one");
    if (is_yes(account_.get("maildir-windows-compatible"), false))
      obstacle(account_, "maildir-windows-compatible",
               "mailmirror's files have ':' before their flags, as Maildir says: rename them, remove this, and import again");
  }

  void mailboxes() {
    std::vector<std::string> patterns;
    if (const auto code = remote_.get("folderfilter")) {
      if (const auto filter = python_folder_filter(*code)) {
        patterns = *filter;
      } else {
        draft_.only_what_is_here = true;
        note(remote_, "folderfilter",
             "this is code, which mailmirror doesn't run: just the mailboxes that are here already are taken; add others to "
             "'mailboxes'");
      }
    }
    if (const auto code = remote_.get("folderincludes")) {
      if (const auto more = python_texts(*code))
        patterns.insert(patterns.begin(), more->begin(), more->end());
      else
        note(remote_, "folderincludes", "this is code, which mailmirror doesn't run: add those mailboxes to 'mailboxes'");
    }
    if (is_yes(remote_.get("subscribedonly"), false) && !draft_.only_what_is_here) {
      draft_.only_what_is_here = true;
      note(remote_, "subscribedonly",
           "mailmirror doesn't look at subscriptions: just the mailboxes that are here already are taken; add others to "
           "'mailboxes'");
    }
    if (!patterns.empty()) draft_.account.mailboxes = patterns;
    const auto idle = remote_.get("idlefolders");
    if (const auto names = idle ? python_texts(*idle) : std::nullopt; names && !names->empty()) draft_.account.idle = *names;
  }

  void policy() {
    auto& account = draft_.account;
    if (is_yes(remote_.get("readonly"), false)) {
      account.mode = config::Mode::pull;
      note(remote_, "readonly",
           "mode = \"pull\": what is changed here is undone at the next pass (OfflineIMAP left it), what is added here goes to the "
           "attic");
    }
    if (is_yes(local_.get("readonly"), false))
      obstacle(local_, "readonly", "a Maildir that is never written to can't be mirrored into");
    if (!is_yes(remote_.get("expunge"), true) || !is_yes(remote_.get("sync_deletes"), true)) {
      account.on_local_delete = OnLocalDelete::keep;
      note(remote_, has(remote_, "expunge") ? "expunge" : "sync_deletes",
           "files deleted here stay on the server (on_local_delete = \"keep\")");
    } else if (ascii::equal_ignoring_case(remote_.get("type").value_or(""), "Gmail")) {
      account.on_local_delete = OnLocalDelete::trash;
      account.trash_mailbox = remote_.get("trashfolder").value_or("");
    }
    if (!is_yes(local_.get("sync_deletes"), true)) {
      account.attic_retention.reset();
      note(local_, "sync_deletes",
           "what is deleted on the server leaves the Maildir, too, but rests in the attic for ever (attic_retention)");
    }
  }

  void limits() {
    auto& account = draft_.account;
    if (const auto bytes = number(account_.get("maxsize"))) account.max_message_size = *bytes;
    if (const auto connections = number(remote_.get("maxconnections")))
      account.connections = std::clamp(*connections, kFewestConnections, kMostConnections);
    if (has(remote_, "usecompression") && !is_yes(remote_.get("usecompression"), true)) account.compress = false;
  }

  /// What mailmirror does otherwise.
  void differences() {
    for (const auto* section : {&account_, &local_})
      for (const char* key : {"maxage", "startdate"})
        if (has(*section, key))
          note(*section, key,
               "mailmirror keeps whole mailboxes here: the older messages that OfflineIMAP left on the server will be downloaded");
    if (is_yes(account_.get("synclabels"), false))
      obstacle(account_, "synclabels",
               "OfflineIMAP has written labels into the files, which no longer are what the server holds: turn this off and let "
               "OfflineIMAP fetch "
               "the mail anew, or let mailmirror do it into another directory ('mailmirror init')");
    if (has(account_, "filterheaders"))
      obstacle(account_, "filterheaders",
               "OfflineIMAP has taken headers out of the files, which no longer are what the server holds: let mailmirror fetch "
               "the mail anew into "
               "another directory ('mailmirror init')");
    for (const char* key : {"presynchook", "postsynchook"})
      if (has(account_, key))
        note(account_, key, fmt::format("write '{}' as on_new_mail or on_change into [hooks]", account_.get(key).value_or("")));
    for (const char* key : {"proxy", "authproxy"})
      if (has(account_, key)) obstacle(account_, key, "mailmirror connects without a proxy");
    if (has(remote_, "createfolders") && !is_yes(remote_.get("createfolders"), true))
      note(remote_, "createfolders", "directories made here become mailboxes on the server, too");
    if (has(remote_, "copy_ignore_eval"))
      note(remote_, "copy_ignore_eval", "this is code, which mailmirror doesn't run: those messages will be downloaded");
    if (has(remote_, "newmail_hook"))
      note(remote_, "newmail_hook", "this is code, which mailmirror doesn't run: write a command as on_new_mail into [hooks]");
    const bool letters = std::any_of(local_.values.begin(), local_.values.end(),
                                     [](const auto& entry) { return entry.first.starts_with("customflag_"); });
    if (letters)
      draft_.notes.push_back({file_, local_.line,
                              "customflag_…: mailmirror keeps its letters for keywords in each folder's dovecot-keywords; the "
                              "server's keywords stay as they are"});
  }

  const IniSection& account_;
  const IniSection& local_;
  const IniSection& remote_;
  const std::string& file_;
  Draft& draft_;
};

class Importer {
 public:
  Importer(std::string_view text, std::string file, const Environment& environment)
      : file_(std::move(file)), environment_(environment) {
    parse_ini(text, file_, ini_);
  }

  Import run() {
    result_.notes = ini_.mistakes;
    if (!ini_.mistakes.empty()) result_.unreadable = true;
    if (result_.unreadable) return std::move(result_);
    const auto* general = ini_.find("general");
    if (general == nullptr) {
      result_.notes.push_back({file_, 0, "there is no section [general]: this isn't a configuration of OfflineIMAP's"});
      result_.unreadable = true;
      return std::move(result_);
    }
    read_module(*general);
    const auto names = split_list(general->get("accounts").value_or(""));
    if (names.empty()) result_.notes.push_back({file_, general->line, "[general] names no accounts"});
    for (const auto& name : std::set<std::string>(names.begin(), names.end())) add(name, general->line_of("accounts"));
    return std::move(result_);
  }

 private:
  void read_module(const IniSection& general) {
    const auto path = general.get("pythonfile");
    if (!path) return;
    std::ifstream in(environment_.expand(*path).value_or(*path), std::ios::binary);
    module_.resize(kLongestModule);
    in.read(module_.data(), static_cast<std::streamsize>(module_.size()));
    module_.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  }

  const IniSection* repository(const IniSection& account, const char* key) {
    const auto name = account.get(key);
    const auto* found = name ? ini_.find("Repository " + *name) : nullptr;
    if (found == nullptr)
      result_.notes.push_back(
          {file_, name ? account.line_of(key) : account.line,
           name ? fmt::format("there is no [Repository {}]", *name) : fmt::format("[{}] has no {}", account.name, key)});
    return found;
  }

  void add(const std::string& name, std::uint32_t line) {
    const auto* account = ini_.find("Account " + name);
    if (account == nullptr) return result_.notes.push_back({file_, line, fmt::format("there is no [Account {}]", name)});
    const auto* local = repository(*account, "localrepository");
    const auto* remote = repository(*account, "remoterepository");
    if (local == nullptr || remote == nullptr) return;
    Draft draft;
    draft.account.name = account_name(name);
    draft.origin = fmt::format("Account {}, {} and {}", name, local->name, remote->name);
    if (const auto type = ascii::to_lower(remote->get("type").value_or("")); type != "imap" && type != "gmail")
      draft.obstacles.push_back(
          {file_, remote->line_of("type"), fmt::format("mailmirror mirrors an IMAP server; this repository is '{}'", type)});
    take_over_server(*remote, file_, module_, environment_, draft);
    AccountReader(*account, *local, *remote, file_, draft).run();
    tell_what_refers_nowhere({account, local, remote}, draft);
    result_.drafts.push_back(std::move(draft));
  }

  void tell_what_refers_nowhere(const std::vector<const IniSection*>& sections, Draft& draft) {
    for (const auto* section : sections)
      for (const auto& [key, value] : section->values)
        if (!section->get(key))
          draft.obstacles.push_back(
              {file_, value.line, fmt::format("'{}': a % must be doubled, or be %(key)s with a key of this section", key)});
  }

  std::string file_;
  const Environment& environment_;
  IniFile ini_;
  std::string module_;
  Import result_;
};

}  // namespace

std::filesystem::path default_offlineimap_file(const Environment& environment) {
  const auto modern = environment.default_config_file().parent_path().parent_path() / "offlineimap" / "config";
  std::error_code failure;
  return std::filesystem::exists(modern, failure) ? modern : environment.home() / ".offlineimaprc";
}

Import import_offlineimap(std::string_view text, const std::string& file, const Environment& environment) {
  return Importer(text, file, environment).run();
}

}  // namespace mailmirror::daemon::migration
