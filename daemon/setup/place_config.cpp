#include "daemon/setup/place_config.hpp"

#include "daemon/config/load.hpp"
#include "store/state/private_directory.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace mailmirror::daemon::setup {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateFolder = 0700;

/// Where the future configuration is read before it exists.
class Rehearsal {
 public:
  Rehearsal() {
    std::error_code failure;
    std::string pattern = (fs::temp_directory_path(failure) / "mailmirror-init-XXXXXX").string();
    if (!failure && ::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~Rehearsal() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

Result<void> write_new_file(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateFile);
  if (file < 0) {
    if (errno == EEXIST) return fail(ErrorKind::exists, fmt::format("{} is there already: nothing was overwritten", path.string()));
    return error_from_errno(errno, fmt::format("can't make {}", path.string()));
  }
  std::size_t done = 0;
  int failure = 0;
  while (done < text.size() && failure == 0) {
    const auto written = ::write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) failure = errno;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  if (failure == 0 && ::fsync(file) != 0) failure = errno;
  ::close(file);
  if (failure == 0) return ok();
  ::unlink(path.c_str());
  return error_from_errno(failure, fmt::format("can't write {}", path.string()));
}

/// Those that are missing, closed to others. What is there keeps its mode: it may be somebody's /etc.
Result<void> make_folders(const fs::path& folder) {
  std::error_code failure;
  if (folder.empty() || fs::is_directory(folder, failure)) return ok();
  const auto above = make_folders(folder.parent_path());
  MAILMIRROR_TRY(above);
  if (::mkdir(folder.c_str(), kPrivateFolder) != 0 && errno != EEXIST)
    return error_from_errno(errno, fmt::format("can't make the directory {}", folder.string()));
  return store::sync_directory(folder.parent_path());
}

/// First under another name, so that nobody ever reads a half of it; a link, other than a rename, never replaces anything.
Result<void> write_whole(const fs::path& path, const std::string& text) {
  const auto draft = path.parent_path() / fmt::format(".{}.{}", path.filename().string(), ::getpid());
  const auto written = write_new_file(draft, text);
  MAILMIRROR_TRY(written);
  const int failure = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(draft.c_str());
  if (failure == EEXIST) return fail(ErrorKind::exists, fmt::format("{} is there already: nothing was overwritten", path.string()));
  if (failure != 0) return error_from_errno(failure, fmt::format("can't make {}", path.string()));
  auto durable = store::sync_directory(path.parent_path());
  if (!durable) ::unlink(path.c_str());
  return durable;
}

void link_into(const fs::path& folder, const fs::path& original) {
  std::error_code ignored;
  fs::create_symlink(fs::absolute(original, ignored), folder / original.filename(), ignored);
}

void link_account_files(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(from, failure))
    if (entry.path().extension() == ".toml") link_into(to, entry.path());
}

std::string all_of(const config::ConfigErrors& errors, const fs::path& folder, const fs::path& real) {
  std::string text;
  for (const auto& error : errors) {
    auto line = error.to_string();
    if (line.starts_with(folder.string())) line.replace(0, folder.string().size(), real.string());
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

bool says_only_that_it_is_empty(const config::ConfigErrors& errors) {
  return errors.size() == 1 && errors.front().message.starts_with("no account is configured");
}

}  // namespace

Place place_for(const fs::path& config_file, const std::string& account) {
  std::error_code failure;
  if (!fs::exists(config_file, failure) && !failure) return {config_file, config_file, Part::whole_file};
  return {config_file, config_file.parent_path() / "accounts.d" / (account + ".toml"), Part::account_file};
}

Result<std::set<std::string>> accounts_in(const fs::path& config_file, const Environment& environment) {
  std::error_code failure;
  std::set<std::string> names;
  if (!fs::exists(config_file, failure) && !failure) return names;
  const auto loaded = config::load(config_file, environment);
  if (!loaded.good() && !says_only_that_it_is_empty(loaded.errors))
    return fail(ErrorKind::configuration,
                fmt::format("there is a configuration already, and it has to be mended before an account is added:\n{}",
                            all_of(loaded.errors, "", "")));
  for (const auto& account : loaded.config.accounts) names.insert(account.name);
  return names;
}

Result<config::Account> check_text(const Place& place, const std::string& text, const std::string& account,
                                   const Environment& environment) {
  const Rehearsal rehearsal;
  const auto& folder = rehearsal.folder();
  if (folder.empty()) return fail(ErrorKind::io, "can't make a temporary directory: is there room in /tmp?");
  const auto real = place.config_file.parent_path();
  const auto accounts = folder / "accounts.d";
  if (::mkdir(accounts.c_str(), kPrivateFolder) != 0) return error_from_errno(errno, "can't make a temporary directory");
  link_account_files(real / "accounts.d", accounts);
  const auto file = folder / place.config_file.filename();
  if (place.part == Part::account_file) link_into(folder, place.config_file);
  const auto written = write_new_file(place.part == Part::whole_file ? file : accounts / place.target.filename(), text);
  MAILMIRROR_TRY(written);
  const auto loaded = config::load(file, environment);
  if (!loaded.good()) return fail(ErrorKind::configuration, all_of(loaded.errors, folder, real));
  const auto found = std::find_if(loaded.config.accounts.begin(), loaded.config.accounts.end(),
                                  [&](const auto& one) { return one.name == account; });
  if (found == loaded.config.accounts.end())
    return fail(ErrorKind::configuration, "the new account can't be found in its configuration");
  return *found;
}

Result<void> put_in_place(const Place& place, const std::string& text, const fs::path& secret_file, const std::string& secret) {
  const auto made = make_folders(place.target.parent_path());
  MAILMIRROR_TRY(made);
  if (!secret_file.empty()) {
    const auto folder = make_folders(secret_file.parent_path());
    MAILMIRROR_TRY(folder);
    const auto kept = write_new_file(secret_file, secret + '\n');
    MAILMIRROR_TRY(kept);
  }
  const auto written = write_whole(place.target, text);
  if (!written && !secret_file.empty()) ::unlink(secret_file.c_str());
  return written;
}

}  // namespace mailmirror::daemon::setup
