#include "tests/support/tcp_proxy.hpp"

#include "sync/base/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace mailmirror::testing {
namespace {

using Tcp = asio::ip::tcp;
constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr Milliseconds kCarriedOut{300};
constexpr Milliseconds kStallCheck{5};

enum class Way : std::uint8_t { to_server, to_client };

/// Said in the server's place after so many of its lines.
struct Injection {
  std::uint64_t lines = 0;
  std::string text;
};

struct Settings {
  Milliseconds latency{0};
  bool stalled = false;
  bool refusing = false;
  bool recording = false;
  bool injected = false;
  std::vector<std::uint64_t> cuts;
  std::optional<Injection> injection;
  std::string unanswered;  ///< "": all are answered
};

/// Both sockets of one line; it lives until both pumps have ended.
struct Line {
  Line(Tcp::socket from, const asio::any_io_executor& executor) : client(std::move(from)), server(executor) {}
  Tcp::socket client;
  Tcp::socket server;
  /// The server isn't heard any more.
  bool deaf = false;
  /// What may still pass before the cut.
  std::uint64_t left = UINT64_MAX;
  std::optional<Injection> injection;

  /// `bytes` as the client gets them.
  std::string with_injection(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
      if (injection && injection->lines == 0) {
        out += injection->text;
        injection.reset();
      }
      out += c;
      if (injection && c == '\n') --injection->lines;
    }
    return out;
  }

  void close() {
    boost::system::error_code ignored;
    // A reset, as a broken line gives one: what is under way in either direction is lost.
    client.set_option(asio::socket_base::linger(true, 0), ignored);
    server.set_option(asio::socket_base::linger(true, 0), ignored);
    client.close(ignored);
    server.close(ignored);
  }
};

}  // namespace

/// Lives on the proxy's thread; the mutex guards what other threads set and read.
struct TcpProxy::Core {
  explicit Core(std::uint16_t to) : acceptor(context, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)), server_port(to) {}

  Task<void> listen();
  Task<void> connect(std::shared_ptr<Line> line);
  Task<void> pump(std::shared_ptr<Line> line, Way way);
  Task<void> wait_while_stalled();
  void count(Way way, std::string_view bytes);
  std::uint64_t take_cut();
  bool is_unanswered(std::string_view bytes);

  template <class Visit>
  auto with_settings(Visit visit) {
    const std::lock_guard lock(mutex);
    return visit(settings);
  }

  asio::io_context context{1};
  Tcp::acceptor acceptor;
  std::uint16_t server_port;
  std::list<std::weak_ptr<Line>> lines;
  std::thread thread;

  std::mutex mutex;
  Settings settings;
  Traffic traffic;
  Way last_way = Way::to_client;
  std::string spoken;
};

Task<void> TcpProxy::Core::listen() {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kQuietly);
    if (error) co_return;
    if (with_settings([](const Settings& s) { return s.refusing; })) continue;
    auto line = std::make_shared<Line>(std::move(socket), context.get_executor());
    line->left = take_cut();
    line->injection = with_settings([](Settings& s) { return std::exchange(s.injection, std::nullopt); });
    lines.remove_if([](const auto& old) { return old.expired(); });
    lines.push_back(line);
    asio::co_spawn(context, connect(line), asio::detached);
  }
}

std::uint64_t TcpProxy::Core::take_cut() {
  const std::lock_guard lock(mutex);
  ++traffic.connections;
  // The server speaks first: its greeting ends no round trip.
  last_way = Way::to_client;
  if (settings.cuts.empty()) return UINT64_MAX;
  const auto bytes = settings.cuts.front();
  settings.cuts.erase(settings.cuts.begin());
  return bytes;
}

Task<void> TcpProxy::Core::connect(std::shared_ptr<Line> line) {
  const Tcp::endpoint target(asio::ip::address_v4::loopback(), server_port);
  const auto [error] = co_await line->server.async_connect(target, kQuietly);
  if (error) {
    line->close();
    co_return;
  }
  boost::system::error_code ignored;
  line->server.set_option(Tcp::no_delay(true), ignored);
  line->client.set_option(Tcp::no_delay(true), ignored);
  asio::co_spawn(context, pump(line, Way::to_server), asio::detached);
  asio::co_spawn(context, pump(line, Way::to_client), asio::detached);
}

Task<void> TcpProxy::Core::wait_while_stalled() {
  asio::steady_timer timer(context);
  while (with_settings([](const Settings& s) { return s.stalled; })) {
    timer.expires_after(kStallCheck);
    co_await timer.async_wait(kQuietly);
  }
}

