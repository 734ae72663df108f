// The server's side of TLS over any transport.
#pragma once

#include "imap/transport/transport.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mailmirror::testing {

struct TlsIdentity {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

class TlsPeer final : public imap::transport::Transport {
 public:
  /// `newest`: as SSL_CTX_set_max_proto_version takes it.
  TlsPeer(std::unique_ptr<imap::transport::Transport> line, const TlsIdentity& identity, int newest = 0);
  ~TlsPeer() override;

  /// False if the client goes away or refuses.
  Task<bool> accept();
  /// The SNI that the client sent; "" for none.
  [[nodiscard]] std::string server_name() const;

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
  Task<Result<void>> write_all(std::span<const std::byte> bytes) override;
  void close() override;
  [[nodiscard]] std::uint64_t bytes_in() const override;
  [[nodiscard]] std::uint64_t bytes_out() const override;
  /// As the server computes them: tls-exporter, then SHA-256 of its certificate.
  [[nodiscard]] std::vector<imap::transport::ChannelBinding> channel_bindings() const override;
  /// The common name of the client's certificate, if it was asked for one and showed one.
  [[nodiscard]] std::string client_name() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailmirror::testing
