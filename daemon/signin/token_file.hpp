// The tokens of an account, on disk: STATE_DIR/ACCOUNT/token.json. All of it blocks.
#pragma once

#include "daemon/signin/tokens.hpp"
#include "sync/base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace mailmirror::daemon::signin {

/// Whose tokens they are: those of another client or provider aren't used.
struct KeptTokens {
  std::string provider;
  std::string client_id;
  Tokens tokens;
};

/// One process at a time: held while tokens are renewed or replaced, by the daemon, by `login` and by --once. Ends with
/// the process, however that ends.
class TokenLock {
 public:
  /// nullopt: another one holds it now. Makes the directory (0700) if it isn't there. Errors: permission, io.
  static Result<std::optional<TokenLock>> try_take(const std::filesystem::path& directory);
  ~TokenLock();
  TokenLock(TokenLock&& other) noexcept;
  TokenLock& operator=(TokenLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }

 private:
  explicit TokenLock(int file) : file_(file) {}
  int file_;
};

class TokenFile {
 public:
  explicit TokenFile(std::filesystem::path directory) : directory_(std::move(directory)) {}

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// nullopt: there is none. Errors: permission (it is a link, another's, or others may read it), damaged, io.
  [[nodiscard]] Result<std::optional<KeptTokens>> read() const;

  /// Replaces it in one step, 0600; durable on return. The lock is held. Errors: permission, disk_full, io.
  [[nodiscard]] Result<void> write(const KeptTokens& kept) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace mailmirror::daemon::signin
