// Where a pass gets its connections from: the daemon's pool, or a test's.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstddef>
#include <functional>
#include <utility>

namespace mailmirror::sync {

/// A logged-in session on loan. Goes back when the lease ends.
class SessionLease {
 public:
  using Return = std::function<void(imap::client::Session&)>;

  SessionLease(imap::client::Session& session, Return give_back) : session_(&session), give_back_(std::move(give_back)) {}
  ~SessionLease() {
    if (session_ != nullptr) give_back_(*session_);
  }
  SessionLease(SessionLease&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)), give_back_(std::move(other.give_back_)) {}
  SessionLease& operator=(SessionLease&&) = delete;

  [[nodiscard]] imap::client::Session& session() const { return *session_; }

 private:
  imap::client::Session* session_;
  Return give_back_;
};

class SessionSource {
 public:
  virtual ~SessionSource() = default;

  /// Waits until a session is free, or opens one. Errors: those of connecting and signing in.
  virtual Task<Result<SessionLease>> lease() = 0;

  /// How many leases may be out at a time; at least 1.
  [[nodiscard]] virtual std::size_t capacity() const = 0;
};

}  // namespace mailmirror::sync
