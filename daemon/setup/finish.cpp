#include "daemon/setup/finish.hpp"

#include "daemon/control/client.hpp"
#include "daemon/control/socket_path.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <spawn.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mailmirror::daemon::setup {
namespace {

namespace fs = std::filesystem;

constexpr auto kReloadPatience = std::chrono::seconds(30);

/// It, or what is nearest above.
fs::path existing_part(fs::path path) {
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path.has_parent_path() && path != path.parent_path()) path = path.parent_path();
  return path;
}

}  // namespace

std::string about_room(const fs::path& maildir, const Sight& sight) {
  struct statvfs disk {};
  if (sight.bytes && ::statvfs(existing_part(maildir).c_str(), &disk) == 0) {
    const auto room = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (room < *sight.bytes)
      return fmt::format("But that won't fit: there is room for {} where {} is to be.", size_in_words(room), maildir.string());
  }
  std::error_code failure;
  if (fs::is_directory(maildir, failure) && !fs::is_empty(maildir, failure) && !failure)
    return fmt::format(
        "{} isn't empty: mail in it that the server has, too, is recognized and not transferred again; what the server "
        "lacks is uploaded (unless the mode is pull).",
        maildir.string());
  return "";
}

bool reload_running_daemon(const fs::path& config_file, const Environment& environment) {
  const auto socket = control::socket_path(config_file, environment);
  if (!socket) return false;
  auto client = control::Client::connect(*socket);
  return client && client->call("reload", control::Json::object(), kReloadPatience);
}

int run_sign_in(const fs::path& config_file, const std::string& account) {
  std::array<std::string, 5> words{"mailmirrord", "--login", account, "--config", config_file.string()};
  std::array<char*, 6> argv{};
  for (std::size_t n = 0; n < words.size(); ++n) argv[n] = words[n].data();
  pid_t pid = -1;
  if (::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0) return 1;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace mailmirror::daemon::setup
