#include "tests/simulation/network.hpp"

#include "sync/base/timeout.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace mailmirror::simulation {
namespace {

constexpr auto kQuickest = std::chrono::microseconds(200);
constexpr auto kSlowest = std::chrono::milliseconds(30);
/// How long a dead connection's bytes may still be under way: less than the client's settle time (semantics, hard case 12).
constexpr std::uint64_t kLatestMilliseconds = 4000;

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

class SimulatedTransport final : public imap::transport::Transport {
 public:
  explicit SimulatedTransport(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  ~SimulatedTransport() override { close(); }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const auto line = line_;
    while (true) {
      if (line->client_closed) co_return fail(ErrorKind::network, "the connection was closed");
      auto& pieces = line->to_client.pieces;
      auto& clock = line->network.clock_;
      if (!pieces.empty() && pieces.front().arrives <= clock.steady_now()) break;
      if (pieces.empty() && line->cut) co_return fail(ErrorKind::network, "the connection was cut");
      if (pieces.empty() && line->server_closed) co_return std::size_t{0};
      const auto due = pieces.empty() ? SteadyTime::max() : pieces.front().arrives;
      co_await wait_until(line, due);
    }
    co_return take(*line, into);
  }

  Task<Result<void>> write_all(std::span<const std::byte> bytes) override {
    const auto line = line_;
    if (line->client_closed || line->cut) co_return fail(ErrorKind::network, "the connection was closed");
    out_ += bytes.size();
    line->network.post(*line, line->to_server, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    co_return ok();
  }

  void close() override {
    line_->client_closed = true;
    line_->changed.notify();
  }

  [[nodiscard]] std::uint64_t bytes_in() const override { return in_; }
  [[nodiscard]] std::uint64_t bytes_out() const override { return out_; }

 private:
  /// Until something changes on the line, or a piece is due.
  static Task<void> wait_until(std::shared_ptr<Line> line, SteadyTime due) {
    if (due == SteadyTime::max()) {
      co_await line->changed.wait();
      co_return;
    }
    auto changed = wait_for_change(line);
    // The deadline is the piece's arrival.
    const auto woken = co_await with_deadline(line->network.clock_, due, "the line", std::move(changed));
    static_cast<void>(woken);
  }

  static Task<Result<void>> wait_for_change(std::shared_ptr<Line> line) {
    co_await line->changed.wait();
    co_return ok();
  }

  std::size_t take(Line& line, std::span<std::byte> into) {
    auto& piece = line.to_client.pieces.front();
    const auto most = std::min(into.size(), piece.bytes.size());
    const auto count = line.network.random_.chance(20) ? 1 + line.network.random_.below(most) : most;
    std::copy_n(reinterpret_cast<const std::byte*>(piece.bytes.data()), count, into.begin());
    piece.bytes.erase(0, count);
    if (piece.bytes.empty()) line.to_client.pieces.pop_front();
    in_ += count;
    return count;
  }

  std::shared_ptr<Line> line_;
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
};

class SimulatedConnector final : public imap::transport::Connector {
 public:
  SimulatedConnector(Network& network, int device) : network_(network), device_(device) {}
  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string, std::uint16_t) override { return network_.connect(device_); }

 private:
  Network& network_;
  int device_;
};

Network::Network(asio::any_io_executor executor, Clock& clock, MailStore& store, const Profile& profile, PlantedBug bug, SeededRandom random)
    : executor_(std::move(executor)), clock_(clock), store_(store), profile_(profile), bug_(bug), random_(random) {
  store_.on_change([this] { push_news(); });
}

std::unique_ptr<imap::transport::Connector> Network::connector(int device) {
  return std::make_unique<SimulatedConnector>(*this, device);
}

Task<Result<std::unique_ptr<imap::transport::Transport>>> Network::connect(int device) {
  co_await clock_.sleep(latency());
  auto& faults = faults_[device];
  if (faults.refused_connects > 0) {
    --faults.refused_connects;
    co_return fail(ErrorKind::network, "localhost:143: connection refused");
  }
  const auto line = std::make_shared<Line>(*this, device, executor_);
  line->cut_after = std::exchange(faults.cut_after, 0);
  const auto refuse = [this, device](const std::string& verb) -> std::optional<std::string> {
    auto& wanted = faults_[device].refused_verb;
    if (wanted.empty() || wanted != verb) return std::nullopt;
    wanted.clear();
    return "NO not now";
  };
  const std::weak_ptr<Line> weak = line;
  const auto send = [this, weak](std::string text) {
    if (const auto open = weak.lock()) post(*open, open->to_client, std::move(text));
  };
  line->conversation = std::make_unique<Conversation>(store_, profile_, bug_, counters_, refuse, send);
  std::erase_if(lines_, [](const auto& old) { return old.expired(); });
  lines_.push_back(line);
  line->conversation->greet();
  asio::co_spawn(executor_, serve(line), rethrow);
  co_return std::make_unique<SimulatedTransport>(line);
}

/// Executes what arrives, also after the client has gone: a server doesn't know yet.
Task<void> Network::serve(std::shared_ptr<Line> line) {
  auto& pieces = line->to_server.pieces;
  while (true) {
    while (pieces.empty() && !line->client_closed && !line->cut) co_await line->changed.wait();
    if (pieces.empty()) break;
    co_await clock_.sleep_until(pieces.front().arrives);
    if (pieces.empty()) continue;
    const auto bytes = std::move(pieces.front().bytes);
    pieces.pop_front();
    line->conversation->receive(bytes);
    if (line->conversation->ended()) break;
  }
  line->server_closed = true;
  line->conversation.reset();
  line->changed.notify();
}

void Network::push_news() {
  for (const auto& weak : lines_)
    if (const auto line = weak.lock(); line && line->conversation && !line->cut) line->conversation->push();
}

void Network::post(Line& line, Stream& stream, std::string bytes) {
  const bool outward = &stream == &line.to_server;
  if (traffic_) traffic_(line.device, outward ? '>' : '<', bytes);
  if (line.cut) return;
  const auto room = line.cut_after == 0 ? bytes.size() : std::min<std::uint64_t>(bytes.size(), line.cut_after - line.passed);
  const bool last = line.cut_after != 0 && room < bytes.size();
  bytes.resize(room);
  line.passed += room;
  stream.last_arrival = std::max(stream.last_arrival, clock_.steady_now() + latency());
  if (!bytes.empty()) stream.pieces.push_back({stream.last_arrival, std::move(bytes)});
  if (last) cut(line);
  line.changed.notify();
}

void Network::cut(Line& line) {
  line.cut = true;
  const auto late = random_.chance(50) ? std::chrono::milliseconds(random_.below(kLatestMilliseconds)) : std::chrono::milliseconds(0);
  for (auto& piece : line.to_server.pieces) piece.arrives += late;
  // The client may not read what was under way to it.
  if (random_.chance(50)) line.to_client.pieces.clear();
  line.changed.notify();
  if (cut_) cut_(line.device);
}

void Network::cut_lines(int device) {
  for (const auto& weak : lines_)
    if (const auto line = weak.lock(); line && !line->cut && (device < 0 || line->device == device)) cut(*line);
}

bool Network::busy() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& weak) {
    const auto line = weak.lock();
    return line && !line->to_server.pieces.empty();
  });
}

Duration Network::latency() {
  const auto span = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(kSlowest - kQuickest).count());
  // Mostly quick; a few packets are slow.
  const auto part = random_.chance(80) ? span / 20 : span;
  return kQuickest + std::chrono::microseconds(random_.below(part + 1));
}

}  // namespace mailmirror::simulation
