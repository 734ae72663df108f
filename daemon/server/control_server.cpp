#include "daemon/server/control_server.hpp"

#include "daemon/server/client_connection.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

using Protocol = asio::local::stream_protocol;

constexpr int kBacklog = 64;
constexpr std::size_t kMostClients = 256;
/// Out of descriptors or memory: it may pass.
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(200);

/// Made if it isn't there; else it must be ours and closed to others.
Result<void> prepare_directory(const std::filesystem::path& directory) {
  std::error_code failure;
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), failure);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return error_from_errno(errno, fmt::format("can't make the socket's directory {}", directory.string()));
  struct stat s {};
  if (::lstat(directory.c_str(), &s) != 0) return error_from_errno(errno, directory.string());
  if (!S_ISDIR(s.st_mode) || s.st_uid != ::geteuid())
    return fail(ErrorKind::permission,
                fmt::format("the socket's directory {} isn't a directory of yours: set [daemon] socket to another place",
                            directory.string()));
  if ((s.st_mode & 022) != 0)
    return fail(ErrorKind::permission, fmt::format("others may write to the socket's directory {}: run 'chmod 700 {}'",
                                                   directory.string(), directory.string()));
  return ok();
}

/// Held while a socket is looked at and replaced: of two daemons that start at once, one sees the other's socket. (The lock is on
/// the directory, so that no further file is left over.)
class DirectoryLock {
 public:
  static Result<DirectoryLock> take(const std::filesystem::path& directory) {
    DirectoryLock lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.descriptor_ < 0)
      return error_from_errno(errno, fmt::format("can't open the socket's directory {}", directory.string()));
    if (::flock(lock.descriptor_, LOCK_EX) != 0) return error_from_errno(errno, fmt::format("can't lock {}", directory.string()));
    return lock;
  }
  ~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// A socket that nobody listens at is left over from a crash. Any other outcome of a connection means that somebody does, or might.
Result<void> remove_stale(const std::filesystem::path& path, asio::any_io_executor executor) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0) return ok();
  if (!S_ISSOCK(s.st_mode))
    return fail(ErrorKind::exists, fmt::format("{} is there and is no socket: remove it, or set [daemon] socket", path.string()));
  Protocol::socket probe(executor);
  boost::system::error_code failure;
  probe.open(Protocol(), failure);
  if (!failure) probe.non_blocking(true, failure);
  if (!failure) probe.connect(Protocol::endpoint(path.string()), failure);
  if (failure != asio::error::connection_refused)
    return fail(ErrorKind::locked,
                fmt::format("another mailmirrord answers at {}: stop it first ('mailmirror stop')", path.string()));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return error_from_errno(errno, fmt::format("can't remove the old socket {}", path.string()));
  return ok();
}

/// Nobody can connect before `listen`, so that the mode is right from the first moment that counts.
Result<void> listen_at(Protocol::acceptor& acceptor, const std::filesystem::path& path) {
  boost::system::error_code failure;
  acceptor.open(Protocol(), failure);
  if (!failure) acceptor.bind(Protocol::endpoint(path.string()), failure);
  if (!failure && ::chmod(path.c_str(), 0600) != 0) failure.assign(errno, boost::system::system_category());
  if (!failure) acceptor.listen(kBacklog, failure);
  if (failure) return error_from_errno(failure.value(), fmt::format("can't listen at {}", path.string()));
  return ok();
}

bool is_this_user(Protocol::socket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == ::geteuid() || peer.uid == 0);
}

}  // namespace

Result<ControlServer> ControlServer::open(asio::any_io_executor executor, std::filesystem::path path) {
  if (path.string().size() >= sizeof(sockaddr_un::sun_path))
    return fail(ErrorKind::configuration, fmt::format("the socket's path {} is too long: at most {} bytes", path.string(),
                                                      sizeof(sockaddr_un::sun_path) - 1));
  const auto directory = prepare_directory(path.parent_path());
  MAILMIRROR_TRY(directory);
  const auto lock = DirectoryLock::take(path.parent_path());
  MAILMIRROR_TRY(lock);
  const auto free = remove_stale(path, executor);
  MAILMIRROR_TRY(free);
  Protocol::acceptor acceptor(executor);
  const auto listening = listen_at(acceptor, path);
  MAILMIRROR_TRY(listening);
  return ControlServer(std::move(acceptor), std::move(path));
}

ControlServer::~ControlServer() {
  if (acceptor_.is_open()) ::unlink(path_.c_str());
}

ControlServer::ControlServer(ControlServer&& other) noexcept = default;

Task<void> ControlServer::run(Handler& handler, EventBus& bus, Log& log) {
  auto accept = [&](TaskGroup& clients) -> Task<void> {
    asio::steady_timer pause(acceptor_.get_executor());
    while (true) {
      auto [failure, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      co_await throw_if_cancelled();
      if (!failure) {
        admit(clients, std::move(socket), handler, bus, log);
        continue;
      }
      log.warn("the control socket can't take a client: {}", failure.message());
      pause.expires_after(kPauseAfterFailure);
      co_await pause.async_wait(asio::use_awaitable);
    }
  };
  co_await run_in_group(accept);
}

void ControlServer::admit(TaskGroup& clients, Protocol::socket socket, Handler& handler, EventBus& bus, Log& log) {
  if (!is_this_user(socket)) return log.warn("a process of another user tried the control socket: refused");
  if (clients.running() > kMostClients)
    return log.warn("more than {} clients at the control socket: one was refused", kMostClients);
  clients.spawn(serve_client(std::move(socket), handler, bus, log));
}

}  // namespace mailmirror::daemon::server
