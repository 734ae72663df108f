#include "daemon/server/control_server.hpp"

#include "daemon/server/client_connection.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

using Protocol = asio::local::stream_protocol;

/// Made if it isn't there; else it must be ours and closed to others.
Result<void> prepare_directory(const std::filesystem::path& directory) {
  std::error_code failure;
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), failure);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return error_from_errno(errno, fmt::format("can't make the socket's directory {}", directory.string()));
  struct stat s{};
  if (::lstat(directory.c_str(), &s) != 0) return error_from_errno(errno, directory.string());
  if (!S_ISDIR(s.st_mode) || s.st_uid != ::geteuid())
    return fail(ErrorKind::permission, fmt::format("the socket's directory {} isn't a directory of yours: set [daemon] socket to another place",
                                                   directory.string()));
  if ((s.st_mode & 022) != 0)
    return fail(ErrorKind::permission, fmt::format("others may write to the socket's directory {}: run 'chmod 700 {}'", directory.string(),
                                                   directory.string()));
  return ok();
}

/// A socket that nobody answers at is left over from a crash.
Result<void> remove_stale(const std::filesystem::path& path, asio::any_io_executor executor) {
  struct stat s{};
  if (::lstat(path.c_str(), &s) != 0) return ok();
  if (!S_ISSOCK(s.st_mode)) return fail(ErrorKind::exists, fmt::format("{} is there and is no socket: remove it, or set [daemon] socket", path.string()));
  Protocol::socket probe(executor);
  boost::system::error_code refused;
  probe.connect(Protocol::endpoint(path.string()), refused);
  if (!refused) return fail(ErrorKind::locked, fmt::format("another mailmirrord answers at {}: stop it first ('mailmirror stop')", path.string()));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error_from_errno(errno, fmt::format("can't remove the old socket {}", path.string()));
  return ok();
}

bool is_this_user(Protocol::socket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

}  // namespace

Result<ControlServer> ControlServer::open(asio::any_io_executor executor, std::filesystem::path path) {
  if (path.string().size() >= sizeof(sockaddr_un::sun_path))
    return fail(ErrorKind::configuration, fmt::format("the socket's path {} is too long: at most {} bytes", path.string(), sizeof(sockaddr_un::sun_path) - 1));
  const auto directory = prepare_directory(path.parent_path());
  MAILMIRROR_TRY(directory);
  const auto free = remove_stale(path, executor);
  MAILMIRROR_TRY(free);
  Protocol::acceptor acceptor(executor);
  boost::system::error_code failure;
  acceptor.open(Protocol(), failure);
  const auto old_mask = ::umask(0177);
  if (!failure) acceptor.bind(Protocol::endpoint(path.string()), failure);
  ::umask(old_mask);
  if (!failure) acceptor.listen(64, failure);
  if (failure) return error_from_errno(failure.value(), fmt::format("can't listen at {}", path.string()));
  return ControlServer(std::move(acceptor), std::move(path));
}

ControlServer::~ControlServer() {
  if (acceptor_.is_open()) ::unlink(path_.c_str());
}

ControlServer::ControlServer(ControlServer&& other) noexcept = default;

Task<void> ControlServer::run(Handler& handler, EventBus& bus, Log& log) {
  auto serve = [&](TaskGroup& clients) -> Task<void> {
    while (true) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      if (is_this_user(socket))
        clients.spawn(serve_client(std::move(socket), handler, bus));
      else
        log.warn("a process of another user tried the control socket: refused");
    }
  };
  co_await run_in_group(serve);
}

}  // namespace mailmirror::daemon::server
