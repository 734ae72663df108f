#include "daemon/signin/token_file.hpp"

#include "store/state/private_directory.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mailmirror::daemon::signin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kLongest = 256 * 1024;

/// A descriptor that closes itself.
class File {
 public:
  File(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::int64_t to_seconds(SystemTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// A number that the clock can't hold counts as long ago.
SystemTime from_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMost = 9'000'000'000;
  return SystemTime(std::chrono::seconds(seconds > 0 && seconds < kMost ? seconds : 0));
}

std::optional<KeptTokens> parse(const std::string& text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    KeptTokens kept{json.at("provider"), json.at("client_id"), {}};
    kept.tokens.access = json.at("access_token");
    kept.tokens.refresh = json.at("refresh_token");
    kept.tokens.obtained = from_seconds(json.at("obtained_at").get<std::int64_t>());
    if (json.contains("expires_at")) kept.tokens.expires = from_seconds(json["expires_at"].get<std::int64_t>());
    return kept;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string to_text(const KeptTokens& kept) {
  Json json{{"provider", kept.provider},
            {"client_id", kept.client_id},
            {"access_token", kept.tokens.access},
            {"refresh_token", kept.tokens.refresh},
            {"obtained_at", to_seconds(kept.tokens.obtained)}};
  if (kept.tokens.expires) json["expires_at"] = to_seconds(*kept.tokens.expires);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<void> check_owner(int file, const fs::path& path) {
  struct stat s {};
  if (::fstat(file, &s) != 0) return error_from_errno(errno, path.string());
  if (!S_ISREG(s.st_mode)) return fail(ErrorKind::permission, fmt::format("{} isn't a file", path.string()));
  if (s.st_uid != ::geteuid()) return fail(ErrorKind::permission, fmt::format("{} belongs to another user", path.string()));
  if ((s.st_mode & 077) != 0)
    return fail(ErrorKind::permission,
                fmt::format("others may read the tokens in {}: run 'chmod 600 {}'", path.string(), path.string()));
  return ok();
}

Result<std::string> read_all(int file, const fs::path& path) {
  std::string text(kLongest + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const auto got = ::read(file, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_from_errno(errno, fmt::format("can't read {}", path.string()));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  text.resize(length);
  return text;
}

Result<void> write_all(int file, const std::string& text, const fs::path& path) {
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_from_errno(errno, fmt::format("can't write {}", path.string()));
    written += static_cast<std::size_t>(count);
  }
  if (::fsync(file) != 0) return error_from_errno(errno, fmt::format("can't make {} durable", path.string()));
  return ok();
}

}  // namespace

Result<std::optional<TokenLock>> TokenLock::try_take(const fs::path& directory) {
  const auto made = store::make_private_directory(directory);
  MAILMIRROR_TRY(made);
  const auto path = directory / "token.lock";
  TokenLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.file_ < 0) return error_from_errno(errno, fmt::format("can't open {}", path.string()));
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(lock));
  if (errno == EWOULDBLOCK) return std::optional<TokenLock>();
  return error_from_errno(errno, fmt::format("can't lock {}", path.string()));
}

TokenLock::~TokenLock() {
  if (file_ >= 0) ::close(file_);
}

TokenLock::TokenLock(TokenLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

Result<std::optional<KeptTokens>> TokenFile::read() const {
  const auto path = directory_ / "token.json";
  const File file(path, O_RDONLY | O_NONBLOCK);
  if (file.number() < 0 && errno == ENOENT) return std::optional<KeptTokens>();
  if (file.number() < 0 && errno == ELOOP)
    return fail(ErrorKind::permission, fmt::format("{} is a symbolic link: not followed", path.string()));
  if (file.number() < 0) return error_from_errno(errno, fmt::format("can't open {}", path.string()));
  const auto ours = check_owner(file.number(), path);
  MAILMIRROR_TRY(ours);
  const auto text = read_all(file.number(), path);
  MAILMIRROR_TRY(text);
  auto kept = parse(*text);
  if (!kept) return fail(ErrorKind::damaged, fmt::format("{} isn't what mailmirror wrote", path.string()));
  return kept;
}

Result<void> TokenFile::write(const KeptTokens& kept) const {
  const auto path = directory_ / "token.json";
  const auto fresh = directory_ / "token.json.new";
  // What a process left that was killed at it.
  ::unlink(fresh.c_str());
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_EXCL);
    if (file.number() < 0) return error_from_errno(errno, fmt::format("can't make {}", fresh.string()));
    const auto written = write_all(file.number(), to_text(kept), fresh);
    MAILMIRROR_TRY(written);
  }
  if (::renameat(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str()) != 0)
    return error_from_errno(errno, fmt::format("can't replace {}", path.string()));
  return store::sync_directory(directory_);
}

}  // namespace mailmirror::daemon::signin
