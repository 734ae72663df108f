#include "store/state/account_lock.hpp"

#include "store/state/private_directory.hpp"

#include <fmt/format.h>
#include <boost/assert.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace mailmirror::store {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto length = pread(file, text.data(), text.size() - 1, 0);
  const std::string_view digits(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return digits.empty() ? std::string() : fmt::format(" (pid {})", digits.substr(0, digits.find('\n')));
}

}  // namespace

Result<AccountLock> AccountLock::take(const std::filesystem::path& state_directory, const std::string& account) {
  const auto made = make_private_directory(state_directory);
  MAILMIRROR_TRY(made);
  const auto path = state_directory / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return error_from_errno(errno, fmt::format("can't open {}", path.string()));
  AccountLock lock(file, account);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return error_from_errno(errno, fmt::format("can't lock {}", path.string()));
    return fail(ErrorKind::locked, fmt::format("another mailmirrord{} works on account {}: stop it first ('mailmirror stop')",
                                               holder_of(file), account));
  }
  const auto pid = fmt::format("{}\n", getpid());
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return error_from_errno(errno, fmt::format("can't write {}", path.string()));
  return lock;
}

Result<void> AccountLock::take_root(const std::filesystem::path& root) {
  BOOST_ASSERT_MSG(root_ < 0, "an account has one Maildir");
  const int directory = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return error_from_errno(errno, fmt::format("can't open the Maildir {}", root.string()));
  const int failure = flock(directory, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  if (failure == 0) {
    root_ = directory;
    return ok();
  }
  ::close(directory);
  if (failure == EWOULDBLOCK)
    return fail(ErrorKind::locked, fmt::format("another mailmirrord works on the Maildir {} (account {})", root.string(), account_));
  return error_from_errno(failure, fmt::format("can't lock the Maildir {}", root.string()));
}

AccountLock::~AccountLock() {
  if (root_ >= 0) ::close(root_);
  if (file_ >= 0) ::close(file_);
}

AccountLock::AccountLock(AccountLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), root_(std::exchange(other.root_, -1)), account_(std::move(other.account_)) {}

}  // namespace mailmirror::store
