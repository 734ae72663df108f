#include "daemon/doctor/account_checks.hpp"

#include "daemon/control/client.hpp"
#include "daemon/setup/look_around.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mailmirror::daemon::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLittleRoom = 1ULL << 30;
constexpr std::uint64_t kNoRoom = 32ULL << 20;
constexpr std::uint64_t kFewInodes = 10'000;
constexpr auto kPatience = std::chrono::seconds(5);

/// linux/magic.h has some of them, under names that differ between its versions.
constexpr std::array<std::pair<std::uint64_t, const char*>, 8> kRemote{{{0x6969, "NFS"},
                                                                        {0x517b, "SMB"},
                                                                        {0xff534d42, "CIFS"},
                                                                        {0xfe534d42, "SMB"},
                                                                        {0x5346414f, "AFS"},
                                                                        {0x00c36400, "Ceph"},
                                                                        {0x01021997, "9p"},
                                                                        {0x65735546, "FUSE"}}};

fs::path existing_part(fs::path path) {
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path != path.parent_path()) path = path.parent_path();
  return path;
}

enum class Held { no, yes };

struct Holder {
  Held held = Held::no;
  std::string pid;
};

/// The lock is only tried, for an instant.
Holder holder_of(const fs::path& path, bool names_its_holder) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return {};
  Holder holder;
  if (::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) holder.held = Held::yes;
  std::array<char, 16> digits{};
  const auto length = names_its_holder && holder.held == Held::yes ? ::pread(file, digits.data(), digits.size(), 0) : 0;
  for (ssize_t n = 0; n < length && digits[static_cast<std::size_t>(n)] >= '0' && digits[static_cast<std::size_t>(n)] <= '9'; ++n)
    holder.pid += digits[static_cast<std::size_t>(n)];
  ::close(file);
  return holder;
}

}  // namespace

Finding check_maildir(const config::Account& account) {
  const auto tell = [&](State state, std::string message, std::string remedy = "") {
    return Finding{account.name, "maildir", state, std::move(message), std::move(remedy)};
  };
  std::error_code failure;
  const auto& path = account.maildir;
  const auto there = existing_part(path);
  if (there != path) {
    if (::access(there.c_str(), W_OK | X_OK) == 0)
      return tell(State::ok, fmt::format("{} will be made by the first pass", path.string()));
    return tell(State::fail, fmt::format("{} isn't there and can't be made in {}", path.string(), there.string()),
                "make it and give it to yourself, or set 'maildir' to another place");
  }
  if (!fs::is_directory(path, failure))
    return tell(State::fail, fmt::format("{} is no directory", path.string()),
                "move that file away, or set 'maildir' to another place");
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0)
    return tell(State::fail, fmt::format("{} can't be read and written: {}", path.string(), std::strerror(errno)),
                fmt::format("chmod u+rwx {}", path.string()));
  return tell(State::ok, path.string());
}

std::optional<Finding> judge_room(const Room& room, const std::string& account, const std::string& what) {
  const auto tell = [&](State state, std::string message, std::string remedy) {
    return Finding{account, "disk", state, std::move(message), std::move(remedy)};
  };
  const auto bytes = fmt::format("{} left for {}", setup::size_in_words(room.bytes), what);
  if (room.bytes < kNoRoom) return tell(State::fail, bytes, "make room: new mail can't be stored");
  if (room.counts_inodes && room.inodes == 0)
    return tell(State::fail, fmt::format("no inode left for {}: each message takes one", what),
                "remove files there, or move the mail");
  if (room.bytes < kLittleRoom) return tell(State::warn, bytes, "make room before it is too late, or set max_message_size");
  if (room.counts_inodes && room.inodes < kFewInodes)
    return tell(State::warn, fmt::format("{} inodes left for {}: each message takes one", room.inodes, what),
                "remove files there, or move the mail");
  return std::nullopt;
}

Findings check_disks(const config::Account& account, const fs::path& state_dir) {
  Findings findings;
  std::uint64_t left = 0;
  for (const auto& [path, what] : {std::pair(account.maildir, "the mail"), std::pair(state_dir, "the state")}) {
    struct statvfs disk {};
    if (::statvfs(existing_part(path).c_str(), &disk) != 0) continue;
    const Room room{static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize, disk.f_favail, disk.f_files > 0};
    if (path == account.maildir) left = room.bytes;
    if (auto finding = judge_room(room, account.name, fmt::format("{} ({})", what, path.string())))
      findings.push_back(std::move(*finding));
  }
  if (findings.empty())
    findings.push_back({account.name, "disk", State::ok, fmt::format("{} left for the mail", setup::size_in_words(left))});
  return findings;
}

std::optional<std::string> remote_file_system(std::uint64_t magic) {
  for (const auto& [number, name] : kRemote)
    if (number == magic) return name;
  return std::nullopt;
}

Finding check_file_system(const config::Account& account) {
  struct statfs disk {};
  if (::statfs(existing_part(account.maildir).c_str(), &disk) != 0)
    return {account.name, "file system", State::ok, "it tells nothing of itself"};
  const auto remote = remote_file_system(static_cast<std::uint64_t>(disk.f_type) & 0xffffffffU);
  if (!remote) return {account.name, "file system", State::ok, "local"};
  return {account.name, "file system", State::warn,
          fmt::format("{} lies on {}: what other machines write there isn't noticed at once, and two machines that both mirror "
                      "into one Maildir "
                      "take each other's work for changes of yours",
                      account.maildir.string(), *remote),
          "mirror into a local directory, one for each machine; if it has to be this one, run mailmirrord on one machine alone"};
}

Finding check_lock(const config::Account& account, const fs::path& state_dir, bool mirrored_here) {
  const auto state = holder_of(state_dir / account.name / "lock", true);
  const auto root = holder_of(account.maildir, false);
  if (mirrored_here) return {account.name, "instance", State::ok, "the running daemon mirrors it"};
  const auto who = state.pid.empty() ? std::string("another mailmirrord") : fmt::format("another mailmirrord (pid {})", state.pid);
  if (state.held == Held::yes)
    return {account.name, "instance", State::warn,
            fmt::format("{} works on this account, and isn't the one at the configured socket", who),
            "if it isn't wanted, stop it; else name its configuration by --config"};
  if (root.held == Held::yes)
    return {account.name, "instance", State::fail,
            fmt::format("another mailmirrord works on {}, with a state of its own", account.maildir.string()),
            "two accounts can't share a Maildir: stop that one, or set 'maildir' to another place"};
  return {account.name, "instance", State::ok, "nobody else works on it"};
}

bool is_mirrored_at(const fs::path& socket, const std::string& account) {
  auto client = control::Client::connect(socket);
  return client && client->call("status", {{"account", account}}, kPatience);
}

}  // namespace mailmirror::daemon::doctor
