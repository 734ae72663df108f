#include "daemon/doctor/machine_checks.hpp"

#include "daemon/control/client.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <optional>

namespace mailmirror::daemon::doctor {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::seconds(5);
/// No clock that is right has shown less since this was written (2025-01-01).
constexpr std::time_t kEarliest = 1735689600;
constexpr mode_t kOthersRead = 0077;
constexpr mode_t kGroupWrites = 0020;
constexpr mode_t kOthersWrite = 0002;

Finding of(std::string check, State state, std::string message, std::string remedy = "") {
  return {"", std::move(check), state, std::move(message), std::move(remedy)};
}

std::optional<struct stat> look_at(const fs::path& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return std::nullopt;
  return s;
}

/// Nobody else may change it, and, where `secret`, read it.
std::optional<Finding> check_file(const fs::path& path, bool secret, std::string_view what) {
  const auto s = look_at(path);
  if (!s) return std::nullopt;
  if (s->st_uid != ::geteuid() && s->st_uid != 0)
    return of("permissions", State::warn,
              fmt::format("{}, {}, belongs to somebody else (user id {})", path.string(), what, s->st_uid),
              fmt::format("chown it to yourself, or use another one: {}", path.string()));
  if ((s->st_mode & (kOthersWrite | kGroupWrites)) != 0)
    return of("permissions", (s->st_mode & kOthersWrite) != 0 ? State::fail : State::warn,
              fmt::format("others may change {}, {}", path.string(), what), fmt::format("chmod go-w {}", path.string()));
  if (secret && (s->st_mode & kOthersRead) != 0)
    return of("permissions", State::fail, fmt::format("others may read {}, {}", path.string(), what),
              fmt::format("chmod {} {}", S_ISDIR(s->st_mode) ? "700" : "600", path.string()));
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const char* file) {
  std::ifstream in(file);
  std::uint64_t number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

std::uint64_t folders_below(const fs::path& root) {
  std::uint64_t count = 0;
  std::error_code failure;
  for (fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, failure), end;
       !failure && at != end; at.increment(failure)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) ++count;
    // Messages by the hundred thousand hold no folders.
    if (at->path().filename() == "cur" || at->path().filename() == "new" || at->path().filename() == "tmp")
      at.disable_recursion_pending();
  }
  return count;
}

}  // namespace

Findings check_configuration(const fs::path& file, const config::Loaded& loaded) {
  std::error_code failure;
  if (!fs::exists(file, failure))
    return {
        of("configuration", State::fail, fmt::format("there is none: {}", file.string()), "mailmirror init ADDRESS writes one")};
  Findings findings;
  for (const auto& error : loaded.errors) findings.push_back(of("configuration", State::fail, error.to_string(), "mend that line"));
  if (loaded.good())
    findings.push_back(of("configuration", State::ok,
                          fmt::format("{}: {} account{}", file.string(), loaded.config.accounts.size(),
                                      loaded.config.accounts.size() == 1 ? "" : "s")));
  return findings;
}

Findings check_permissions(const fs::path& file, const config::Config& config) {
  Findings findings;
  const auto check = [&](const fs::path& path, bool secret, std::string_view what) {
    if (auto finding = check_file(path, secret, what)) findings.push_back(std::move(*finding));
  };
  check(file, false, "the configuration");
  check(file.parent_path(), false, "the folder of the configuration");
  check(config.state_dir, false, "the state folder");
  check(config.socket.parent_path(), true, "the folder of the control socket");
  for (const auto& account : config.accounts) {
    check(config.state_dir / account.name, true, fmt::format("the state of account {}", account.name));
    if (account.secret.kind == config::SecretSource::Kind::password_file)
      check(account.secret.value, true, fmt::format("the password of account {}", account.name));
    if (!account.client_key.empty()) check(account.client_key, true, fmt::format("the key of account {}", account.name));
    check(account.maildir, false, fmt::format("the mail of account {}", account.name));
  }
  if (findings.empty())
    findings.push_back(of("permissions", State::ok, "configuration, state, socket and mail are yours alone to change"));
  return findings;
}

Finding check_daemon(const config::Config& config) {
  auto client = control::Client::connect(config.socket);
  if (!client)
    return of("daemon", State::warn, fmt::format("none answers at {}", config.socket.string()),
              "start it: 'systemctl --user enable --now mailmirrord', or 'mailmirrord' in a terminal");
  const auto hello = client->call("hello", control::Json::object(), kPatience);
  if (!hello) return of("daemon", State::fail, hello.error().message, "'mailmirror stop', then start it again");
  return of("daemon", State::ok, fmt::format("it runs and answers at {}", config.socket.string()));
}

Finding check_clock() {
  const auto now = std::time(nullptr);
  if (now < kEarliest)
    return of("clock", State::fail, "the clock is years behind: no certificate is valid at its time",
              "set it: 'timedatectl set-ntp true', or 'date -s'");
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return of("clock", State::warn,
              "nothing keeps this machine's clock right, as far as the kernel knows; days off, and certificates seem invalid",
              "'timedatectl set-ntp true', where that is this machine's business (a container's clock is its host's)");
  return of("clock", State::ok, "it is kept right");
}

Finding judge_watches(std::uint64_t folders, std::uint64_t most) {
  const auto told = fmt::format("{} folders to watch, {} allowed (fs.inotify.max_user_watches)", folders, most);
  const auto remedy = fmt::format("sysctl fs.inotify.max_user_watches={}, and the same line in /etc/sysctl.d/",
                                  std::max<std::uint64_t>(65536, folders * 4));
  if (folders >= most) return of("file watches", State::fail, told + ": changes in the others are seen only by polling", remedy);
  if (folders * 2 >= most) return of("file watches", State::warn, told + ", and other programs take of the same", remedy);
  return of("file watches", State::ok, told);
}

Finding check_watches(const config::Config& config) {
  const auto most = number_in("/proc/sys/fs/inotify/max_user_watches");
  if (!most) return of("file watches", State::ok, "this kernel tells no limit");
  std::uint64_t folders = 0;
  for (const auto& account : config.accounts) folders += folders_below(account.maildir);
  return judge_watches(folders, *most);
}

}  // namespace mailmirror::daemon::doctor
