#include "tests/unit/daemon/control_support.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <future>
#include <stdexcept>

namespace mailmirror::daemon::server::testing {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mailmirror-control-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TemporaryDirectory::~TemporaryDirectory() {
  std::filesystem::remove_all(path_);
}

Result<void> FakeDaemon::known(const std::optional<std::string>& account) const {
  if (!account || *account == "work" || *account == "home") return ok();
  return fail(ErrorKind::missing, "there is no account '" + *account + "'");
}

Result<control::StatusDocument> FakeDaemon::status(std::optional<std::string> account) {
  const auto good = known(account);
  MAILMIRROR_TRY(good);
  if (account == "home") throw std::runtime_error("a bug in the daemon");
  return document;
}

Task<Result<control::SyncOutcome>> FakeDaemon::sync(std::vector<Target> targets) {
  for (const auto& target : targets) {
    const auto good = known(target.account);
    MAILMIRROR_CO_TRY(good);
  }
  orders.emplace_back("sync");
  auto progress = event("progress", "work", "INBOX");
  progress.progress = control::InFlight{1, 4, 2048};
  bus_.publish(progress);
  bus_.publish(event("progress", "home"));
  while (!may_end_) co_await released_.wait();
  orders.emplace_back("synced");
  co_return outcome;
}

Result<void> FakeDaemon::start_sync(std::vector<Target> targets) {
  for (const auto& target : targets) {
    const auto good = known(target.account);
    MAILMIRROR_TRY(good);
    orders.push_back("start-sync " + target.account + "|" + target.mailbox);
  }
  return ok();
}

Task<Result<void>> FakeDaemon::pause(std::optional<std::string> account) {
  orders.push_back("pause " + account.value_or("all"));
  co_return known(account);
}

Task<Result<void>> FakeDaemon::resume(std::optional<std::string> account) {
  orders.push_back("resume " + account.value_or("all"));
  co_return known(account);
}

Result<std::uint64_t> FakeDaemon::decide(Target target, Decision decision) {
  const auto good = known(target.account);
  MAILMIRROR_TRY(good);
  orders.push_back((decision == Decision::approve ? "approve " : "reject ") + target.account + "|" + target.mailbox);
  return std::uint64_t{80};
}

Task<Result<std::vector<control::HeldMailbox>>> FakeDaemon::held(std::optional<std::string> account) {
  const auto good = known(account);
  MAILMIRROR_CO_TRY(good);
  co_return waiting;
}

Task<Result<std::vector<control::PassEntry>>> FakeDaemon::log(LogOrder order) {
  orders.push_back("log " + order.account.value_or("all") + "|" + order.mailbox + (order.only_removals ? " removals " : " ") +
                   std::to_string(order.at_most));
  control::PassEntry entry;
  entry.account = "work";
  entry.pass = 12;
  entry.removed = 3;
  entry.mailboxes = {"INBOX"};
  co_return std::vector{entry};
}

Task<Result<control::UndoOutcome>> FakeDaemon::undo(UndoOrder order) {
  orders.push_back("undo " + order.account.value_or("the only one") + "|" + order.mailbox + "|" + std::to_string(order.pass.value_or(0)) + "|" +
                   (order.since ? control::to_iso(*order.since) : "") + (order.dry_run ? "|dry" : ""));
  control::UndoOutcome undone;
  undone.account = "work";
  undone.dry_run = order.dry_run;
  undone.restored = 2;
  undone.lost = 1;
  undone.messages.push_back({12, "INBOX", 7, "deleted-here", "", "nobody kept its bytes"});
  co_return undone;
}

Task<Result<std::string>> FakeDaemon::reload() {
  co_return fail(ErrorKind::configuration, "config.toml:3:1: unknown key 'hots'");
}

void FakeDaemon::stop() {
  if (on_stop) on_stop();
}

RunningServer::RunningServer() {
  daemon_.document.version = "0.1.0";
  auto opened = ControlServer::open(network_.get_executor(), socket());
  if (!opened) throw std::runtime_error(opened.error().message);
  auto serve = [](ControlServer server, FakeDaemon& daemon, EventBus& bus) -> Task<void> {
    const auto log = null_log();
    co_await server.run(daemon, bus, *log);
  };
  daemon_.on_stop = [this] { stop_.emit(asio::cancellation_type::terminal); };
  asio::co_spawn(network_, serve(std::move(*opened), daemon_, bus_),
                 asio::bind_cancellation_slot(stop_.slot(), [](std::exception_ptr) {}));
  thread_ = std::thread([this] { network_.run(); });
}

RunningServer::~RunningServer() {
  stop();
}

void RunningServer::stop() {
  if (!thread_.joinable()) return;
  asio::post(network_, [this] { stop_.emit(asio::cancellation_type::terminal); });
  thread_.join();
}

void RunningServer::on_network(const std::function<void()>& work) {
  std::promise<void> done;
  asio::post(network_, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void RunningServer::publish(const control::Event& event) {
  on_network([&] { bus_.publish(event); });
}

std::vector<std::string> RunningServer::orders() {
  std::vector<std::string> copy;
  on_network([&] { copy = daemon_.orders; });
  return copy;
}

Peer::Peer(const std::filesystem::path& socket) : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const timeval limit{10, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("nobody listens at " + socket.string());
}

Peer::~Peer() {
  ::close(descriptor_);
}

void Peer::say(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::optional<std::string> Peer::line() {
  while (rest_.find('\n') == std::string::npos) {
    std::array<char, 64 * 1024> piece{};
    const auto got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got <= 0) return std::nullopt;
    rest_.append(piece.data(), static_cast<std::size_t>(got));
  }
  const auto end = rest_.find('\n');
  auto first = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  return first;
}

control::Json Peer::document() {
  const auto text = line();
  return text ? control::Json::parse(*text, nullptr, false) : control::Json();
}

void Peer::close_writing() const {
  ::shutdown(descriptor_, SHUT_WR);
}

control::Event event(const std::string& type, const std::string& account, const std::string& mailbox) {
  control::Event made;
  made.type = type;
  made.account = account;
  made.mailbox = mailbox;
  return made;
}

bool eventually(const std::function<bool()>& condition) {
  for (int n = 0; n < 2000; ++n) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace mailmirror::daemon::server::testing
