// The server's side of TLS over any transport: greets, then gives back what it gets.
#pragma once

#include "imap/transport/transport.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace mailmirror::testing {

class TlsPeer {
 public:
  TlsPeer(std::unique_ptr<imap::transport::Transport> line, const std::filesystem::path& certificate, const std::filesystem::path& key);
  TlsPeer(TlsPeer&&) noexcept;
  ~TlsPeer();

  /// Until the client goes. One client, one call.
  Task<void> serve();

  /// The SNI that the client sent; "" for none.
  [[nodiscard]] std::string server_name() const;

 private:
  struct State;
  static Task<void> serve(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace mailmirror::testing
