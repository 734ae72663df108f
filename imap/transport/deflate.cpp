#include "imap/transport/deflate.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mailmirror::imap::transport {
namespace {

/// Raw deflate. Commands are short and few connections exist: a small window and little memory for our direction; the server's
/// may be the largest there is.
constexpr int kOwnWindowBits = -13;
constexpr int kOwnMemoryLevel = 6;
constexpr int kPeerWindowBits = -15;

constexpr std::size_t kBuffer = 16 * 1024;

Bytef* zlib_bytes(const std::byte* bytes) {
  // zlib's interface has no const; it only reads from next_in.
  return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes));
}

class DeflateTransport final : public Transport {
 public:
  DeflateTransport(std::unique_ptr<Transport> below, std::vector<std::byte> already_read)
      : below_(std::move(below)), input_(std::move(already_read)) {
    if (inflateInit2(&inflate_, kPeerWindowBits) != Z_OK) throw std::bad_alloc();
    if (deflateInit2(&deflate_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kOwnWindowBits, kOwnMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      inflateEnd(&inflate_);
      throw std::bad_alloc();
    }
    inflate_.next_in = zlib_bytes(input_.data());
    inflate_.avail_in = static_cast<uInt>(input_.size());
  }
  ~DeflateTransport() override {
    inflateEnd(&inflate_);
    deflateEnd(&deflate_);
  }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    for (;;) {
      const auto count = inflate_into(into);
      MAILMIRROR_CO_TRY(count);
      if (*count > 0 || ended_) co_return *count;
      input_.resize(kBuffer);
      const auto arrived = co_await below_->read_some(input_);
      MAILMIRROR_CO_TRY(arrived);
      if (*arrived == 0) co_return std::size_t{0};
      inflate_.next_in = zlib_bytes(input_.data());
      inflate_.avail_in = static_cast<uInt>(*arrived);
    }
  }

  Task<Result<void>> write_all(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min(bytes.size(), kBuffer));
      bytes = bytes.subspan(piece.size());
      deflate_.next_in = zlib_bytes(piece.data());
      deflate_.avail_in = static_cast<uInt>(piece.size());
      const auto written = co_await write_deflated(bytes.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      MAILMIRROR_CO_TRY(written);
    }
    co_return ok();
  }

  void close() override { below_->close(); }
  [[nodiscard]] std::uint64_t bytes_in() const override { return below_->bytes_in(); }
  [[nodiscard]] std::uint64_t bytes_out() const override { return below_->bytes_out(); }
  [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const override { return below_->channel_bindings(); }

 private:
  Result<std::size_t> inflate_into(std::span<std::byte> into) {
    if (ended_) return std::size_t{0};
    const auto room = static_cast<uInt>(std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max()));
    inflate_.next_out = zlib_bytes(into.data());
    inflate_.avail_out = room;
    const int outcome = inflate(&inflate_, Z_SYNC_FLUSH);
    ended_ = outcome == Z_STREAM_END;
    // Z_BUF_ERROR only says that there was nothing to do.
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR)
      return fail(ErrorKind::protocol,
                  fmt::format("the server's compressed data is damaged ({}); compress = false avoids compression",
                              inflate_.msg == nullptr ? "zlib" : inflate_.msg));
    return static_cast<std::size_t>(room - inflate_.avail_out);
  }

  Task<Result<void>> write_deflated(int flush) {
    do {
      deflate_.next_out = zlib_bytes(output_.data());
      deflate_.avail_out = static_cast<uInt>(output_.size());
      deflate(&deflate_, flush);
      const auto ready = std::span<const std::byte>(output_).first(output_.size() - deflate_.avail_out);
      if (ready.empty()) continue;
      const auto written = co_await below_->write_all(ready);
      MAILMIRROR_CO_TRY(written);
    } while (deflate_.avail_out == 0);
    co_return ok();
  }

  std::unique_ptr<Transport> below_;
  std::vector<std::byte> input_;
  std::array<std::byte, kBuffer> output_{};
  z_stream inflate_{};
  z_stream deflate_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Transport> wrap_deflate(std::unique_ptr<Transport> below, std::vector<std::byte> already_read) {
  return std::make_unique<DeflateTransport>(std::move(below), std::move(already_read));
}

}  // namespace mailmirror::imap::transport
