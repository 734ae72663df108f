// An account's connections: opened when needed, kept, lent out one user at a time.
#pragma once

#include "imap/client/open_session.hpp"
#include "sync/account/session_source.hpp"
#include "sync/base/event.hpp"
#include "sync/base/latch.hpp"
#include "sync/base/task_group.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace mailmirror::daemon {

/// Gives the options for one more session, the secret among them. Errors: configuration, authentication (the command that prints
/// the password failed), …
using SessionRecipe = std::function<Task<Result<imap::client::SessionOptions>>()>;

/// Hears that the server refused a login with this secret. nullopt: the recipe now gives another one, so it is tried again. Else the
/// error as the user is told it.
using OnRefused = std::function<std::optional<Error>(const std::string& secret, const Error& refusal)>;

/// A connection that the server refuses as one too many, while others stand, lowers the number for an hour: whoever wanted it waits for
/// one of those. Network thread only. The readers of its sessions run in `readers`, which the owner joins before the pool goes away.
class SessionPool final : public sync::SessionSource {
 public:
  SessionPool(imap::client::Environment environment, SessionRecipe recipe, std::size_t capacity, TaskGroup& readers,
              asio::any_io_executor executor);
  ~SessionPool() override;

  /// Without it a refusal is final.
  void on_refused(OnRefused hear) { on_refused_ = std::move(hear); }

  Task<Result<sync::SessionLease>> lease() override;
  [[nodiscard]] std::size_t capacity() const override { return usable() > reserved_ ? usable() - reserved_ : 1; }

  /// As configured, or what the server was found to allow.
  [[nodiscard]] std::size_t most_connections() const { return usable(); }

  /// One lease is kept out for long (the connection that listens for news): passes count on one fewer.
  void reserve(std::size_t leases) { reserved_ = leases; }

  /// For whoever listens for news: takes what is free, and asks nobody to make way.
  Task<Result<sync::SessionLease>> lease_to_listen();

  /// Set while a pass waits for a session because all are out: whoever listens makes way.
  [[nodiscard]] Latch& scarcity() { return scarcity_; }

  /// From now on every lease fails with `reason`, those that are out, too; until `open_again`. Either may be repeated.
  void shut(Error reason);
  void open_again() { shut_.reset(); }

  /// Says LOGOUT on what is idle and closes everything; leases that are out fail.
  Task<void> close_all();

  /// Returns when the last session is gone: no lease is out and no reader runs.
  Task<void> wait_until_closed();

  [[nodiscard]] std::size_t open_connections() const { return members_.size(); }
  [[nodiscard]] std::uint64_t bytes_in() const;
  [[nodiscard]] std::uint64_t bytes_out() const;

 private:
  struct Member {
    std::unique_ptr<imap::client::Session> session;
    bool lent = false;
    bool reading = true;
  };
  struct Reading;
  using Position = std::list<Member>::iterator;

  /// The server refuses more connections than these, or did so a while ago.
  struct LearnedCap {
    std::size_t connections;
    SteadyTime until;
  };

  [[nodiscard]] std::size_t usable() const;
  [[nodiscard]] bool learn_cap(const Error& refusal);

  sync::SessionLease lend(Position member);
  void give_back(Position member);
  Task<void> read(std::unique_ptr<Reading> reading);
  void drop_if_done(Position member);
  Task<Result<sync::SessionLease>> open();
  Task<Result<std::unique_ptr<imap::client::Session>>> log_in();
  Task<std::optional<Result<sync::SessionLease>>> try_lease();
  Task<void> wait_in_line();

  imap::client::Environment environment_;
  SessionRecipe recipe_;
  OnRefused on_refused_;
  std::size_t capacity_;
  std::optional<LearnedCap> cap_;
  std::optional<Error> shut_;
  std::size_t reserved_ = 0;
  std::size_t opening_ = 0;
  std::size_t waiting_ = 0;
  TaskGroup& readers_;
  Event freed_;
  Latch scarcity_;
  std::list<Member> members_;
  std::uint64_t bytes_in_of_gone_ = 0;
  std::uint64_t bytes_out_of_gone_ = 0;
};

}  // namespace mailmirror::daemon
