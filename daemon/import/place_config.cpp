#include "daemon/import/place_config.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

namespace mailmirror::daemon::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNewFile =
    "# mailmirror's configuration: 'man 5 mailmirror-config' explains every key, 'mailmirrord --check' finds every mistake.\n"
    "# [daemon] with state_dir, socket and log_level may stand here, too; all have good defaults.\n\n";

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::symlink_status(path, failure).type() != fs::file_type::not_found;
}

Result<void> failed(const char* what, const fs::path& path) {
  return error_from_errno(errno, fmt::format("{} {}", what, path.string()));
}

Result<void> write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return error_from_errno(errno, "write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0 ? ok() : error_from_errno(errno, "fsync");
}

/// 0600, and durable as far as its bytes go.
Result<void> write_private(const fs::path& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed("can't write", path);
  auto written = write_all(descriptor, text);
  ::close(descriptor);
  if (!written) ::unlink(path.c_str());
  return written;
}

void sync_directory(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

Result<void> make_directory(const fs::path& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  return failure ? error_from_errno(failure.value(), fmt::format("can't make {}", path.string())) : ok();
}

/// By a rename within the directory, so that a daemon that reads it meets all or nothing.
Result<void> place(const fs::path& target, std::string_view text) {
  const auto directory = make_directory(target.parent_path());
  MAILMIRROR_TRY(directory);
  const auto fresh = target.parent_path() / fmt::format(".{}.{}", target.filename().string(), ::getpid());
  const auto written = write_private(fresh, text);
  MAILMIRROR_TRY(written);
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
    const int reason = errno;
    // Not every file system can rename so; a link fails where the name is taken, too.
    const bool linked = reason != EEXIST && ::link(fresh.c_str(), target.c_str()) == 0;
    ::unlink(fresh.c_str());
    if (!linked) return error_from_errno(reason, fmt::format("can't put {} in place", target.string()));
  }
  sync_directory(target.parent_path());
  return ok();
}

std::string whole_file(const std::vector<NewAccount>& accounts) {
  std::string text(kNewFile);
  for (const auto& account : accounts) text += account.toml + (&account == &accounts.back() ? "" : "\n");
  return text;
}

/// The configuration as it would be: links to the files that are there, and the new ones.
class Staging {
 public:
  explicit Staging(const fs::path& beside) {
    auto pattern = (beside / ".mailmirror-import-XXXXXX").string();
    if (const char* made = ::mkdtemp(pattern.data())) path_ = made;
  }
  ~Staging() {
    std::error_code failure;
    if (!path_.empty()) fs::remove_all(path_, failure);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

  Result<void> fill(const fs::path& config, const std::vector<NewAccount>& accounts) {
    if (path_.empty()) return fail(ErrorKind::io, "no temporary directory can be made beside the configuration");
    std::error_code failure;
    fs::create_directory(path_ / "accounts.d", failure);
    if (is_there(config)) fs::create_symlink(fs::absolute(config), path_ / "config.toml", failure);
    for (const auto& entry : fs::directory_iterator(config.parent_path() / "accounts.d", failure))
      if (entry.path().extension() == ".toml")
        fs::create_symlink(fs::absolute(entry.path()), path_ / "accounts.d" / entry.path().filename(), failure);
    if (!is_there(config)) return write_private(path_ / "config.toml", whole_file(accounts));
    for (const auto& account : accounts) {
      const auto written = write_private(path_ / "accounts.d" / (account.name + ".toml"), account.toml);
      MAILMIRROR_TRY(written);
    }
    return ok();
  }

 private:
  fs::path path_;
};

/// Where the files of the staging will be.
std::string in_place(std::string message, const fs::path& staging, const fs::path& config) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (auto at = message.find(from); at != message.npos; at = message.find(from, at + to.size()))
      message.replace(at, from.size(), to);
  };
  replace((staging / "config.toml").string(), config.string());
  replace(staging.string(), config.parent_path().string());
  return message;
}

}  // namespace

Result<std::set<std::string>> existing_accounts(const fs::path& config, const Environment& environment) {
  std::set<std::string> names;
  if (!is_there(config)) return names;
  const auto loaded = config::load(config, environment);
  for (const auto& account : loaded.config.accounts) names.insert(account.name);
  if (loaded.good() || names.empty()) return names;
  return fail(ErrorKind::configuration,
              fmt::format("nothing can be added to a configuration with mistakes: {}", loaded.errors.front().to_string()));
}

Result<config::Loaded> load_with(const fs::path& config, const std::vector<NewAccount>& accounts, const Environment& environment) {
  // The nearest directory that is there: a dry run makes none.
  auto beside = config.parent_path();
  while (!beside.empty() && !is_there(beside)) beside = beside.parent_path();
  Staging staging(beside);
  const auto filled = staging.fill(config, accounts);
  MAILMIRROR_TRY(filled);
  auto loaded = config::load(staging.path() / "config.toml", environment);
  for (auto& error : loaded.errors) {
    error.file = in_place(error.file, staging.path(), config);
    error.message = in_place(error.message, staging.path(), config);
  }
  return loaded;
}

std::vector<fs::path> files_for(const fs::path& config, const std::vector<NewAccount>& accounts) {
  if (!is_there(config)) return {config};
  std::vector<fs::path> files;
  for (const auto& account : accounts) files.push_back(config.parent_path() / "accounts.d" / (account.name + ".toml"));
  return files;
}

Result<void> place_accounts(const fs::path& config, const std::vector<NewAccount>& accounts) {
  const auto files = files_for(config, accounts);
  for (const auto& file : files)
    if (is_there(file))
      return fail(ErrorKind::exists, fmt::format("{} is there already, and isn't replaced: rename it", file.string()));
  if (!is_there(config)) return place(config, whole_file(accounts));
  for (std::size_t n = 0; n < accounts.size(); ++n) {
    const auto placed = place(files[n], accounts[n].toml);
    MAILMIRROR_TRY(placed);
  }
  return ok();
}

}  // namespace mailmirror::daemon::migration
