#include "daemon/config/load.hpp"

#include "daemon/config/account_reader.hpp"
#include "daemon/config/table_reader.hpp"
#include "daemon/control/socket_path.hpp"
#include "sync/base/result.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <tuple>

namespace mailmirror::daemon::config {
namespace {

constexpr std::size_t kLongestFile = 4 * 1024 * 1024;

bool is_account_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [end, position] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

bool overlap(const std::filesystem::path& a, const std::filesystem::path& b) {
  return lies_in(a, b) || lies_in(b, a);
}

class Loader {
 public:
  Loader(std::filesystem::path file, const Environment& environment, MissingSecret missing)
      : file_(std::move(file)), environment_(environment), missing_(missing) {
    loaded_.config.state_dir = environment_.default_state_dir();
  }

  Loaded run() {
    read_file(file_);
    for (const auto& part : account_files()) read_file(part);
    if (all_understood_ && places_.empty())
      add_error(file_, "no account is configured: add a section [account.NAME] with host, user, password_command and maildir");
    check_maildirs();
    auto& accounts = loaded_.config.accounts;
    std::sort(accounts.begin(), accounts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    if (loaded_.config.socket.empty()) loaded_.config.socket = control::default_socket(environment_);
    put_errors_in_order();
    return std::move(loaded_);
  }

 private:
  /// Where a key stands.
  struct Place {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };

  void add_error(const std::filesystem::path& file, std::string message) {
    loaded_.errors.push_back({file.string(), 0, 0, std::move(message)});
  }

  void add_error(const Place& place, std::string message) {
    loaded_.errors.push_back({place.file, place.line, place.column, std::move(message)});
  }

  /// As one reads them: file by file, from top to bottom.
  void put_errors_in_order() {
    auto& errors = loaded_.errors;
    const auto rank = [this](const ConfigError& error) { return std::find(files_.begin(), files_.end(), error.file); };
    std::stable_sort(errors.begin(), errors.end(), [&](const ConfigError& a, const ConfigError& b) {
      return std::tuple(rank(a), a.line, a.column) < std::tuple(rank(b), b.line, b.column);
    });
  }

  [[nodiscard]] std::vector<std::filesystem::path> account_files() {
    std::vector<std::filesystem::path> files;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(file_.parent_path() / "accounts.d", failure))
      if (entry.path().extension() == ".toml") files.push_back(entry.path());
    if (failure && failure != std::errc::no_such_file_or_directory)
      add_error(file_.parent_path() / "accounts.d", "can't be read: " + failure.message());
    std::sort(files.begin(), files.end());
    return files;
  }

  void read_file(const std::filesystem::path& file) {
    files_.push_back(file.string());
    const auto text = read_text(file);
    if (!text) return give_up_on(file, text.error().message);
    try {
      read_table(toml::parse(*text, file.string()), file);
    } catch (const toml::parse_error& error) {
      const auto& at = error.source().begin;
      all_understood_ = false;
      add_error(Place{file.string(), at.line, at.column}, std::string(error.description()));
    }
  }

  void give_up_on(const std::filesystem::path& file, std::string message) {
    all_understood_ = false;
    add_error(file, std::move(message));
  }

  [[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file) const {
    std::error_code failure;
    if (std::filesystem::is_directory(file, failure)) return fail(ErrorKind::configuration, "is a directory, not a file");
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      const auto hint = errno == ENOENT && file == file_ ? ". Write one (see README.md), or name another with --config" : "";
      return fail(ErrorKind::configuration, fmt::format("can't be read: {}{}", std::strerror(errno), hint));
    }
    std::string text(kLongestFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return fail(ErrorKind::configuration, fmt::format("can't be read: {}", std::strerror(errno)));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLongestFile) return fail(ErrorKind::configuration, "is far too long to be a configuration");
    return text;
  }

  void read_table(const toml::table& table, const std::filesystem::path& file) {
    TableReader top(table, "", file.string(), environment_, loaded_.errors);
    for (const auto* key : {"daemon", "hooks"})
      if (file != file_ && top.has(key))
        top.error_at_key(key, fmt::format("[{}] belongs into {}: the files of accounts.d hold accounts", key, file_.string()));
    const auto* daemon = top.table("daemon");
    if (daemon != nullptr && file == file_) read_daemon(*daemon, file);
    const auto* hooks = top.table("hooks");
    if (hooks != nullptr && file == file_) read_hooks(*hooks, file);
    if (const auto* accounts = top.table("account"))
      for (const auto& [key, node] : *accounts) add_account(std::string(key.str()), key.source(), node, file);
    top.finish();
  }

