#include "daemon/control/client.hpp"

#include "sync/base/task.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace mailmirror::daemon::control {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A status of a hundred thousand mailboxes fits.
constexpr std::size_t kLongestAnswer = 64 * 1024 * 1024;

std::string reason(int number) {
  return std::generic_category().message(number);
}

Error nobody_answers(const std::filesystem::path& socket, int number) {
  if (number == EACCES || number == EPERM)
    return fail(ErrorKind::network, fmt::format("the socket {} can't be used: {}. It belongs to the user who runs mailmirrord",
                                                socket.string(), reason(number)));
  if (number == EAGAIN)
    return fail(ErrorKind::network,
                fmt::format("the daemon at {} takes no connection: it is overloaded or stopped", socket.string()));
  return fail(ErrorKind::network,
              fmt::format("no daemon answers at {} ({}): start it with 'mailmirrord' (under systemd: 'systemctl --user "
                          "start mailmirror'), or name its socket with --socket",
                          socket.string(), reason(number)));
}

/// What poll() takes: rounded up, so that no deadline is found early again and again.
int left_until(const std::optional<steady_clock::time_point>& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::optional<steady_clock::time_point> deadline_after(Client::Patience patience) {
  if (!patience) return std::nullopt;
  return steady_clock::now() + *patience;
}

Error error_from_answer(const Json& error) {
  const auto text = error.is_object() ? error.value("message", Json()) : Json();
  const auto message = text.is_string() ? text.get<std::string>() : std::string("the daemon failed without saying why");
  const auto code = error.is_object() ? error.value("code", Json()) : Json();
  if (code == static_cast<int>(RpcError::failed)) return fail(ErrorKind::refused, message);
  if (code == static_cast<int>(RpcError::method_not_found) || code == static_cast<int>(RpcError::not_available))
    return fail(ErrorKind::unsupported, message);
  return fail(ErrorKind::protocol, message);
}

}  // namespace

Result<Client> Client::connect(const std::filesystem::path& socket, int interrupt) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = socket.string();
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorKind::configuration,
                fmt::format("{} can't be a socket: its path is longer than {} bytes", path, sizeof address.sun_path - 1));
  path.copy(address.sun_path, path.size());
  Client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), interrupt, socket);
  if (client.descriptor_ < 0) return error_from_errno(errno, "can't make a socket");
  if (::connect(client.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return nobody_answers(socket, errno);
  return client;
}

Client::Client(int descriptor, int interrupt, std::filesystem::path socket)
    : descriptor_(descriptor), interrupt_(interrupt), socket_(std::move(socket)), lines_(kLongestAnswer) {}

Client::~Client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      interrupt_(other.interrupt_),
      socket_(std::move(other.socket_)),
      lines_(std::move(other.lines_)),
      last_id_(other.last_id_) {}

Result<Json> Client::call(std::string_view method, const Json& params, Patience patience, const OnEvent& on_event) {
  const auto deadline = deadline_after(patience);
  const int id = ++last_id_;
  const auto sent = send(encode_request(method, params, id), deadline);
  MAILMIRROR_TRY(sent);
  while (true) {
    auto document = receive(deadline);
    MAILMIRROR_TRY(document);
    if (document->value("method", Json()) == "event") {
      if (on_event) on_event(document->value("params", Json::object()));
    } else if (document->value("id", Json()) == id) {
      if (const auto error = document->find("error"); error != document->end()) return error_from_answer(*error);
      return document->value("result", Json());
    }
  }
}

Error Client::listen(const OnEvent& on_event) {
  while (true) {
    const auto document = receive(std::nullopt);
    if (!document) return document.error();
    if (document->value("method", Json()) == "event") on_event(document->value("params", Json::object()));
  }
}

bool Client::wait_for_end(milliseconds patience) {
  const auto deadline = deadline_after(patience);
  while (true) {
    const auto document = receive(deadline);
    if (!document) return document.error().kind != ErrorKind::timeout;
  }
}

Result<void> Client::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return went_away();
    const auto ready = wait_until_ready(POLLOUT, deadline);
    MAILMIRROR_TRY(ready);
  }
  return ok();
}

/// The next document, which is an object.
Result<Json> Client::receive(Deadline deadline) {
  while (true) {
    if (const auto line = lines_.next()) {
      const auto* text = std::get_if<std::string>(&*line);
      auto document = text != nullptr ? Json::parse(*text, nullptr, false) : Json();
      if (document.is_object()) return document;
      return fail(ErrorKind::protocol, fmt::format("what answers at {} is no mailmirrord", socket_.string()));
    }
    const auto ready = wait_until_ready(POLLIN, deadline);
    MAILMIRROR_TRY(ready);
    std::array<char, 16 * 1024> piece{};
    const auto got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got > 0) lines_.append({piece.data(), static_cast<std::size_t>(got)});
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return went_away();
  }
}

Result<void> Client::wait_until_ready(short what, Deadline deadline) {
  std::array<pollfd, 2> watched{{{descriptor_, what, 0}, {interrupt_, POLLIN, 0}}};
  while (true) {
    const int ready = ::poll(watched.data(), watched.size(), left_until(deadline));
    if (ready < 0 && errno != EINTR) return error_from_errno(errno, "poll");
    if (watched[1].revents != 0) throw boost::system::system_error(asio::error::operation_aborted);
    if (ready > 0) return ok();
    if (ready == 0 && left_until(deadline) == 0)
      return fail(ErrorKind::timeout,
                  fmt::format("the daemon at {} gives no answer in time: is it stopped or stuck? Look at its log, or "
                              "restart it",
                              socket_.string()));
  }
}

Error Client::went_away() const {
  return fail(ErrorKind::network, fmt::format("the daemon at {} ended the connection", socket_.string()));
}

}  // namespace mailmirror::daemon::control
