#include "imap/transport/memory.hpp"

#include "sync/base/event.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace mailmirror::imap::transport {
namespace {

/// One direction. `head` bytes at the front of `bytes` were read already.
struct Pipe {
  std::vector<std::byte> bytes;
  std::size_t head = 0;
  bool ended = false;

  [[nodiscard]] std::size_t size() const { return bytes.size() - head; }

  std::size_t take(std::span<std::byte> into) {
    const auto count = std::min(into.size(), size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(head), count, into.begin());
    head += count;
    if (head == bytes.size()) {
      bytes.clear();
      head = 0;
    }
    return count;
  }
};

/// What both ends share.
struct Link {
  Link(const asio::any_io_executor& executor, MemorySettings s) : settings(s), changed(executor) {}

  MemorySettings settings;
  std::array<Pipe, 2> pipes;
  std::minstd_rand split{static_cast<std::uint_fast32_t>(settings.split_seed)};
  std::uint64_t passed = 0;
  bool cut = false;
  Event changed;
};

/// How much the next read returns at most.
std::size_t next_read(Link& link) {
  if (link.settings.split_seed == 0) return link.settings.largest_read;
  constexpr std::size_t kLargestPart = 40;
  return 1 + link.split() % kLargestPart;
}

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(std::shared_ptr<Link> link, std::size_t incoming)
      : link_(std::move(link)), in_(link_->pipes[incoming]), out_(link_->pipes[1 - incoming]) {}
  ~MemoryTransport() override { close(); }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const auto link = link_;
    while (!closed_ && in_.size() == 0 && !in_.ended && !link->cut) co_await link->changed.wait();
    if (closed_) co_return fail(ErrorKind::network, "the connection was closed");
    if (in_.size() == 0 && link->cut) co_return fail(ErrorKind::network, "the connection was cut");
    const auto count = in_.take(into.first(std::min(into.size(), next_read(*link))));
    bytes_in_ += count;
    if (count > 0) link->changed.notify();
    co_return count;
  }

  Task<Result<void>> write_all(std::span<const std::byte> bytes) override {
    const auto link = link_;
    while (!bytes.empty()) {
      while (!closed_ && !link->cut && !out_.ended && out_.size() >= link->settings.capacity) co_await link->changed.wait();
      if (closed_ || link->cut || out_.ended) co_return fail(ErrorKind::network, "the connection was closed");
      bytes = bytes.subspan(put(bytes));
    }
    co_return ok();
  }

  void close() override {
    closed_ = true;
    in_.ended = true;
    out_.ended = true;
    link_->changed.notify();
  }

  [[nodiscard]] std::uint64_t bytes_in() const override { return bytes_in_; }
  [[nodiscard]] std::uint64_t bytes_out() const override { return bytes_out_; }

 private:
  std::size_t put(std::span<const std::byte> bytes) {
    const auto until_cut = link_->settings.cut_after - link_->passed;
    const auto room = std::min<std::uint64_t>(link_->settings.capacity - out_.size(), until_cut);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room));
    out_.bytes.insert(out_.bytes.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    link_->passed += count;
    link_->cut = link_->passed == link_->settings.cut_after;
    bytes_out_ += count;
    link_->changed.notify();
    return count;
  }

  std::shared_ptr<Link> link_;
  Pipe& in_;
  Pipe& out_;
  bool closed_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace

std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> memory_pair(const asio::any_io_executor& executor,
                                                                              MemorySettings settings) {
  const auto link = std::make_shared<Link>(executor, settings);
  return {std::make_unique<MemoryTransport>(link, 0), std::make_unique<MemoryTransport>(link, 1)};
}

}  // namespace mailmirror::imap::transport
