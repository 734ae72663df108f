#include "daemon/config/load.hpp"

#include "daemon/config/account_reader.hpp"
#include "daemon/config/table_reader.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace mailmirror::daemon::config {
namespace {

constexpr std::size_t kLongestFile = 4 * 1024 * 1024;

bool is_account_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [end, position] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

class Loader {
 public:
  Loader(std::filesystem::path file, const Environment& environment) : file_(std::move(file)), environment_(environment) {
    loaded_.config.state_dir = environment_.default_state_dir();
  }

  Loaded run() {
    read_file(file_);
    for (const auto& part : account_files()) read_file(part);
    if (loaded_.good() && loaded_.config.accounts.empty())
      add_error(file_, "no account is configured: add a section [account.NAME] with host, user, password_command and maildir");
    check_maildirs();
    auto& accounts = loaded_.config.accounts;
    std::sort(accounts.begin(), accounts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    if (loaded_.config.socket.empty()) loaded_.config.socket = environment_.runtime_dir() / "mailmirror/control.sock";
    return std::move(loaded_);
  }

 private:
  void add_error(const std::filesystem::path& file, std::string message) {
    loaded_.errors.push_back({file.string(), 0, 0, std::move(message)});
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
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      const auto hint = errno == ENOENT && file == file_ ? ". Write one (see README.md), or name another with --config" : "";
      return add_error(file, fmt::format("can't be read: {}{}", std::strerror(errno), hint));
    }
    std::string text(kLongestFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLongestFile) return add_error(file, "is far too long to be a configuration");
    try {
      read_table(toml::parse(text, file.string()), file);
    } catch (const toml::parse_error& error) {
      const auto& at = error.source().begin;
      loaded_.errors.push_back({file.string(), at.line, at.column, std::string(error.description())});
    }
  }

  void read_table(const toml::table& table, const std::filesystem::path& file) {
    TableReader top(table, "", file.string(), environment_, loaded_.errors);
    if (const auto* daemon = top.table("daemon")) read_daemon(*daemon, file);
    if (const auto* hooks = top.table("hooks")) read_hooks(*hooks, file);
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

  void add_account(const std::string& name, const toml::source_region& where, const toml::node& node, const std::filesystem::path& file) {
    const auto refuse = [&](std::string words) {
      loaded_.errors.push_back({file.string(), where.begin.line, where.begin.column, std::move(words)});
    };
    if (!is_account_name(name)) return refuse(fmt::format("'{}' can't be an account's name: letters, digits, '-', '_' and '.' make one", name));
    const auto* table = node.as_table();
    if (table == nullptr) return refuse(fmt::format("'account.{}' must be a section", name));
    const auto [first, fresh] = account_files_.emplace(name, file.string());
    if (!fresh) return refuse(fmt::format("the account '{}' stands in {} already", name, first->second));
    loaded_.config.accounts.push_back(read_account(*table, name, file, environment_, loaded_.errors));
  }

  /// Two accounts in one Maildir would take each other's mail for new.
  void check_maildirs() {
    const auto& accounts = loaded_.config.accounts;
    for (const auto& a : accounts)
      for (const auto& b : accounts)
        if (&a < &b && !a.maildir.empty() && !b.maildir.empty() && (lies_in(a.maildir, b.maildir) || lies_in(b.maildir, a.maildir)))
          add_error(account_files_.at(b.name), fmt::format("the accounts '{}' and '{}' have the same Maildir or one within the other: {} and {}",
                                                           a.name, b.name, a.maildir.string(), b.maildir.string()));
  }

  std::filesystem::path file_;
  const Environment& environment_;
  Loaded loaded_;
  std::map<std::string, std::string> account_files_;
};

}  // namespace

std::string ConfigError::to_string() const {
  return line == 0 ? fmt::format("{}: {}", file, message) : fmt::format("{}:{}:{}: {}", file, line, column, message);
}

Loaded load(const std::filesystem::path& file, const Environment& environment) { return Loader(file, environment).run(); }

}  // namespace mailmirror::daemon::config