  void read_daemon(const toml::table& table, const std::filesystem::path& file) {
    TableReader in(table, "daemon", file.string(), environment_, loaded_.errors);
    if (const auto path = in.path("state_dir")) loaded_.config.state_dir = *path;
    if (const auto path = in.path("socket")) loaded_.config.socket = *path;
    const std::vector<std::pair<std::string, std::string>> levels{
        {"error", "error"}, {"warn", "warn"}, {"info", "info"}, {"debug", "debug"}, {"trace", "trace"}};
    if (const auto level = in.choice("log_level", levels)) loaded_.config.log_level = *level;
    in.finish();
  }

  void read_hooks(const toml::table& table, const std::filesystem::path& file) {
    TableReader in(table, "hooks", file.string(), environment_, loaded_.errors);
    auto& hooks = loaded_.config.hooks;
    hooks.on_new_mail = in.text("on_new_mail").value_or("");
    hooks.on_change = in.text("on_change").value_or("");
    hooks.on_error = in.text("on_error").value_or("");
    in.finish();
  }

  void add_account(const std::string& name, const toml::source_region& where, const toml::node& node,
                   const std::filesystem::path& file) {
    const Place place{file.string(), where.begin.line, where.begin.column};
    const auto [first, fresh] = places_.emplace(name, place);
    if (!is_account_name(name))
      return add_error(place, fmt::format("'{}' can't be an account's name: letters, digits, '-', '_' and '.' make one", name));
    const auto* table = node.as_table();
    if (table == nullptr) return add_error(place, fmt::format("'account.{}' must be a section", name));
    if (!fresh)
      return add_error(place,
                       fmt::format("the account '{}' stands in {}:{} already", name, first->second.file, first->second.line));
    if (const auto* maildir = table->get("maildir")) {
      const auto& at = maildir->source().begin;
      first->second = {file.string(), at.line, at.column};
    }
    loaded_.config.accounts.push_back(read_account(*table, name, file, environment_, loaded_.errors, missing_));
  }

  /// Two accounts in one Maildir would take each other's mail for new, and mailmirror's own state would be taken for mailboxes.
  void check_maildirs() {
    auto& accounts = loaded_.config.accounts;
    const auto rank = [this](const Account& account) {
      const auto& place = places_.at(account.name);
      return std::tuple(std::find(files_.begin(), files_.end(), place.file), place.line);
    };
    std::sort(accounts.begin(), accounts.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    for (auto b = accounts.begin(); b != accounts.end(); ++b) {
      if (b->maildir.empty()) continue;
      if (overlap(b->maildir, loaded_.config.state_dir))
        add_error(places_.at(b->name), fmt::format("the maildir {} and state_dir {} can't lie one within the other",
                                                   b->maildir.string(), loaded_.config.state_dir.string()));
      for (auto a = accounts.begin(); a != b; ++a)
        if (!a->maildir.empty() && overlap(a->maildir, b->maildir))
          add_error(places_.at(b->name),
                    fmt::format("the accounts '{}' and '{}' have the same Maildir or one within the other: {} and {}", a->name,
                                b->name, a->maildir.string(), b->maildir.string()));
    }
  }

  std::filesystem::path file_;
  const Environment& environment_;
  MissingSecret missing_;
  Loaded loaded_;
  /// In the order of reading.
  std::vector<std::string> files_;
  /// Of each account's `maildir`, else of the account.
  std::map<std::string, Place> places_;
  /// False: a file is missing or broken, so that nothing can be said about what isn't there.
  bool all_understood_ = true;
};

}  // namespace

std::string ConfigError::to_string() const {
  return line == 0 ? fmt::format("{}: {}", file, message) : fmt::format("{}:{}:{}: {}", file, line, column, message);
}

Loaded load(const std::filesystem::path& file, const Environment& environment, MissingSecret missing) {
  return Loader(file, environment, missing).run();
}

}  // namespace mailmirror::daemon::config
