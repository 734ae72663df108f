#include "store/watch/inotify_watcher.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace mailmirror::store {
namespace {

/// A read returns whole events only: room for some hundred of them.
constexpr std::size_t kReadSize = 64 * 1024;

std::uint32_t mask_of(WatchFor what) {
  constexpr std::uint32_t kAlways =
      IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_CREATE;
  return what == WatchFor::messages ? kAlways | IN_CLOSE_WRITE : kAlways;
}

std::optional<WatchKind> kind_of(std::uint32_t mask) {
  if ((mask & IN_CREATE) != 0) return WatchKind::created;
  if ((mask & IN_CLOSE_WRITE) != 0) return WatchKind::written;
  if ((mask & IN_MOVED_TO) != 0) return WatchKind::moved_in;
  if ((mask & (IN_MOVED_FROM | IN_DELETE)) != 0) return WatchKind::gone;
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) return WatchKind::self_gone;
  return std::nullopt;
}

bool concerns(WatchFor what, std::uint32_t mask) {
  const bool is_directory = (mask & IN_ISDIR) != 0;
  return is_directory == (what == WatchFor::folders);
}

Error error_of_watch(int number, const std::filesystem::path& directory) {
  const auto path = directory.string();
  if (number == ENOSPC)
    return {ErrorKind::io, fmt::format("can't watch {}: this user has no more inotify watches. Raise the limit: "
                                       "sysctl fs.inotify.max_user_watches=1048576",
                                       path)};
  if (number == EEXIST) return {ErrorKind::exists, fmt::format("{} is watched already", path)};
  return error_from_errno(number, fmt::format("can't watch {}", path));
}

}  // namespace

Result<std::unique_ptr<Watcher>> InotifyWatcher::open(const asio::any_io_executor& executor) {
  const int file = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (file >= 0) return std::unique_ptr<Watcher>(new InotifyWatcher(executor, file));
  if (errno == EMFILE)
    return fail(ErrorKind::io,
                "can't watch directories: this user has no more inotify instances, or this process no more open "
                "files. Raise the limit: sysctl fs.inotify.max_user_instances=1024, or ulimit -n");
  return error_from_errno(errno, "can't watch directories (inotify)");
}

InotifyWatcher::InotifyWatcher(const asio::any_io_executor& executor, int file) : descriptor_(executor, file) {}

Result<WatchId> InotifyWatcher::watch(const std::filesystem::path& directory, WatchFor what) {
  const int number = inotify_add_watch(descriptor_.native_handle(), directory.c_str(), mask_of(what));
  if (number < 0) return error_of_watch(errno, directory);
  watches_.emplace(WatchId{number}, what);
  return WatchId{number};
}

void InotifyWatcher::unwatch(WatchId id) {
  if (watches_.erase(id) > 0) end(id);
}

/// The kernel may have ended it by itself meanwhile; then there is nothing left to do.
void InotifyWatcher::end(WatchId id) {
  static_cast<void>(inotify_rm_watch(descriptor_.native_handle(), id.value()));
}

Task<Result<std::vector<WatchEvent>>> InotifyWatcher::next() {
  while (true) {
    auto events = fetch();
    if (!events || !events->empty()) co_return events;
    auto [failure] =
        co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
    if (failure == asio::error::operation_aborted) throw boost::system::system_error(failure);
    if (failure) co_return error_from_errno(failure.value(), "can't wait for changes of directories (inotify)");
  }
}

/// Empty where there are no events now, or only such as concern nobody.
Result<std::vector<WatchEvent>> InotifyWatcher::fetch() {
  std::vector<std::byte> buffer(kReadSize);
  std::vector<WatchEvent> events;
  while (events.empty()) {
    const auto length = ::read(descriptor_.native_handle(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) break;
    if (length < 0) return error_from_errno(errno, "can't read changes of directories (inotify)");
    take(std::span(buffer).first(static_cast<std::size_t>(length)), events);
  }
  return events;
}

void InotifyWatcher::take(std::span<const std::byte> bytes, std::vector<WatchEvent>& events) {
  inotify_event head{};
  while (bytes.size() >= sizeof head) {
    std::memcpy(&head, bytes.data(), sizeof head);
    const auto tail = bytes.subspan(sizeof head);
    const auto length = std::min<std::size_t>(head.len, tail.size());
    const auto* text = reinterpret_cast<const char*>(tail.data());
    std::string name(text, strnlen(text, length));
    bytes = tail.subspan(length);

    if ((head.mask & IN_Q_OVERFLOW) != 0) {
      events.push_back({WatchId{}, WatchKind::overflow, {}});
      continue;
    }
    const WatchId id{head.wd};
    const auto watched = watches_.find(id);
    const auto kind = kind_of(head.mask);
    if (watched == watches_.end() || !kind) continue;
    if (*kind == WatchKind::self_gone) {
      watches_.erase(watched);
      end(id);
    } else if (!concerns(watched->second, head.mask)) {
      continue;
    }
    events.push_back({id, *kind, std::move(name)});
  }
}

}  // namespace mailmirror::store
