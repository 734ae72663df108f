// One mailmirrord at a time works on an account, and on a Maildir (semantics, "Files" and hard case 19).
#pragma once

#include "sync/base/result.hpp"

#include <filesystem>
#include <string>

namespace mailmirror::store {

/// Held until destroyed or until the process ends, however it ends. Blocking.
class AccountLock {
 public:
  /// Makes the directory (0700) if it isn't there. Errors: locked ("another mailmirrord (pid N) works on account X"), permission,
  /// io.
  static Result<AccountLock> take(const std::filesystem::path& state_directory, const std::string& account);

  /// The Maildir's root too. Errors: locked, missing, io.
  Result<void> take_root(const std::filesystem::path& root);

  ~AccountLock();
  AccountLock(AccountLock&& other) noexcept;
  AccountLock& operator=(AccountLock&&) = delete;

 private:
  AccountLock(int file, std::string account) : file_(file), account_(std::move(account)) {}

  int file_ = -1;
  int root_ = -1;
  std::string account_;
};

}  // namespace mailmirror::store
