// Which messages are being downloaded right now, by their identity in every mailbox (EMAILID, X-GM-MSGID): of the mailboxes that are
// passed over side by side, one downloads a message, and the others wait for its file.
#pragma once

#include "sync/base/event.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::sync {

/// One for an account. Network thread only. Who waits holds no claim: so nobody waits for ever.
class DownloadClaims {
 public:
  /// Claims given back when it is destroyed.
  class Held {
   public:
    explicit Held(DownloadClaims& claims) : claims_(&claims) {}
    ~Held() { release(); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    /// False: somebody else is at it.
    bool claim(const std::string& identity) {
      if (!claims_->taken_.insert(identity).second) return false;
      mine_.push_back(identity);
      return true;
    }

    void release() {
      for (const auto& identity : mine_) claims_->taken_.erase(identity);
      if (!mine_.empty()) claims_->released();
      mine_.clear();
    }

   private:
    DownloadClaims* claims_;
    std::vector<std::string> mine_;
  };

  /// Returns once nobody holds any of these. Throws operation_aborted if this coroutine was cancelled.
  Task<void> wait_until_free(std::vector<std::string> identities) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    if (!changed_) changed_.emplace(executor);
    const auto taken = [&] {
      for (const auto& identity : identities)
        if (taken_.contains(identity)) return true;
      return false;
    };
    while (taken()) co_await changed_->wait();
  }

 private:
  void released() {
    if (changed_) changed_->notify();
  }

  std::set<std::string> taken_;
  std::optional<Event> changed_;
};

}  // namespace mailmirror::sync
