// Digests of bodies that are read and not kept.
#pragma once

#include "imap/client/fetch.hpp"
#include "sync/base/digest.hpp"

#include <map>

namespace mailmirror::sync {

/// Of the bytes as served.
class DigestSink final : public imap::client::BodySink {
 public:
  void begin(std::uint64_t) override { hash_ = Sha256(); }
  void data(std::span<const std::byte> bytes) override { hash_.update(bytes); }
  void end(const imap::wire::Fetch& fetch) override {
    if (fetch.uid) digests_.emplace(*fetch.uid, hash_.finish());
  }
  Task<void> ready() override { co_return; }

  [[nodiscard]] const std::map<Uid, Digest>& digests() const { return digests_; }

 private:
  Sha256 hash_;
  std::map<Uid, Digest> digests_;
};

}  // namespace mailmirror::sync