Task<void> TcpProxy::Core::pump(std::shared_ptr<Line> line, Way way) {
  auto& from = way == Way::to_server ? line->client : line->server;
  auto& to = way == Way::to_server ? line->server : line->client;
  std::array<char, 1U << 16> bytes{};
  asio::steady_timer timer(context);
  for (;;) {
    const auto [error, got] = co_await from.async_read_some(asio::buffer(bytes), kQuietly);
    if (error) break;
    if (const auto latency = with_settings([](const Settings& s) { return s.latency; }); latency.count() > 0) {
      timer.expires_after(latency);
      co_await timer.async_wait(kQuietly);
    }
    co_await wait_while_stalled();
    const auto passing = static_cast<std::size_t>(std::min<std::uint64_t>(got, line->left));
    line->left -= passing;
    count(way, {bytes.data(), passing});
    std::string out(bytes.data(), passing);
    if (way == Way::to_client && line->injection) {
      out = line->with_injection(out);
      if (!line->injection) with_settings([](Settings& s) { s.injected = true; });
    }
    if (way == Way::to_client && line->deaf) continue;
    if (way == Way::to_server && is_unanswered(out)) line->deaf = true;
    const auto [write_error, written] = co_await asio::async_write(to, asio::buffer(out), kQuietly);
    if (way == Way::to_server && line->deaf) {
      timer.expires_after(kCarriedOut);
      co_await timer.async_wait(kQuietly);
      line->close();
      co_return;
    }
    if (write_error || line->left == 0) {
      line->close();
      co_return;
    }
  }
  // The end of one direction ends the other only after what was sent before it.
  boost::system::error_code ignored;
  to.shutdown(Tcp::socket::shutdown_send, ignored);
}

bool TcpProxy::Core::is_unanswered(std::string_view bytes) {
  const std::lock_guard lock(mutex);
  if (settings.unanswered.empty() || bytes.find(settings.unanswered) == bytes.npos) return false;
  settings.unanswered.clear();
  return true;
}

void TcpProxy::Core::count(Way way, std::string_view bytes) {
  const std::lock_guard lock(mutex);
  if (way == Way::to_server) {
    traffic.to_server += bytes.size();
    if (last_way == Way::to_client) ++traffic.round_trips;
    if (settings.recording) spoken += bytes;
  } else {
    traffic.to_client += bytes.size();
  }
  last_way = way;
}

TcpProxy::TcpProxy(std::uint16_t server_port) : core_(std::make_shared<Core>(server_port)) {
  asio::co_spawn(core_->context, core_->listen(), asio::detached);
  core_->thread = std::thread([core = core_.get()] { core->context.run(); });
}

TcpProxy::~TcpProxy() {
  core_->context.stop();
  core_->thread.join();
}

std::uint16_t TcpProxy::port() const {
  return core_->acceptor.local_endpoint().port();
}

Traffic TcpProxy::traffic() const {
  const std::lock_guard lock(core_->mutex);
  return core_->traffic;
}

void TcpProxy::reset_traffic() {
  const std::lock_guard lock(core_->mutex);
  core_->traffic = {};
  core_->spoken.clear();
}

std::string TcpProxy::spoken() const {
  const std::lock_guard lock(core_->mutex);
  return core_->spoken;
}

void TcpProxy::record() {
  core_->with_settings([](Settings& s) { s.recording = true; });
}
void TcpProxy::set_latency(Milliseconds latency) {
  core_->with_settings([&](Settings& s) { s.latency = latency; });
}
void TcpProxy::cut_after(std::vector<std::uint64_t> byte_counts) {
  core_->with_settings([&](Settings& s) { s.cuts = std::move(byte_counts); });
}
void TcpProxy::inject(std::uint64_t lines, std::string text) {
  core_->with_settings([&](Settings& s) {
    s.injection = Injection{lines, std::move(text)};
    s.injected = false;
  });
}
bool TcpProxy::injected() const {
  return core_->with_settings([](const Settings& s) { return s.injected; });
}
void TcpProxy::lose_answer_to(std::string text) {
  core_->with_settings([&](Settings& s) { s.unanswered = std::move(text); });
}
bool TcpProxy::answer_lost() const {
  return core_->with_settings([](const Settings& s) { return s.unanswered.empty(); });
}
std::size_t TcpProxy::cuts_left() const {
  return core_->with_settings([](const Settings& s) { return s.cuts.size(); });
}
void TcpProxy::stall() {
  core_->with_settings([](Settings& s) { s.stalled = true; });
}
void TcpProxy::flow() {
  core_->with_settings([](Settings& s) { s.stalled = false; });
}
void TcpProxy::refuse() {
  core_->with_settings([](Settings& s) { s.refusing = true; });
}
void TcpProxy::accept() {
  core_->with_settings([](Settings& s) { s.refusing = false; });
}

void TcpProxy::cut_all() {
  asio::post(core_->context, [core = core_.get()] {
    for (const auto& weak : core->lines)
      if (const auto line = weak.lock()) line->close();
  });
}

}  // namespace mailmirror::testing
